"""Select the entries of a tile that a search keeps.

Very few entries are kept, so a tile is read once and almost nothing is written. ``torch.topk`` of
every row would take longer than the matrix product that computes the tile.
"""

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
def keep_best(
    tile: np.ndarray,
    offset: np.ndarray,
    first: int,
    values: np.ndarray,
    columns: np.ndarray,
) -> None:
    """Replace the lowest kept entries of each row by higher ones of the tile.

    Of equal entries the one of the smaller column is kept, if tiles come in order.

    Args:
        tile: ``(left, right)``.
        offset: added to every entry of a column, ``(right,)``.
        first: column number of the tile's first column.
        values: entries kept so far, ``(left, best)``; each row is a heap, its lowest entry first.
        columns: column numbers of ``values``, int32.
    """
    n_left, n_right = tile.shape
    for i in range(n_left):
        lowest = values[i, 0]
        for j in range(n_right):
            value = tile[i, j] + offset[j]
            if value > lowest:
                _replace_lowest(values[i], columns[i], value, first + j)
                lowest = values[i, 0]


@numba.njit(nogil=True, cache=True)
def _replace_lowest(values: np.ndarray, columns: np.ndarray, value: float, column: int) -> None:
    """Put a new entry, whose column is the largest so far, in place of a heap's lowest entry."""
    n_kept, node = len(values), 0
    while True:
        child = 2 * node + 1
        if child >= n_kept:
            break
        other = child + 1
        if other < n_kept and (
            values[other] < values[child]
            or (values[other] == values[child] and columns[other] > columns[child])
        ):
            child = other
        if values[child] >= value:
            break
        values[node], columns[node] = values[child], columns[child]
        node = child
    values[node], columns[node] = value, column


@numba.njit(nogil=True, cache=True)
def count_above(tile: np.ndarray, offset: np.ndarray, threshold: float) -> int:
    """Number of entries above ``threshold``; ``tile`` and ``offset`` as for ``keep_best``."""
    count = 0
    for i in range(tile.shape[0]):
        for j in range(tile.shape[1]):
            count += tile[i, j] + offset[j] > threshold
    return count


@numba.njit(nogil=True, cache=True)
def fill_above(
    tile: np.ndarray,
    offset: np.ndarray,
    threshold: float,
    rows: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
) -> None:
    """Write the entries that ``count_above`` counts, row by row."""
    position = 0
    for i in range(tile.shape[0]):
        for j in range(tile.shape[1]):
            value = tile[i, j] + offset[j]
            if value > threshold:
                rows[position], columns[position], values[position] = i, j, value
                position += 1
