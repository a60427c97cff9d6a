import numpy as np
import pytest
from simulated_pairs import rescored, simulated

from ppi_ratio.evaluation.metrics import (
    AUROC,
    ScoredPairs,
    UndefinedMetricError,
    other_pairs_auroc,
    other_pairs_score,
    value,
)


def by_hand(scored: ScoredPairs) -> list[float]:
    pairs = [frozenset(pair) for pair in zip(scored.left, scored.right, strict=True)]
    found = []
    for left, right in zip(scored.left, scored.right, strict=True):
        total = 0.0
        for protein in (left, right):
            others = [
                score
                for pair, score in zip(pairs, scored.scores, strict=True)
                if protein in pair and pair != {left, right}
            ]
            total += np.mean(others) if others else scored.scores.mean()
        found.append(total)
    return found


@pytest.mark.parametrize("n_proteins", [5, 40, 400], ids=["repeats", "some", "lonely"])
def test_other_pairs_are_those_of_the_proteins_without_the_pair_itself(n_proteins: int) -> None:
    # with self pairs, repeated pairs and, if there are many, proteins in one pair only
    scored = simulated(seed=0, n_proteins=n_proteins, n_pairs=150)
    assert other_pairs_score(scored) == pytest.approx(np.array(by_hand(scored)))


def test_a_pair_has_no_influence_on_its_own_other_pairs_score() -> None:
    scored = simulated(seed=1, n_proteins=20)
    moved = scored.scores.copy()
    again = scored.unordered_codes == scored.unordered_codes[7]
    moved[again] += 100.0
    ours, theirs = (other_pairs_score(each) for each in (scored, rescored(scored, moved)))
    assert theirs[again] == pytest.approx(ours[again])
    assert not np.allclose(theirs, ours)


def test_labels_are_not_read_by_the_score() -> None:
    scored = simulated(seed=0)
    turned = ScoredPairs(scored.left, scored.right, ~scored.labels, scored.scores)
    assert (other_pairs_score(scored) == other_pairs_score(turned)).all()
    assert other_pairs_auroc(turned) == pytest.approx(1 - other_pairs_auroc(scored))


def test_a_model_that_ranks_proteins_is_detected_and_one_that_ranks_pairs_is_not() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.integers(100, size=(2, 4000))
    sticky = rng.normal(size=100)
    by_protein = rng.random(4000) < 1 / (1 + np.exp(-2 * (sticky[left] + sticky[right])))
    of_proteins = ScoredPairs(left, right, by_protein, sticky[left] + sticky[right])
    assert other_pairs_auroc(of_proteins) > value(AUROC(), of_proteins) - 0.02
    labels = rng.random(4000) < 0.5
    of_pairs = ScoredPairs(left, right, labels, labels + rng.normal(size=4000))
    assert value(AUROC(), of_pairs) > 0.7
    assert abs(other_pairs_auroc(of_pairs) - 0.5) < 0.05


def test_one_label_leaves_it_undefined() -> None:
    ids = np.arange(3)
    with pytest.raises(UndefinedMetricError, match="without non-pairs"):
        other_pairs_auroc(ScoredPairs(ids, ids, np.ones(3), np.arange(3.0)))
