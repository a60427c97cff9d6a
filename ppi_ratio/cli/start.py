"""The verb for beginners: demo."""

from pathlib import Path
from typing import Annotated

import typer

from ppi_ratio.cli.options import seed_of

verbs = typer.Typer()


@verbs.command(rich_help_panel="Start here")
def demo(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("ppi_ratio_demo"),
    seed: Annotated[int, seed_of("the split, the weights and the batches")] = 0,
) -> None:
    """Train and evaluate three models on real yeast interactions (about 3 minutes, no network).

    Example: ppi-ratio demo --out ppi_ratio_demo

    Writes: a folder with models, results.parquet, candidates.tsv (new pairs) and figures.
    """
    from ppi_ratio.cli.demo import run_demo

    run_demo(out, seed=seed)
