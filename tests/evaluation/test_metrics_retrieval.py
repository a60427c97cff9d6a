import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_pairs import rescored, simulated

from ppi_ratio.evaluation.metrics import (
    PrecisionAtK,
    RecallAtTop,
    RPrecision,
    ScoredPairs,
    UndefinedMetricError,
    value,
)

tables = st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=30)


def pairs_of(labels: np.ndarray, scores: np.ndarray) -> ScoredPairs:
    ids = np.arange(len(labels))
    return ScoredPairs(ids, ids, labels, scores)


def found_among(n: float, labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    """Joint weight among the first ``n``, score by score; those that tie at the cut in part."""
    found, room = 0.0, n
    for score in np.unique(scores)[::-1]:
        here = scores == score
        size = weights[here].sum()
        if size > 0:
            part = min(1.0, room / size)
            found += part * weights[here & labels].sum()
            room -= part * size
    return found


def recall_by_hand(scored: ScoredPairs, multiplicity: np.ndarray, share: float) -> float:
    found = total = 0.0
    left, right = scored.codes
    for protein in range(scored.n_proteins):
        own = np.flatnonzero((left == protein) | (right == protein))
        labels = scored.labels[own]
        if labels.any() and not labels.all():
            partner = np.where(left[own] == protein, right[own], left[own])
            times = np.where(partner == protein, 1, multiplicity[partner])
            weight = multiplicity[protein] / labels.sum()
            cut = share * times.sum()
            found += weight * found_among(cut, labels, scored.scores[own], times)
            total += weight * times[labels].sum()
    return found / total


@given(tables, st.integers(1, 30))
def test_precision_counts_ties_across_the_cut_in_proportion(
    rows: list[tuple[bool, int]], k: int
) -> None:
    labels, scores = map(np.array, zip(*rows, strict=True))
    if 0 < labels.sum() < len(labels) and k <= len(labels):
        scored, weights = pairs_of(labels, scores), np.ones(len(labels))
        expected = found_among(k, labels, scores, weights) / k
        assert value(PrecisionAtK(k), scored) == pytest.approx(expected, abs=1e-12)
        n_joint = int(labels.sum())
        expected = found_among(n_joint, labels, scores, weights) / n_joint
        assert value(RPrecision(), scored) == pytest.approx(expected, abs=1e-12)


def test_precision_is_the_mean_over_random_orders_of_tied_pairs() -> None:
    labels = np.array([1, 0, 1, 0, 0, 1, 0, 0], dtype=bool)
    scores = np.array([3, 2, 2, 2, 2, 1, 1, 0])
    rng = np.random.default_rng(0)
    firsts = [np.lexsort((rng.random(8), -scores))[:3] for _ in range(4000)]
    expected = np.mean([labels[first].mean() for first in firsts])
    assert value(PrecisionAtK(3), pairs_of(labels, scores)) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("percent", [1, 5, 20, 73])
@pytest.mark.parametrize("digits", [9, 0], ids=["distinct", "tied"])
def test_recall_is_the_mean_over_proteins_with_both_labels(percent: int, digits: int) -> None:
    scored = simulated(seed=0, digits=digits)
    expected = recall_by_hand(scored, np.ones(scored.n_proteins), percent / 100)
    assert value(RecallAtTop(percent), scored) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_recall_of_a_sample_counts_partners_as_often_as_they_are_drawn(seed: int) -> None:
    scored = simulated(seed=seed, n_proteins=9, n_pairs=40, digits=0)
    multiplicity = np.random.default_rng(seed).integers(0, 3, 9).astype(float)
    of_sample = RecallAtTop(20).prepare(scored)(multiplicity)
    assert of_sample == pytest.approx(recall_by_hand(scored, multiplicity, 0.2), abs=1e-12)


def test_recall_equals_a_worked_example() -> None:
    # 10 candidates of A, joint with the first and third; the others know A only.
    partners = np.array([f"p{number}" for number in range(10)])
    labels = np.isin(np.arange(10), [0, 2])
    scored = ScoredPairs(np.full(10, "A"), partners, labels, -np.arange(10.0))
    found = {percent: value(RecallAtTop(percent), scored) for percent in (1, 10, 20, 25, 30, 90)}
    assert found == pytest.approx({1: 0.05, 10: 0.5, 20: 0.5, 25: 0.75, 30: 1.0, 90: 1.0})


def test_constant_scores_find_the_share_of_pairs_above_the_cut() -> None:
    scored = simulated(seed=0)
    constant = rescored(scored, np.zeros(len(scored)))
    assert value(RecallAtTop(5), constant) == pytest.approx(0.05)
    assert value(PrecisionAtK(7), constant) == pytest.approx(scored.prevalence)


def test_names_contain_the_cut() -> None:
    assert (PrecisionAtK(7).name, RecallAtTop(3).name) == ("precision_at_7", "recall_at_top_3")


def test_a_cut_beyond_the_pairs_is_undefined() -> None:
    scored = pairs_of(np.array([1, 0, 0]), np.arange(3.0))
    with pytest.raises(UndefinedMetricError, match=r"precision_at_4 .* fewer .* a weight of 3"):
        value(PrecisionAtK(4), scored)
    with pytest.raises(UndefinedMetricError, match="precision_at_4"):
        PrecisionAtK(4).influence(scored)


def test_samples_without_interaction_partners_leave_recall_undefined() -> None:
    left, right = np.array(["A", "A"]), np.array(["b", "c"])
    scored = ScoredPairs(left, right, np.array([1, 0]), np.arange(2.0))
    with pytest.raises(UndefinedMetricError, match="recall_at_top_5 is undefined: no protein"):
        RecallAtTop(5).prepare(scored)(np.array([1.0, 0.0, 1.0]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PrecisionAtK(0), "got k = 0"),
        (lambda: RecallAtTop(100), "percent must lie between 0 and 100, got 100"),
    ],
)
def test_cuts_out_of_range_are_refused(make, message: str) -> None:  # noqa: ANN001
    with pytest.raises(ValueError, match=message):
        make()
