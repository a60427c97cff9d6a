"""Scored pairs of a simulated world: shared by the tests of the metrics."""

import numpy as np

from ppi_ratio.evaluation.metrics import ScoredPairs


def simulated(
    *, seed: int, n_proteins: int = 40, n_pairs: int = 300, effect: float = 0.7, digits: int = 9
) -> ScoredPairs:
    """Score = label + u(left) + u(right) + noise, u the proteins' own effects."""
    rng = np.random.default_rng(seed)
    left, right = rng.integers(n_proteins, size=(2, n_pairs))
    labels = rng.random(n_pairs) < 0.4
    own = effect * rng.normal(size=n_proteins)
    scores = labels + own[left] + own[right] + rng.normal(size=n_pairs)
    return ScoredPairs(left, right, labels, scores.round(digits))


def calibrated(
    *, seed: int, n_proteins: int = 200, n_pairs: int = 4000, digits: int = 9
) -> ScoredPairs:
    """Scores that are log ratios; one pair in four is joint."""
    rng = np.random.default_rng(seed)
    left, right = rng.integers(n_proteins, size=(2, n_pairs))
    labels = rng.random(n_pairs) < 0.25
    # Scores are N(v/2, v) for interactions and N(-v/2, v) for others, so a score is its log ratio.
    scores = 1.5 * rng.normal(size=n_pairs) + 1.5**2 * (labels - 0.5)
    return ScoredPairs(left, right, labels, scores.round(digits))


def rescored(scored: ScoredPairs, scores: np.ndarray) -> ScoredPairs:
    return ScoredPairs(scored.left, scored.right, scored.labels, scores)


def selected(scored: ScoredPairs, rows: np.ndarray) -> ScoredPairs:
    return ScoredPairs(
        scored.left[rows], scored.right[rows], scored.labels[rows], scored.scores[rows]
    )


def repeated(scored: ScoredPairs, multiplicity: np.ndarray) -> ScoredPairs:
    """Each pair listed as often as a sample with these multiplicities holds it."""
    times = scored.pair_weights(multiplicity).astype(int)
    return selected(scored, np.arange(len(scored)).repeat(times))
