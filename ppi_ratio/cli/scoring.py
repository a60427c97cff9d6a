"""Messages about the scores and hits that a verb wrote."""

import logging
from pathlib import Path

import pandas as pd
import typer

from ppi_ratio.cli.errors import visible, with_flags
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import InputError
from ppi_ratio.model.probability import Rule
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.seen_pairs import spelled_otherwise
from ppi_ratio.model.tables import NO_VECTOR, PROBABILITY
from ppi_ratio.pairs import LEFT, RIGHT
from ppi_ratio.runs.screening import ScreenSummary

logger = logging.getLogger(__name__)


def print_score_summary(
    scores: pd.DataFrame,
    out: Path,
    model: RatioModel,
    vectors: Embeddings,
    *,
    rule: Rule,
    renormalised: bool,
) -> None:
    """Print how many rows have a score, and an example of why other rows have none.

    Raises:
        InputError: if no row has a score.
    """
    if said := spelled_otherwise(model, [*scores[LEFT], *scores[RIGHT]], vectors):
        logger.warning("%s: %s", out, said)
    has_score = (scores["note"] == "").to_numpy()
    typer.echo(
        f"{out}: {has_score.sum():,} of {len(scores):,} pairs scored with "
        f"{vectors.provenance.describe()}; {rule.describe()}"
        + ("; rescaled to mean ratio 1 over random pairs of their proteins" if renormalised else "")
    )
    if rule.prevalence is None:
        _print_certain(int((scores[PROBABILITY] == 1).to_numpy().sum()), rule.prior)
    if has_score.all():
        return
    first = scores.loc[~has_score, "note"].iloc[0]
    without_vector = scores["note"].str.startswith(NO_VECTOR)
    ids = pd.unique(scores.loc[without_vector, [LEFT, RIGHT]].to_numpy().ravel())
    missing = ids[vectors.rows(ids) < 0].tolist()
    hints = f"; of their ids, {vectors.index.told(missing, 'the vectors')}" if missing else ""
    if not has_score.any():
        raise InputError(f"{out}: none of {len(scores):,} pairs has a score, e.g. {first}{hints}")
    said = f"without a score: {(~has_score).sum():,}, e.g. {first}{hints}"
    typer.echo(visible(with_flags(said)), err=True)


def _print_certain(n_certain: int, prior: float) -> None:
    """Say that prior x ratio is above 1 for some pairs, so that prior or ratios are too high."""
    if n_certain:
        typer.echo(
            f"{n_certain:,} have probability 1, because prior x ratio is 1 or more: the prior "
            f"{prior:g} is too high, or the model too sure",
            err=True,
        )


def print_hit_summary(found: ScreenSummary, *, was_coarse: bool) -> None:
    """Print the number of hits and the speed of the search."""
    rate = f" ({found.n_pairs / found.seconds / 1e6:,.1f} million/s)" if found.n_pairs else ""
    typer.echo(
        f"{found.path}: {found.n_hits:,} hits among {found.n_pairs:,} pairs{rate}; "
        f"{found.rule.describe()}"
    )
    _print_certain(found.n_certain, found.rule.prior)
    if was_coarse:
        typer.echo(
            f"largest error of bf16: {found.largest_error:.3f} nats; the hits are scored in fp32"
        )
