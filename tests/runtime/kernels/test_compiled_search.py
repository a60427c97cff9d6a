"""Compiled loops of the search keep what NumPy keeps, ties included."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.runtime.kernels.compiled import keep_best
from ppi_ratio.runtime.kernels.search import (
    entries_above,
    plain_entries_above,
    plain_keep_best,
)

Kept = list[list[tuple[int, float]]]


def tiles_of(seed: int, n_left: int, widths: list[int], levels: int) -> list[np.ndarray]:
    """Tiles with few different values, so that many entries are equal, and some excluded ones."""
    rng = np.random.default_rng(seed)
    tiles = [rng.integers(levels, size=(n_left, width)).astype(np.float32) for width in widths]
    return [np.where(rng.random(tile.shape) < 0.1, np.float32(-np.inf), tile) for tile in tiles]


def kept_rows(values: np.ndarray, columns: np.ndarray) -> Kept:
    rows = zip(columns.tolist(), values.tolist(), strict=True)
    return [sorted(zip(*row, strict=True)) for row in rows]


@given(
    seed=st.integers(0, 2**20),
    n_left=st.integers(1, 4),
    widths=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    best=st.integers(1, 12),
    levels=st.integers(1, 30),
    threshold=st.sampled_from([-np.inf, 0.0, 2.5]),
)
def test_best_entries_are_those_of_a_sort(
    seed: int, n_left: int, widths: list[int], best: int, levels: int, threshold: float
) -> None:
    tiles = tiles_of(seed, n_left, widths, levels)
    found = []
    for keep in (keep_best, plain_keep_best):
        values = np.full((n_left, best), threshold, dtype=np.float32)
        columns = np.full((n_left, best), -1, dtype=np.int32)
        first = 0
        for tile in tiles:
            offset = np.linspace(-1, 1, tile.shape[1]).astype(np.float32).round()
            keep(tile, offset, first, values, columns)
            first += tile.shape[1]
        found.append(kept_rows(values, columns))
    assert found[0] == found[1]


@given(seed=st.integers(0, 2**20), n_left=st.integers(1, 5), width=st.integers(1, 20))
def test_entries_above_a_threshold_are_those_of_numpy(seed: int, n_left: int, width: int) -> None:
    (tile,) = tiles_of(seed, n_left, [width], 9)
    offset = np.random.default_rng(seed).normal(size=width).astype(np.float32)
    for found, expected in zip(
        entries_above(tile, offset, 4.0), plain_entries_above(tile, offset, 4.0), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
