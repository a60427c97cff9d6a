"""Scores and labelled pairs -> how good the scores are, and how much protein identity explains."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ppi_ratio.auditing.pair_index import PairIndex
from ppi_ratio.auditing.results import EXAMPLES, Check, Severity
from ppi_ratio.auditing.score_files import SCORE, ScoreColumn, is_hard
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
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairTable

MANY_UNSCORED = 0.01  # share of pairs without a score above which metrics describe another table
MOSTLY, PARTLY = 0.5, 0.25  # shares of what an AUROC has above 1/2
MIN_EXCESS = 0.02  # what an AUROC must have above 1/2 before shares of it are stated


@dataclass(frozen=True, eq=False)
class Matched:
    """A table of pairs with the scores that a prediction file has for them.

    Attributes:
        pairs: the table.
        column: where the scores were read.
        scored: the rows of ``pairs`` that have a score, sorted.
        scores: the scores of these rows; the mean if a pair was scored more than once.
        n_rows: number of rows of the prediction file.
        n_empty: number of its rows that have a pair of the table, but no number.
        n_strange: number of its rows whose pair is not in the table.
        n_repeated: number of its rows that score a pair again.
        n_unequal: number of pairs that have two different scores.
    """

    pairs: PairTable
    column: ScoreColumn
    scored: np.ndarray
    scores: np.ndarray
    n_rows: int
    n_empty: int
    n_strange: int
    n_repeated: int
    n_unequal: int


def match(pairs: PairTable, column: ScoreColumn) -> Matched:
    """Find the pair of each score by its ids; in an undirected table, in either order.

    Raises:
        InputError: if no score belongs to a pair.
    """
    scores = column.frame
    rows = PairIndex(pairs).rows(scores)
    numbers = scores[SCORE].to_numpy()
    inside, given = rows >= 0, np.isfinite(numbers)
    used = inside & given
    if not used.any():
        example = " ".join(scores[[LEFT, RIGHT]].iloc[0])
        index = pairs.index
        ids = pd.unique(scores[[LEFT, RIGHT]].to_numpy().ravel())
        hints = index.hints(ids[index.rows(ids) < 0])
        raise InputError(
            f"none of {len(scores):,} scores is of a pair of {pairs.name}, e.g. {example}; pairs "
            "are matched by their ids"
            + (", in the order given" if pairs.directed else "")
            + (f": of the ids, {'; '.join(hints)} (`match_ids`)" if hints else "")
        )
    scored, first, group = np.unique(rows[used], return_index=True, return_inverse=True)
    unequal = numbers[used] != numbers[used][first][group]
    return Matched(
        pairs=pairs,
        column=column,
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


def column_checks(matched: Matched) -> Iterator[Check]:
    """Which column was read as scores, and how many distinct values it has."""
    column = matched.column
    values = np.unique(matched.scores)
    explanation = f"distinct values of the scores, which are {column.title}"
    if column.passed_over:
        explanation += f"; not {' or '.join(column.passed_over)}, which has two values only"
    if is_hard(values):
        explanation += (
            f"; with two values only ({' and '.join(f'{value:g}' for value in values)}) they are "
            "hard calls, whose AUROC is that of one threshold; judge a column of probabilities or "
            "scores"
        )
    noted = column.passed_over or is_hard(values)
    severity = Severity.NOTE if noted else Severity.OK
    yield Check("score_values", severity, explanation, len(values))


def score_checks(matched: Matched) -> Iterator[Check]:
    """AUROC and AUPRC of the scores, and how much of the AUROC the two proteins alone explain.

    Raises:
        InputError: if the scores are the labels.
    """
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
    title = matched.column.title
    if is_hard(scores) and area in (0, 1):
        raise InputError(
            f"{matched.column.source}: the two values of {title} are the labels of {pairs.name}, "
            "so they are no scores; say which column holds the scores (`column`)"
        )
    turned = above_chance(1 - area, labels) is not Severity.OK
    explanation = f"AUROC of the scores, {title}"
    if turned:
        explanation += (
            f": interactions have the lower scores. With the sign turned, the AUROC is "
            f"{1 - area:.3f}; if lower is better, as with a distance, say so (`lower_is_better`)"
        )
    severity = Severity.WARNING if turned else Severity.OK
    yield Check("score_auroc", severity, explanation, *counts, area)
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
