"""Scores of a comparison -> points of its figures: curves, densities and per-protein AUROC.

A figure shows the first split, and the first seed of each model. Curves of several splits would
hide the differences between scorers.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from ppi_ratio.comparison.scorers import MODEL, Scored
from ppi_ratio.evaluation.metrics import (
    PartnerRanking,
    ScoredPairs,
    UndefinedMetricError,
    pr_curve,
    reliability_curve,
    roc_curve,
)
from ppi_ratio.pairs import PairTable
from ppi_ratio.sequences import IdIndex

CURVE_COLUMNS = ("curve", "x", "y", "low", "high", "count")
SCORE_BINS = 60
MAX_POINTS = 300  # of one curve


def first_of_each(scored: Iterable[Scored]) -> list[Scored]:
    """The scores of each scorer and group on the first split with the first seed."""
    chosen: dict[tuple[str, str, str, str], Scored] = {}
    for each in scored:
        if each.fold == 0:
            chosen.setdefault(
                (each.critic, each.scorer, each.group.pairs, each.group.non_pairs), each
            )
    return list(chosen.values())


def curves(scored: Iterable[Scored]) -> pd.DataFrame:
    """One row per point, with the columns ``CURVE_COLUMNS``; log ratios are in nats."""
    return pd.DataFrame([_name(each) | point for each in scored for point in _points(each)])


def per_protein(scored: Iterable[Scored], training: PairTable) -> pd.DataFrame:
    """AUROC of each protein with both labels, and its degree in the training interactions."""
    degrees = training.joint.degrees("both")
    index, counts = IdIndex(degrees.index), np.append(degrees.to_numpy(), 0)
    parts = []
    for each in scored:
        try:
            ranking = PartnerRanking.of(each.pairs, name="per_protein_auroc")
        except UndefinedMetricError:
            continue
        ids = each.pairs.ids[ranking.proteins]
        parts.append(
            pd.DataFrame(
                _name(each)
                | {
                    "protein": ids,
                    "degree": counts[index.rows(ids)],
                    "n_joint": ranking.n_joint.astype(int),
                    "n_non_pairs": ranking.n_others.astype(int),
                    "auroc": ranking.aurocs(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _name(each: Scored) -> dict[str, object]:
    return {
        "critic": each.critic,
        "scorer": each.scorer,
        "kind": each.kind,
        "pairs": each.group.pairs,
        "non_pairs": each.group.non_pairs,
    }


def _points(each: Scored) -> Iterator[dict[str, object]]:
    roc = roc_curve(each.pairs, max_points=MAX_POINTS)
    yield from _rows("roc", roc.false_positive_rate, roc.true_positive_rate)
    recalled = pr_curve(each.pairs, max_points=MAX_POINTS)
    yield from _rows("precision_recall", recalled.recall, recalled.precision)
    if not each.calibrated:
        return
    yield from _rows("reliability", *reliability_curve(each.pairs))
    if each.kind == MODEL:
        yield from _densities(each.pairs)


def _densities(pairs: ScoredPairs) -> Iterator[dict[str, object]]:
    edges = np.histogram_bin_edges(pairs.scores, SCORE_BINS)
    centres = (edges[1:] + edges[:-1]) / 2
    for name, labels in (("scores_joint", pairs.labels), ("scores_non_pairs", ~pairs.labels)):
        density, _ = np.histogram(pairs.scores[labels], edges, density=True)
        yield from _rows(name, centres, density)


def _rows(curve: str, *columns: np.ndarray) -> Iterator[dict[str, object]]:
    names = CURVE_COLUMNS[1 : 1 + len(columns)]
    for values in zip(*columns, strict=True):
        yield {"curve": curve, **dict(zip(names, map(float, values), strict=True))}
