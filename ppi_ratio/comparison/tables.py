"""Scores of a comparison -> tidy tables: results, means with intervals, paired differences.

With several splits, the interval of a mean is the t interval over splits. With one split it is the
interval over the test pairs, which allows for shared proteins (``metrics.influence``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ppi_ratio.comparison.scorers import Scored
from ppi_ratio.evaluation.metrics import (
    Influence,
    MetricWithInfluence,
    UndefinedMetricError,
    metrics_for,
    seed_interval,
    value,
)

OVER_SPLITS, OVER_PROTEINS = "t interval over splits", "pairs that share proteins, one split"
LEVEL = 0.95
SCORER_COLUMNS = ["critic", "scorer", "kind", "optimum"]
METRIC_COLUMNS = ["pairs", "non_pairs", "metric"]


@dataclass(frozen=True)
class ComparisonTables:
    """The tables of a comparison, as data frames.

    Attributes:
        results: one row per scorer, seed, split, group and metric.
        summary: mean over seeds and splits; one row per scorer, group and metric.
        differences: mean difference from the reference scorer, with rows as in ``summary``.
    """

    results: pd.DataFrame
    summary: pd.DataFrame
    differences: pd.DataFrame


@dataclass(frozen=True)
class _Measured:
    """One metric of one scorer on one group, with its interval and influence."""

    scored: Scored
    metric: str
    value: float
    bounds: tuple[float, float]
    influence: Influence | None

    @property
    def names(self) -> tuple[str, str]:
        """Critic and scorer."""
        return self.scored.critic, self.scored.scorer

    @property
    def place(self) -> tuple[str, str, str]:
        """Pairs, non-pairs and metric."""
        return self.scored.group.pairs, self.scored.group.non_pairs, self.metric


def tabulate(scored: Iterable[Scored], *, reference: str) -> ComparisonTables:
    """Compute the metrics of every scorer, and the differences from the reference.

    Args:
        scored: scores of every scorer, seed, split and group.
        reference: name of the scorer that others are compared to. A model is compared to the
            reference with its own critic, a baseline to the reference with each critic.
    """
    scored = list(scored)
    one_split = len({each.fold for each in scored}) == 1
    measured = [found for each in scored for found in _measure(each, keep_influence=one_split)]
    by_group: dict[tuple[tuple[str, str, str], tuple[str, str]], list[_Measured]] = {}
    for each in measured:
        by_group.setdefault((each.place, each.names), []).append(each)
    summary = [_row(found) | _mean(found) for found in by_group.values()]
    differences = []
    for (place, (critic, scorer)), found in by_group.items():
        for (other_place, (other_critic, other_scorer)), other in by_group.items():
            if other_place != place or other_scorer != reference or scorer == reference:
                continue
            if critic in ("", other_critic):
                differences.append(
                    _row(found)
                    | {"critic": other_critic, "reference": reference}
                    | _difference(found, other)
                )
    return ComparisonTables(
        pd.DataFrame([_result(each) for each in measured]),
        pd.DataFrame(summary),
        pd.DataFrame(differences),
    )


def _measure(scored: Scored, *, keep_influence: bool) -> list[_Measured]:
    found = []
    for name, make in metrics_for(calibrated=scored.calibrated).items():
        metric = make()
        try:
            if isinstance(metric, MetricWithInfluence):
                influence = metric.influence(scored.pairs)
                bounds = influence.bounds(scored.pairs, LEVEL)
                kept = influence if keep_influence else None
                found.append(_Measured(scored, name, influence.value, bounds, kept))
            else:
                at = value(metric, scored.pairs)
                found.append(_Measured(scored, name, at, (np.nan, np.nan), None))
        except UndefinedMetricError:
            continue  # too few pairs for the metric; the tables have no row for it
    return found


def _result(each: _Measured) -> dict[str, object]:
    pairs, (low, high) = each.scored.pairs, each.bounds
    return {
        "split": each.scored.fold,
        **_row([each]),
        "seed": each.scored.seed,
        "value": each.value,
        "low": low,
        "high": high,
        "n_joint": pairs.n_joint,
        "n_non_pairs": len(pairs) - pairs.n_joint,
        "prevalence": pairs.prevalence,
    }


def _row(found: Sequence[_Measured]) -> dict[str, object]:
    scored = found[0].scored
    scorer = (scored.critic, scored.scorer, scored.kind, scored.optimum)
    columns = [*SCORER_COLUMNS, *METRIC_COLUMNS]
    return dict(zip(columns, [*scorer, *found[0].place], strict=True))


def _mean(found: Sequence[_Measured]) -> dict[str, object]:
    by_split = list(_by_split(found).values())
    if len(by_split) > 1:
        over = seed_interval(by_split, level=LEVEL)
        low, high, how = over.low, over.high, OVER_SPLITS
    else:
        low, high, how = *_bounds(found, _mean_influence(found)), OVER_PROTEINS
    values = [each.value for each in found]
    return {
        "mean": float(np.mean(by_split)),
        "low": low,
        "high": high,
        "sd": float(np.std(values, ddof=1)) if len(values) > 1 else np.nan,
        "n": len(values),
        "how": how,
    }


def _difference(found: Sequence[_Measured], other: Sequence[_Measured]) -> dict[str, object]:
    ours, theirs = _by_split(found), _by_split(other)
    gaps = [ours[split] - theirs[split] for split in ours if split in theirs]
    if len(gaps) > 1:
        over = seed_interval(gaps, level=LEVEL)
        low, high, how = over.low, over.high, OVER_SPLITS
    else:
        first, second = _mean_influence(found), _mean_influence(other)
        gap = first - second if first is not None and second is not None else None
        low, high, how = *_bounds(found, gap), OVER_PROTEINS
    return {
        "difference": float(np.mean(gaps)),
        "low": low,
        "high": high,
        "n": len(gaps),
        "how": how,
    }


def _by_split(found: Sequence[_Measured]) -> dict[int, float]:
    """Mean over seeds, for each split."""
    values: dict[int, list[float]] = {}
    for each in found:
        values.setdefault(each.scored.fold, []).append(each.value)
    return {split: float(np.mean(of_split)) for split, of_split in values.items()}


def _mean_influence(found: Sequence[_Measured]) -> Influence | None:
    """Influence on the mean over seeds, as all seeds have the same test pairs; None if unknown."""
    influences = [each.influence for each in found if each.influence is not None]
    if len(influences) < len(found):
        return None
    return Influence(
        float(np.mean([each.value for each in influences])),
        np.mean([each.pairs for each in influences], axis=0),
        np.mean([each.proteins for each in influences], axis=0),
        bounded=all(each.bounded for each in influences),
        repeated=float(np.mean([each.repeated for each in influences])),
    )


def _bounds(found: Sequence[_Measured], influence: Influence | None) -> tuple[float, float]:
    return influence.bounds(found[0].scored.pairs, LEVEL) if influence else (np.nan, np.nan)
