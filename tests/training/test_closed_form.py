"""The closed form of the least-squares ratio, and its equation for several parts."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from ppi_ratio.training.closed_form import least_squares_weights

SHRINKAGE = 0.01


@pytest.mark.parametrize("n_apart", [0, 20])
def test_the_weights_solve_the_sum_of_the_equations_of_all_parts(n_apart: int) -> None:
    """With power 1 the law q is p: each moment is a plain mean over the interactions."""
    rng = np.random.default_rng(0)
    n, dim = 50, 4
    vectors = rng.normal(size=(n, dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    counts = rng.poisson(0.5, size=(n, n)) + np.eye(n)
    counts[:n_apart, n_apart:] = counts[n_apart:, :n_apart] = 0
    parts = [rows for rows in (np.arange(n_apart), np.arange(n_apart, n)) if rows.size]

    weights = least_squares_weights(
        vectors, csr_array(counts), parts, power=1.0, shrinkage=SHRINKAGE
    )

    shrunk = SHRINKAGE * np.eye(dim)
    found, expected = np.zeros((dim, dim)), np.zeros((dim, dim))
    for rows in parts:
        x, p = vectors[rows], counts[np.ix_(rows, rows)]
        share, p = p.sum() / counts.sum(), p / p.sum()
        left, right = p.sum(axis=1), p.sum(axis=0)
        found += share * ((x.T * left) @ x + shrunk) @ weights @ ((x.T * right) @ x + shrunk)
        expected += share * (x.T @ p @ x - np.outer(left @ x, right @ x))
    np.testing.assert_allclose(found, expected, atol=2e-3 * float(np.linalg.norm(expected)))
