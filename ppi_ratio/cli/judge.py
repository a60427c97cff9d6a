"""The verbs that evaluate and compare models: evaluate, compare, report."""

from pathlib import Path
from typing import Annotated

import typer

from ppi_ratio.cli.options import (
    Columns,
    EncoderOf,
    Known,
    MatchIds,
    ModelFolder,
    Overrides,
    Renormalise,
    VectorFiles,
    kinds_of_difference,
    seed_of,
)
from ppi_ratio.cli.paths import check_configured, check_no_file, existing, existing_run
from ppi_ratio.errors import ConfigError

PANEL = "Evaluate and compare"
verbs = typer.Typer()


@verbs.command(rich_help_panel=PANEL)
def evaluate(
    model: ModelFolder,
    pairs: Annotated[
        Path,
        typer.Argument(
            help="Test pairs: with labels 1 and 0, or interactions only. If all are interactions, "
            "random non-pairs are drawn.",
            callback=existing,
        ),
    ],
    embeddings: VectorFiles,
    encoder: EncoderOf = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write.")] = None,
    known: Known = None,
    train: Annotated[
        Path | None,
        typer.Option(
            help="Training pairs, to train baselines on (slower). They are never drawn as "
            "non-pairs.",
            callback=existing,
        ),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(
            help="Validation pairs, in addition to --train, for a model trained with trainer.refit "
            "(which learns from both parts).",
            callback=existing,
        ),
    ] = None,
    match_ids: MatchIds = None,
    columns: Columns = None,
    renormalise: Renormalise = False,
    seed: Annotated[int, seed_of("the drawn non-pairs")] = 0,
) -> None:
    """Evaluate a model on test pairs, beside baselines, with 95 % intervals.

    Example: ppi-ratio evaluate run/model parts/test.tsv --embeddings vectors.h5

    Writes: a table on the terminal; with --out also results.parquet and figures.
    """
    check_no_file(out)
    if validation is not None and train is None:
        raise ConfigError("--validation: baselines learn from both parts; give --train too")
    from ppi_ratio.cli.evaluating import evaluate_model
    from ppi_ratio.model.ratio_model import RatioModel
    from ppi_ratio.model.vectors import vectors_for

    loaded = RatioModel.load(model)
    kinds = kinds_of_difference(match_ids)
    vectors = vectors_for(
        loaded, embeddings=embeddings, fasta=None, encoder=encoder, match_ids=kinds
    )
    evaluate_model(
        loaded,
        pairs,
        vectors,
        known=known,
        columns=columns,
        training=train,
        validation=validation,
        renormalise=renormalise,
        out=out,
        seed=seed,
    )


@verbs.command(rich_help_panel=PANEL)
def compare(
    config: Annotated[
        Path, typer.Argument(help="YAML file of one comparison; see configs/compare/.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    overrides: Overrides = None,
    workers: Annotated[
        int | None, typer.Option(help="Number of processes; one per core if not given.", min=1)
    ] = None,
) -> None:
    """Compare objectives, critics, seeds and splits on the same pairs.

    Interrupt the command and run it again: it resumes.

    Example: ppi-ratio compare configs/compare/yeast_demo.yaml --out comparison

    Writes: a folder of tables (.parquet), which ppi-ratio report turns into a page.
    """
    check_configured(config, overrides or [])
    from ppi_ratio.report.console import print_summary
    from ppi_ratio.runs.comparing import run_comparison
    from ppi_ratio.settings.comparison import read_comparison

    tables = run_comparison(read_comparison(config, overrides or []), out, workers=workers)
    print_summary(tables.summary)
    typer.echo(f"{out}: results.parquet, summary.parquet and differences.parquet")


@verbs.command(rich_help_panel=PANEL)
def report(
    run: Annotated[
        Path, typer.Argument(help="Folder that ppi-ratio compare wrote.", callback=existing_run)
    ],
    out: Annotated[
        Path | None, typer.Option(help="Page to write; RUN/report.html if not given.")
    ] = None,
) -> None:
    """Turn the results of compare into one HTML page that needs no network.

    Example: ppi-ratio report comparison

    Writes: one .html file with tables and figures.
    """
    from ppi_ratio.report.page import write_report

    page = write_report(run, out)
    typer.echo(f"{page}: {page.stat().st_size / 1e6:.1f} MB")
