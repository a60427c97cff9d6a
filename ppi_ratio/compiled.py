"""Compiled loops over tiles of pairs, for a CPU; each runs on the thread that calls it.

Which entries of a tile are wanted: hardly one is, so a tile is read once and nearly nothing is
written. ``torch.topk`` of every row takes longer than the matrix product that made it.

One hidden layer for all pairs of a tile: as operations of PyTorch they write and read every
hidden unit of every pair several times. Here it stays in a register.
"""

import numba
import numpy as np

ZERO = np.float32(0)
SUMS_IN_ANY_ORDER = {"reassoc", "contract", "nsz"}


@numba.njit(nogil=True, cache=True)
def keep_best(
    tile: np.ndarray,
    offset: np.ndarray,
    first: int,
    values: np.ndarray,
    places: np.ndarray,
) -> None:
    """Put entries that beat the lowest kept one of their row in its place.

    Args:
        tile: ``(left, right)`` float32.
        offset: added to every entry of a column, ``(right,)`` float32.
        first: place of the first column.
        values: kept so far, ``(left, best)`` float32; each row a heap, the lowest in front.
        places: their columns, ``(left, best)``.
    """
    n_left, n_right = tile.shape
    for i in range(n_left):
        lowest = values[i, 0]
        for j in range(n_right):
            value = tile[i, j] + offset[j]
            if value > lowest:
                _replace_lowest(values[i], places[i], value, first + j)
                lowest = values[i, 0]


@numba.njit(nogil=True, cache=True)
def _replace_lowest(values: np.ndarray, places: np.ndarray, value: float, place: int) -> None:
    n_kept, node = len(values), 0
    while True:
        child = 2 * node + 1
        if child + 1 < n_kept and values[child + 1] < values[child]:
            child += 1
        if child >= n_kept or values[child] >= value:
            break
        values[node], places[node] = values[child], places[child]
        node = child
    values[node], places[node] = value, place


@numba.njit(nogil=True, cache=True)
def count_above(tile: np.ndarray, offset: np.ndarray, below: float) -> int:
    """Number of entries above ``below``; arguments as of ``keep_best``."""
    count = 0
    for i in range(tile.shape[0]):
        for j in range(tile.shape[1]):
            count += tile[i, j] + offset[j] > below
    return count


@numba.njit(nogil=True, cache=True)
def fill_above(
    tile: np.ndarray,
    offset: np.ndarray,
    below: float,
    rows: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
) -> None:
    """Write the entries that ``count_above`` counts, row by row."""
    place = 0
    for i in range(tile.shape[0]):
        for j in range(tile.shape[1]):
            value = tile[i, j] + offset[j]
            if value > below:
                rows[place], columns[place], values[place] = i, j, value
                place += 1


@numba.njit(nogil=True, cache=True, fastmath=SUMS_IN_ANY_ORDER)
def fill_relu_products(u: np.ndarray, v: np.ndarray, weight: np.ndarray, out: np.ndarray) -> None:
    """Write the sum over h of weight[h] max(u[i, h] + v[j, h], 0) for every i and j.

    Args:
        u: ``(left, hidden)`` float32. Four lefts at a time share what is read of a right.
        v: ``(right, hidden)`` float32.
        weight: ``(hidden,)`` float32.
        out: ``(left, right)`` float32.
    """
    n_left, n_hidden = u.shape
    n_by_four = n_left - n_left % 4
    for i in range(0, n_by_four, 4):
        for j in range(len(v)):
            a = b = c = d = ZERO
            for h in range(n_hidden):
                of_right, factor = v[j, h], weight[h]
                a += factor * max(u[i, h] + of_right, ZERO)
                b += factor * max(u[i + 1, h] + of_right, ZERO)
                c += factor * max(u[i + 2, h] + of_right, ZERO)
                d += factor * max(u[i + 3, h] + of_right, ZERO)
            out[i, j], out[i + 1, j], out[i + 2, j], out[i + 3, j] = a, b, c, d
    for i in range(n_by_four, n_left):
        for j in range(len(v)):
            a = ZERO
            for h in range(n_hidden):
                a += weight[h] * max(u[i, h] + v[j, h], ZERO)
            out[i, j] = a
