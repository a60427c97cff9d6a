"""Compiled sums of exponentials, and their gradient, are those of NumPy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.runtime.kernels.compiled import exponentials_and_sums, gradients_of_sums

N_COLUMNS = 9
Entries = tuple[np.ndarray, np.ndarray]


def by_row(mask: np.ndarray) -> Entries:
    starts = np.concatenate([[0], np.cumsum(mask.sum(1))])
    return starts, np.nonzero(mask)[1]


@given(seed=st.integers(0, 2**20), n_rows=st.integers(1, 6), spread=st.sampled_from([1.0, 20.0]))
def test_sums_and_gradient_are_those_of_numpy(seed: int, n_rows: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    shape = n_rows, N_COLUMNS
    matrix = (spread * rng.normal(size=shape)).astype(np.float32)
    excluded, not_in_column = rng.random((2, *shape)) < 0.2
    not_in_row = rng.integers(-1, N_COLUMNS, size=n_rows)
    in_row = ~excluded & (np.arange(N_COLUMNS) != not_in_row[:, None])
    in_column = ~excluded & ~not_in_column
    shift = np.float32(matrix.max())
    expected = np.exp(matrix.astype(float) - shift)

    exponentials, row_sums = matrix.copy(), np.empty(n_rows, dtype=np.float32)
    column_sums = np.ones(N_COLUMNS, dtype=np.float32)
    exponentials_and_sums(
        exponentials, shift, by_row(excluded), not_in_row, by_row(not_in_column), row_sums,
        column_sums,
    )  # fmt: skip
    np.testing.assert_allclose(exponentials, expected * ~excluded, rtol=1e-5, atol=2e-38)
    np.testing.assert_allclose(row_sums, (expected * in_row).sum(1), rtol=1e-5)
    np.testing.assert_allclose(column_sums, 1 + (expected * in_column).sum(0), rtol=1e-5)

    of_rows, of_columns = (rng.normal(size=n).astype(np.float32) for n in shape)
    gradients_of_sums(exponentials, of_rows, of_columns, not_in_row, by_row(not_in_column))
    gradient = expected * (in_row * of_rows[:, None] + in_column * of_columns)
    np.testing.assert_allclose(exponentials, gradient, rtol=1e-4, atol=1e-6)
