"""Pointwise information by counting neighbours: worked examples, and normal laws."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from ppi_ratio.evaluation.baselines import neighbour_information
from ppi_ratio.evaluation.baselines.neighbour_information import pointwise_information

CORRELATION = 0.8
SAMPLE = np.array([[0.0], [1.0], [5.0]])


def correlated(count: int, dim: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, other = rng.normal(size=(2, count, dim))
    return x, CORRELATION * x + np.sqrt(1 - CORRELATION**2) * other


@pytest.mark.parametrize(
    ("x", "y", "k", "expected"),
    [
        (0.0, 0.0, 1, 1 + 1 / 2 + 1 / 3),  # radius 0: ψ(1) + ψ(4) - 2 ψ(1)
        (0.5, 4.0, 1, 1 / 3 - 1),  # radius 3: two nearer in x, one in y
        (0.5, 4.0, 3, 0.0),  # radius 4.5: two nearer in x, three in y: ψ(3) + ψ(4) - ψ(3) - ψ(4)
    ],
)
def test_values_equal_worked_examples(x: float, y: float, k: int, expected: float) -> None:
    query = np.array([[x]]), np.array([[y]])
    found = pointwise_information((SAMPLE, SAMPLE), query, n_neighbours=k)
    assert found == pytest.approx([expected])


def test_the_mean_over_draws_from_the_joint_law_is_the_mutual_information() -> None:
    sample, queries = correlated(3000, 1, seed=0), correlated(1500, 1, seed=1)
    found = pointwise_information(sample, queries, n_neighbours=3)
    assert found.mean() == pytest.approx(-np.log(1 - CORRELATION**2) / 2, abs=0.06)


def test_values_correlate_with_the_true_pointwise_information() -> None:
    x, y = correlated(400, 1, seed=1)
    found = pointwise_information(correlated(3000, 1, seed=0), (x, y), n_neighbours=10)
    law = multivariate_normal([0, 0], [[1, CORRELATION], [CORRELATION, 1]])  # pyright: ignore[reportArgumentType]
    truth = law.logpdf(np.hstack([x, y]))
    truth -= norm.logpdf(x).ravel() + norm.logpdf(y).ravel()
    assert np.corrcoef(found, truth)[0, 1] > 0.85


def test_shuffled_pairs_have_less_information() -> None:
    sample, (x, y) = correlated(2000, 4, seed=0), correlated(500, 4, seed=1)
    joint = pointwise_information(sample, (x, y), n_neighbours=3)
    shuffled = pointwise_information(sample, (x, np.roll(y, 1, axis=0)), n_neighbours=3)
    assert joint.mean() > 1 > 0 > shuffled.mean()


def test_blocks_and_whole_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sample, queries = correlated(200, 2, seed=0), correlated(50, 2, seed=1)
    whole = pointwise_information(sample, queries, n_neighbours=3)
    monkeypatch.setattr(neighbour_information, "QUERIES_AT_ONCE", 7)
    assert (pointwise_information(sample, queries, n_neighbours=3) == whole).all()
