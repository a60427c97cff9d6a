"""Files of pairs, sequences and scores -> an audit."""

from pathlib import Path

import typer

from ppi_ratio.auditing import Audit, audit, read_scores
from ppi_ratio.pairs import read_pairs
from ppi_ratio.sequences import read_fasta


def audit_files(
    pairs: Path,
    *,
    directed: bool,
    min_score: float | None,
    fasta: Path | None,
    train: Path | None,
    scores: Path | None,
    score_column: str | None,
    seed: int,
) -> Audit:
    """Read the files, those that were given, and audit the pairs; errors as of the readers."""
    table = read_pairs(pairs, directed=directed, min_score=min_score)
    proteins = None if fasta is None else read_fasta(fasta)
    training = None if train is None else read_pairs(train, directed=directed)
    column = _column(score_column)
    scored = None if scores is None else read_scores(scores, column=column)
    typer.echo(f"auditing {len(table):,} pairs", err=True)
    return audit(table, proteins=proteins, training=training, scores=scored, seed=seed)


def _column(given: str | None) -> int | str | None:
    """A column by its number from 0, or by its name."""
    return int(given) - 1 if given is not None and given.isdecimal() else given
