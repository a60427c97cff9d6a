"""Files of pairs, sequences and scores -> an audit."""

from collections.abc import Collection
from pathlib import Path

import typer

from ppi_ratio.auditing import Audit, audit
from ppi_ratio.pairs import read_pairs
from ppi_ratio.sequences import read_fasta


def audit_files(
    pairs: Path,
    *,
    directed: bool,
    columns: str | None,
    min_score: float | None,
    fasta: Path | None,
    skip_bad: bool,
    train: Path | None,
    scores: Path | None,
    score_column: str | None,
    lower_is_better: bool,
    match_ids: Collection[str],
    seed: int,
) -> Audit:
    """Read the given files and audit the pairs.

    Raises:
        FileNotFoundError: if a file is missing.
        UserError: if a file cannot be read or does not fit.
    """
    table = read_pairs(pairs, directed=directed, min_score=min_score, columns=columns)
    proteins = None if fasta is None else read_fasta(fasta, skip_bad=skip_bad)
    training = None if train is None else read_pairs(train, directed=directed, columns=columns)
    typer.echo(f"auditing {len(table):,} pairs", err=True)
    return audit(
        table,
        proteins=proteins,
        training=training,
        scores=scores,
        score_column=_column(score_column),
        lower_is_better=lower_is_better,
        match_ids=match_ids,
        seed=seed,
    )


def _column(given: str | None) -> int | str | None:
    """The position from 0 for a column number from 1; a name stays a name."""
    return int(given) - 1 if given is not None and given.isdecimal() else given
