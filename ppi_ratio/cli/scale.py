"""The verbs for whole proteomes: screen, merge."""

from pathlib import Path
from typing import Annotated

import typer

from ppi_ratio.cli.options import (
    Device,
    EncoderOf,
    ModelFolder,
    Prior,
    ProductPrecision,
    ShardOf,
    VectorFiles,
    this_shard,
)
from ppi_ratio.cli.paths import check_spares, existing

PANEL = "Large jobs"
TOP_K = 100
verbs = typer.Typer()


@verbs.command(rich_help_panel=PANEL)
def screen(
    model: ModelFolder,
    embeddings: VectorFiles,
    out: Annotated[Path, typer.Option(help="Table to write: .parquet, .tsv or .csv.")],
    left: Annotated[
        Path | None,
        typer.Option(
            help="Ids to find partners for, one per line; all proteins if not given.",
            callback=existing,
        ),
    ] = None,
    right: Annotated[
        Path | None,
        typer.Option(
            help="Ids of possible partners, one per line; all proteins if not given.",
            callback=existing,
        ),
    ] = None,
    top_k: Annotated[
        int | None,
        typer.Option(
            help="Keep this many partners of each left protein; 100 if neither this nor "
            "--min-log-ratio is given.",
            min=1,
        ),
    ] = None,
    min_log_ratio: Annotated[
        float | None, typer.Option(help="Keep pairs of at least this log ratio, in nats.")
    ] = None,
    known: Annotated[
        Path | None,
        typer.Option(help="Known interactions, which are left out.", callback=existing),
    ] = None,
    encoder: EncoderOf = None,
    prior: Prior = 0.01,
    precision: Annotated[
        ProductPrecision,
        typer.Option(help="Number format of the search. Hits of bf16 are scored again in fp32."),
    ] = ProductPrecision.fp32,
    device: Annotated[Device, typer.Option(help="Where to search.")] = Device.auto,
    threads: Annotated[
        int | None, typer.Option(help="CPU threads; one per core if not given.", min=1)
    ] = None,
    shard: ShardOf = None,
) -> None:
    """Find the highest-scoring of all pairs. Interrupt it and run it again: it resumes.

    Example: ppi-ratio screen run/model --embeddings vectors.h5 --out hits.parquet

    Writes: a table of pairs, the best first: log ratio, probability, class (C1, C2, C3).
    """
    from ppi_ratio.cli.scoring import say_hits
    from ppi_ratio.cli.screening import screen_files
    from ppi_ratio.model.screening import ScreenOptions

    check_spares(out, left, right, known)
    options = ScreenOptions(
        top_k=TOP_K if top_k is None and min_log_ratio is None else top_k,
        min_log_ratio=min_log_ratio,
        prior=prior,
        precision=precision.value,
        device=device.value,
        threads=threads,
    )
    ids = {"left": left, "right": right, "known": known}
    share = this_shard(shard)
    found = screen_files(model, embeddings, encoder, out, options=options, shard=share, **ids)
    say_hits(found, prior=prior, was_coarse=precision is ProductPrecision.bf16)


@verbs.command(rich_help_panel=PANEL)
def merge(
    out: Annotated[
        Path, typer.Argument(help="Name of the whole: the --out that each shard was given.")
    ],
) -> None:
    """Join the files that the shards of embed or screen wrote.

    Example: ppi-ratio merge vectors.h5

    Writes: one file, and removes the files of the shards.
    """
    from ppi_ratio.runtime.sharding import shard_paths

    shard_paths(out)  # before the slow imports: are all there?
    from ppi_ratio.runs.merging import merge_shards

    typer.echo(f"{out}: {merge_shards(out)}")
