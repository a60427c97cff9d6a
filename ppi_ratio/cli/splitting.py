"""The options of ``split`` -> settings, the tables of the parts, and a printed summary."""

import logging
from pathlib import Path

import typer

from ppi_ratio.cli.paths import check_not_inside
from ppi_ratio.pairs import Split, write_split
from ppi_ratio.pairs.limits import limits
from ppi_ratio.sequences.clusters import Method
from ppi_ratio.settings.faults import Fault, Kind
from ppi_ratio.settings.splits import DrawnSettings, parse_split_settings, split_clusters

logger = logging.getLogger(__name__)

TEST_FRACTION = 0.2


def split_settings(
    by: str,
    *,
    test_fraction: float | None,
    disjoint: bool,
    fasta: Path | None,
    min_identity: float,
    method: Method,
    **others: object,
) -> DrawnSettings:
    """The settings of a split, from the options of the verb.

    ``min_identity`` and ``method`` always have a value, so only a split by cluster uses them.

    Raises:
        ConfigError: with a line per option that is missing, wrong or for another kind of split.
    """
    if test_fraction is None and by != "species":
        test_fraction = TEST_FRACTION
    clustering = {"fasta": fasta, "min_identity": min_identity, "method": method}
    options = {
        "name": by,
        "test_fraction": test_fraction,
        "disjoint": disjoint or None,
        **(clustering if by == "cluster" else {}),
        **others,
    }
    return parse_split_settings(options, lambda fault: _in_flags(fault, by))


def split_table(
    settings: DrawnSettings,
    out: Path,
    *,
    fasta: Path | None,
    min_identity: float,
    method: Method,
) -> None:
    """Divide the table, write the parts to ``out`` and print a summary.

    With ``fasta``, related proteins across parts are counted too, except for a split by cluster.
    """
    check_not_inside(out, settings.pairs, fasta)
    table = settings.table()
    for said in limits(table):
        logger.warning("%s: %s", table.name, said)
    parts = settings.divide(table)
    clusters = None
    if fasta is not None and settings.name != "cluster":
        clusters = split_clusters(parts, fasta, min_identity=min_identity, method=method)
    write_split(parts, out, clusters=clusters)
    typer.echo(table.summary())
    _print_summary(parts)
    if table.kinds is not None:
        typer.echo(f"two kinds: {table.kinds.advice()}")
    for leak in parts.leaks(clusters):
        typer.echo(f"leak: {leak}")


def _print_summary(parts: Split) -> None:
    typer.echo(f"split {parts.kind}, seed {parts.seed}")
    typer.echo(parts.summary().to_string())
    typer.echo("C1, C2, C3: pairs with two, one or no protein of the training pairs")
    for reason, count in parts.dropped.items():
        typer.echo(f"dropped: {count:,} pairs {reason}")


def _in_flags(fault: Fault, by: str) -> str:
    """The message of a fault, which names the flag of the command line."""
    option = "--" + fault.key.replace("_", "-")
    if fault.kind is Kind.MISSING:
        return f"give {option}"
    if fault.kind is Kind.UNKNOWN:
        return f"{option} does not go with a split by {by}"
    return f"{option}: {fault.said}" if fault.key else fault.said
