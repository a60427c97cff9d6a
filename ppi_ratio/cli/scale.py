"""The verbs for whole proteomes: screen, merge."""

from pathlib import Path
from typing import Annotated

import typer

from ppi_ratio.cli.options import (
    Columns,
    Device,
    EncoderOf,
    MatchIds,
    ModelFolder,
    Prior,
    ProductPrecision,
    ShardOf,
    VectorFiles,
    kinds_of_difference,
    this_shard,
)
from ppi_ratio.cli.paths import check_not_overwritten, existing

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
            help="File of the ids to find partners for, one per line; all proteins if not given.",
            callback=existing,
        ),
    ] = None,
    right: Annotated[
        Path | None,
        typer.Option(
            help="File of the ids of possible partners, one per line; all proteins if not given.",
            callback=existing,
        ),
    ] = None,
    top_k: Annotated[
        int | None,
        typer.Option(
            help="Keep this many partners of each left protein; 100 if neither --top-k nor "
            "--min-log-ratio is given.",
            min=1,
        ),
    ] = None,
    min_log_ratio: Annotated[
        float | None, typer.Option(help="Keep pairs with at least this log ratio, in nats.")
    ] = None,
    known: Annotated[
        Path | None,
        typer.Option(help="Known interactions to leave out of the hits.", callback=existing),
    ] = None,
    match_ids: MatchIds = None,
    columns: Columns = None,
    encoder: EncoderOf = None,
    prior: Prior = 0.01,
    precision: Annotated[
        ProductPrecision,
        typer.Option(help="Number format of the search. After bf16, hits are scored in fp32."),
    ] = ProductPrecision.fp32,
    device: Annotated[Device, typer.Option(help="Where to search.")] = Device.auto,
    threads: Annotated[
        int | None, typer.Option(help="CPU threads; one per core if not given.", min=1)
    ] = None,
    shard: ShardOf = None,
) -> None:
    """Score all pairs of many proteins, and keep the highest.

    Interrupt the command and run it again: it resumes.

    Example: ppi-ratio screen run/model --embeddings vectors.h5 --out hits.parquet

    Writes: a table of pairs, the best first, with log ratio, probability and class.

    Class C1, C2 or C3: both proteins of the pair, one or neither were seen in training.
    """
    from ppi_ratio.cli.scoring import print_hit_summary
    from ppi_ratio.cli.screening import screen_files
    from ppi_ratio.model.screening import ScreenOptions

    check_not_overwritten(out, left, right, known)
    options = ScreenOptions(
        top_k=TOP_K if top_k is None and min_log_ratio is None else top_k,
        min_log_ratio=min_log_ratio,
        prior=prior,
        precision=precision.value,
        device=device.value,
        threads=threads,
    )
    ids = {"left": left, "right": right, "known": known, "columns": columns}
    share = this_shard(shard)
    kinds = kinds_of_difference(match_ids)
    found = screen_files(
        model, embeddings, encoder, out, match_ids=kinds, options=options, shard=share, **ids
    )
    print_hit_summary(found, was_coarse=precision is ProductPrecision.bf16)


@verbs.command(rich_help_panel=PANEL)
def merge(
    out: Annotated[Path, typer.Argument(help="The path that was --out of every shard.")],
) -> None:
    """Join the files that shards of embed or screen wrote (option --shard).

    Example: ppi-ratio merge vectors.h5

    Writes: one file; removes the files of the shards.
    """
    from ppi_ratio.runtime.sharding import shard_paths

    shard_paths(out)  # refuse missing shards before the slow imports
    from ppi_ratio.runs.merging import merge_shards

    typer.echo(f"{out}: {merge_shards(out)}")
