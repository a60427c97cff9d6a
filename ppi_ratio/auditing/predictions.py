"""Scores and labelled pairs -> how good the scores are, and how much protein identity explains."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ppi_ratio.auditing.pair_index import PairIndex
from ppi_ratio.auditing.results import EXAMPLES, Check, Severity
from ppi_ratio.auditing.shortcuts import above_chance, has_enough
from ppi_ratio.errors import InputError
from ppi_ratio.evaluation.metrics import (
    ScoredPairs,
    UndefinedMetricError,
    auroc,
    average_precision,
    other_pairs_auroc,
    per_protein_auroc,
)
from ppi_ratio.model.tables import LOG_RATIO
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairColumns, PairTable
from ppi_ratio.pairs.columns import SCORE_NAMES, Layout, find_layout
from ppi_ratio.pairs.fields import Rows, read_rows

SCORE = "score"
NAMES = (LOG_RATIO, SCORE, "prediction", "pred", "probability", "prob", "p", *SCORE_NAMES)
MANY_UNSCORED = 0.01  # share of pairs without a score above which metrics describe another table
MOSTLY, PARTLY = 0.5, 0.25  # shares of what an AUROC has above 1/2
MIN_EXCESS = 0.02  # what an AUROC must have above 1/2 before shares of it are stated


def read_scores(
    source: Path | str | pd.DataFrame, *, column: str | int | None = None
) -> pd.DataFrame:
    """Read scores of pairs: one row for each row of the source that has two ids.

    Args:
        source: a file of any form that ``read_pairs`` reads, or a frame.
        column: name of the column of scores, or its position from 0. Without it, the scores are
            the third column of a file without header, or the column called ``log_ratio``,
            ``score``, ``prediction``, ``probability`` or similar.

    Returns:
        Columns ``left``, ``right`` and ``score``; NaN where a row has no finite score.

    Raises:
        FileNotFoundError: if nothing is at ``source``.
        InputError: if the source has no scores, or it is unclear which column holds them.
    """
    rows = read_rows(source)
    layout, below = find_layout(rows, None)
    if column is not None:
        named = PairColumns(layout.left, layout.right, score=column)
        layout, below = find_layout(rows, named)
    rows = below
    position = _score_position(layout, rows) if column is None else layout.score
    assert position is not None
    text = rows.column(position)
    numbers = np.asarray(pd.to_numeric(text, errors="coerce"), dtype=float)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    title = layout.title(position)
    if np.isnan(numbers).all():
        raise InputError(f"{rows.name}: {title} holds no number, e.g. {text.iloc[0]!r}")
    if column is None and layout.header is None and set(text) <= {"0", "1"}:
        raise InputError(
            f"{rows.name}: {title} reads as labels, not as scores; say which column holds the "
            "scores (`column`)"
        )
    frame = pd.DataFrame(
        {LEFT: rows.column(layout.left), RIGHT: rows.column(layout.right), SCORE: numbers}
    )
    whole = (frame[LEFT] != "") & (frame[RIGHT] != "")
    return frame.loc[whole].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Matched:
    """A table of pairs with the scores that a prediction file has for them.

    Attributes:
        pairs: the table.
        scored: the rows of ``pairs`` that have a score, sorted.
        scores: the scores of these rows; the mean if a pair was scored more than once.
        n_rows: number of rows of the prediction file.
        n_empty: number of its rows that have a pair of the table, but no number.
        n_strange: number of its rows whose pair is not in the table.
        n_repeated: number of its rows that score a pair again.
        n_unequal: number of pairs that have two different scores.
    """

    pairs: PairTable
    scored: np.ndarray
    scores: np.ndarray
    n_rows: int
    n_empty: int
    n_strange: int
    n_repeated: int
    n_unequal: int


def match(pairs: PairTable, scores: pd.DataFrame) -> Matched:
    """Find the pair of each score by its ids; in an undirected table, in either order.

    Raises:
        InputError: if no score belongs to a pair.
    """
    rows = PairIndex(pairs).rows(scores)
    numbers = scores[SCORE].to_numpy()
    inside, given = rows >= 0, np.isfinite(numbers)
    used = inside & given
    if not used.any():
        example = " ".join(scores[[LEFT, RIGHT]].iloc[0])
        raise InputError(
            f"none of {len(scores):,} scores is of a pair of {pairs.name}, e.g. {example}; pairs "
            "are matched by their ids" + (", in the order given" if pairs.directed else "")
        )
    scored, first, group = np.unique(rows[used], return_index=True, return_inverse=True)
    unequal = numbers[used] != numbers[used][first][group]
    return Matched(
        pairs=pairs,
        scored=scored,
        scores=np.bincount(group, numbers[used]) / np.bincount(group),
        n_rows=len(scores),
        n_empty=int((inside & ~given).sum()),
        n_strange=int((~inside).sum()),
        n_repeated=int(used.sum()) - len(scored),
        n_unequal=len(np.unique(group[unequal])),
    )


def coverage_checks(matched: Matched) -> Iterator[Check]:
    """Checks of pairs that have no score, and of scores that belong to no pair."""
    n_pairs = len(matched.pairs)
    unscored = np.setdiff1d(np.arange(n_pairs), matched.scored)
    frame = matched.pairs.frame[[LEFT, RIGHT]]
    severity = Severity.OK
    if len(unscored):
        severity = Severity.WARNING if len(unscored) > MANY_UNSCORED * n_pairs else Severity.NOTE
    yield Check(
        "pairs_without_score",
        severity,
        "pairs of the table that the prediction file does not score; metrics are of the other "
        "pairs, so do not compare two models that left out different pairs",
        len(unscored),
        n_pairs,
        examples=tuple(" ".join(ids) for ids in frame.iloc[unscored[:EXAMPLES]].to_numpy()),
    )
    for name, count, explanation in (
        ("empty_scores", matched.n_empty, "rows with a pair of the table and no finite number"),
        ("scores_of_no_pair", matched.n_strange, "rows whose pair is not in the table"),
        (
            "repeated_scores",
            matched.n_repeated,
            "rows that score a pair again, with another score in "
            f"{matched.n_unequal:,} pairs; the mean is used",
        ),
    ):
        severity = Severity.NOTE if count else Severity.OK
        yield Check(name, severity, f"in the prediction file, {explanation}", count, matched.n_rows)


def score_checks(matched: Matched) -> Iterator[Check]:
    """AUROC and AUPRC of the scores, and how much of the AUROC the two proteins alone explain."""
    pairs = matched.pairs
    if not pairs.is_labelled:
        return
    part = pairs.select(matched.scored)
    labels, scores = part.frame[LABEL].to_numpy(), matched.scores
    if not has_enough(labels):
        return
    scored = ScoredPairs(*part.coded[:2], labels, scores)
    counts = int(labels.sum()), len(labels)
    area = auroc(labels, scores)
    yield Check("score_auroc", Severity.OK, "AUROC of the scores", *counts, area)
    explanation = f"average precision of the scores; {labels.mean():.3f} without information"
    precision = average_precision(labels, scores)
    yield Check("score_auprc", Severity.OK, explanation, *counts, precision)
    try:
        within = per_protein_auroc(scored)
    except UndefinedMetricError:
        pass  # no protein has both labels; only_in_joint and only_in_non_pairs say so
    else:
        yield Check(
            "score_per_protein_auroc",
            Severity.OK,
            "mean AUROC of the scores among the pairs of one protein, which its own degree "
            "cannot raise",
            value=within,
        )
    others = other_pairs_auroc(scored)
    yield Check(
        "other_pairs_auroc",
        above_chance(others, labels),
        "AUROC of the scores that the two proteins have in their other pairs, without the pair "
        "itself",
        value=others,
    )
    if area - 0.5 >= MIN_EXCESS:
        yield _explained((others - 0.5) / (area - 0.5))


def _explained(share: float) -> Check:
    severity = Severity.WARNING if share >= MOSTLY else Severity.OK
    if PARTLY <= share < MOSTLY:
        severity = Severity.NOTE
    return Check(
        "explained_by_identity",
        severity,
        "the part of other_pairs_auroc above 0.5, as a share of the part of score_auroc above 0.5",
        value=share,
    )


def _score_position(layout: Layout, rows: Rows) -> int:
    if layout.header is None:
        if rows.width < 3:
            raise InputError(
                f"{rows.name}: expected two ids and a score; its rows have {rows.width} fields"
            )
        return 2
    plain = {_plain(name): i for i, name in reversed(list(enumerate(layout.header)))}
    found = [plain[_plain(name)] for name in NAMES if _plain(name) in plain]
    found = [position for position in found if position not in (layout.left, layout.right)]
    if not found:
        raise InputError(
            f"{rows.name}: none of its columns ({', '.join(layout.header)}) is called a score; say "
            "which one holds the scores (`column`)"
        )
    return found[0]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
