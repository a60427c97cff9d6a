"""The options of ``split`` -> settings, the three tables, and what to say about them."""

from pathlib import Path

import typer

from ppi_ratio.pairs import Split, write_split
from ppi_ratio.sequences.clusters import Method
from ppi_ratio.settings.faults import Fault, Kind
from ppi_ratio.settings.splits import DrawnSettings, parse_split_settings, split_clusters

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
    """The settings that go with a kind of split; options with a default count where they belong.

    Raises:
        ConfigError: with a line per option that is missing, wrong or of another kind of split.
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
    return parse_split_settings(options, lambda fault: _described(fault, by))


def split_table(
    settings: DrawnSettings,
    out: Path,
    *,
    fasta: Path | None,
    min_identity: float,
    method: Method,
) -> None:
    """Divide the table, write the parts to ``out`` and say what they hold.

    With ``fasta``, relatives across parts are counted too, unless clusters were held out.
    """
    table = settings.table()
    parts = settings.divide(table)
    clusters = None
    if fasta is not None and settings.name != "cluster":
        clusters = split_clusters(parts, fasta, min_identity=min_identity, method=method)
    write_split(parts, out, clusters=clusters)
    typer.echo(table.summary())
    _say(parts)
    for leak in parts.leaks(clusters):
        typer.echo(f"leak: {leak}")


def _say(parts: Split) -> None:
    typer.echo(f"split {parts.kind}, seed {parts.seed}")
    typer.echo(parts.summary().to_string())
    typer.echo("C1, C2, C3: pairs with two, one or no protein of the training pairs")
    for reason, count in parts.dropped.items():
        typer.echo(f"dropped: {count:,} pairs {reason}")


def _described(fault: Fault, by: str) -> str:
    option = "--" + fault.key.replace("_", "-")
    if fault.kind is Kind.MISSING:
        return f"give {option}"
    if fault.kind is Kind.UNKNOWN:
        return f"{option} does not go with a split by {by}"
    return f"{option}: {fault.said}" if fault.key else fault.said
