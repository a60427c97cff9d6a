"""Compiled loops over tiles of pairs, for a CPU; each runs on the thread that calls it.

Which entries of a tile are wanted: hardly one is, so a tile is read once and nearly nothing is
written. ``torch.topk`` of every row takes longer than the matrix product that made it.

Log-sum-exps over the rows and over the columns of one matrix need the same exponentials.

One hidden layer for all pairs of a tile: as operations of PyTorch they write and read every
hidden unit of every pair several times. Here it stays in a register.

Dropout reads an entry and its random bits once, and writes no mask.
"""

import numba
import numpy as np

ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
SUMS_IN_ANY_ORDER = {"reassoc", "contract", "nsz"}

LOWEST = np.float32(-87)  # its exponential is about the smallest normal float32
HIGHEST = np.float32(60)  # thousands of its exponentials still add up
LOG2_E = np.float32(1.44269504)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
EXP_0, EXP_1, EXP_2, EXP_3, EXP_4, EXP_5 = (
    np.float32(5.0000001201e-1),
    np.float32(1.6666665459e-1),
    np.float32(4.1665795894e-2),
    np.float32(8.3334519073e-3),
    np.float32(1.3981999507e-3),
    np.float32(1.9875691500e-4),
)
EXPONENT_OFFSET, EXPONENT_PLACE = np.int32(127), np.int32(23)  # in the bits of a float32


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


@numba.njit(nogil=True, cache=True, fastmath=SUMS_IN_ANY_ORDER)
def fill_weighted_relus(u: np.ndarray, v: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """Write the sum over h of weights[i, h] max(u[i, h] + v[j, h], 0) for every i and j.

    Args:
        u: ``(left, hidden)`` float32.
        v: ``(right, hidden)`` float32, a multiple of four.
        weights: ``(left, hidden)`` float32.
        out: ``(left, right)`` float32.
    """
    for i in range(len(u)):
        for j in range(0, len(v), 4):
            a = b = c = d = ZERO
            for h in range(u.shape[1]):
                of_left, factor = u[i, h], weights[i, h]
                a += factor * max(of_left + v[j, h], ZERO)
                b += factor * max(of_left + v[j + 1, h], ZERO)
                c += factor * max(of_left + v[j + 2, h], ZERO)
                d += factor * max(of_left + v[j + 3, h], ZERO)
            out[i, j], out[i, j + 1], out[i, j + 2], out[i, j + 3] = a, b, c, d


@numba.njit(nogil=True, cache=True, fastmath=SUMS_IN_ANY_ORDER)
def fill_left_gradients(
    of_out: np.ndarray,
    u: np.ndarray,
    v: np.ndarray,
    weights: np.ndarray,
    of_u: np.ndarray,
    of_weights: np.ndarray,
) -> None:
    """Gradients of ``u`` and ``weights`` of ``fill_weighted_relus``, from that of its output."""
    for i in range(len(u)):
        of_u[i] = ZERO
        of_weights[i] = ZERO
        for j in range(0, len(v), 4):
            a, b, c, d = of_out[i, j], of_out[i, j + 1], of_out[i, j + 2], of_out[i, j + 3]
            for h in range(u.shape[1]):
                of_left = u[i, h]
                first, second = of_left + v[j, h], of_left + v[j + 1, h]
                third, fourth = of_left + v[j + 2, h], of_left + v[j + 3, h]
                e = a if first > ZERO else ZERO
                f = b if second > ZERO else ZERO
                g = c if third > ZERO else ZERO
                k = d if fourth > ZERO else ZERO
                of_u[i, h] += e + f + g + k
                of_weights[i, h] += e * first + f * second + g * third + k * fourth
        for h in range(u.shape[1]):
            of_u[i, h] *= weights[i, h]


@numba.njit(nogil=True, cache=True, fastmath=SUMS_IN_ANY_ORDER)
def fill_right_gradients(
    of_out: np.ndarray, u: np.ndarray, v: np.ndarray, weights: np.ndarray, of_v: np.ndarray
) -> None:
    """Gradient of ``v`` of ``fill_weighted_relus``; lefts, too, a multiple of four."""
    for j in range(len(v)):
        of_v[j] = ZERO
        for i in range(0, len(u), 4):
            a, b, c, d = of_out[i, j], of_out[i + 1, j], of_out[i + 2, j], of_out[i + 3, j]
            for h in range(u.shape[1]):
                of_right = v[j, h]
                e = a * weights[i, h] if u[i, h] + of_right > ZERO else ZERO
                f = b * weights[i + 1, h] if u[i + 1, h] + of_right > ZERO else ZERO
                g = c * weights[i + 2, h] if u[i + 2, h] + of_right > ZERO else ZERO
                k = d * weights[i + 3, h] if u[i + 3, h] + of_right > ZERO else ZERO
                of_v[j, h] += e + f + g + k


@numba.njit(nogil=True, cache=True, fastmath=SUMS_IN_ANY_ORDER)
def exponentials_and_sums(
    matrix: np.ndarray,
    shift: np.float32,
    excluded: tuple[np.ndarray, np.ndarray],
    not_in_row: np.ndarray,
    not_in_column: tuple[np.ndarray, np.ndarray],
    row_sums: np.ndarray,
    column_sums: np.ndarray,
) -> None:
    """exp(matrix - shift) in its place, and its sums over rows and over columns.

    Args:
        matrix: some rows of scores, float32; overwritten.
        shift: about the highest score; above 60 more, exponentials are cut off.
        excluded: entries that count as 0, by row: where the columns of each row begin,
            ``(row + 1,)``, and the columns.
        not_in_row: a column that the sum of each row leaves out, -1 for none, ``(row,)``.
        not_in_column: columns whose sums leave out this row, by row as ``excluded``.
        row_sums: written, ``(row,)``.
        column_sums: added to, ``(column,)``.
    """
    starts, columns = excluded
    left_out_starts, left_out = not_in_column
    aside = np.empty(left_out_starts[-1] - left_out_starts[0], dtype=np.float32)
    for i in range(len(matrix)):
        row, own = matrix[i], not_in_row[i]
        _exponentiate(row, shift)
        for place in range(starts[i], starts[i + 1]):
            row[columns[place]] = ZERO
        total, of_own = ZERO, ZERO
        if own >= 0:
            of_own = row[own]
        n_aside = left_out_starts[i + 1] - left_out_starts[i]
        for k in range(n_aside):
            column = left_out[left_out_starts[i] + k]
            aside[k] = row[column]
            row[column] = ZERO
            if column != own:
                total += aside[k]
        if own >= 0:
            column_sums[own] += row[own]
            row[own] = ZERO
        for j in range(len(row)):
            total += row[j]
            column_sums[j] += row[j]
        row_sums[i] = total
        for k in range(n_aside):
            row[left_out[left_out_starts[i] + k]] = aside[k]
        if own >= 0:
            row[own] = of_own


@numba.njit(nogil=True, cache=True)
def gradients_of_sums(
    exponentials: np.ndarray,
    of_rows: np.ndarray,
    of_columns: np.ndarray,
    not_in_row: np.ndarray,
    not_in_column: tuple[np.ndarray, np.ndarray],
) -> None:
    """Gradient of what ``exponentials_and_sums`` sums: exponentials (of_rows + of_columns).

    Args:
        exponentials: some rows, as written there; overwritten by their gradient.
        of_rows: gradient of each row's sum.
        of_columns: gradient of each column's sum.
        not_in_row: as there.
        not_in_column: as there.
    """
    starts, left_out = not_in_column
    aside = np.empty(starts[-1] - starts[0], dtype=np.float32)
    for i in range(len(exponentials)):
        row, own, of_row, of_own = exponentials[i], not_in_row[i], of_rows[i], ZERO
        if own >= 0:
            of_own = row[own] * of_columns[own]
        n_aside = starts[i + 1] - starts[i]
        for k in range(n_aside):
            column = left_out[starts[i] + k]
            aside[k] = ZERO if column == own else row[column] * of_row
        for j in range(len(row)):
            row[j] *= of_row + of_columns[j]
        if own >= 0:
            row[own] = of_own
        for k in range(n_aside):
            row[left_out[starts[i] + k]] = aside[k]


@numba.njit(nogil=True, cache=True)
def _exponentiate(row: np.ndarray, shift: np.float32) -> None:
    for j in range(len(row)):
        row[j] = _exponential(row[j] - shift)


@numba.njit(nogil=True, cache=True)
def fill_kept(
    values: np.ndarray, bits: np.ndarray, below: int, scale: float, out: np.ndarray
) -> None:
    """Write ``scale`` times each value whose bits are below a level, and 0 for the others.

    Args:
        values: ``(entry,)`` float32.
        bits: int16, of each value.
        below: the level.
        scale: of float32 precision.
        out: ``(entry,)`` float32.
    """
    level, factor = np.int16(below), np.float32(scale)
    for i in range(len(values)):
        out[i] = values[i] * factor if bits[i] < level else ZERO


@numba.njit(inline="always")
def _exponential(x: np.float32) -> np.float32:
    """Of a float32, as Cephes' expf does it, which compiles to vector instructions.

    The relative error is below 2e-7; from -87 down it is exp(-87), from 60 up exp(60).
    """
    x = min(max(x, LOWEST), HIGHEST)
    n = np.floor(x * LOG2_E + HALF)
    x = x - n * LN2_HIGH
    x = x - n * LN2_LOW
    y = ((((EXP_5 * x + EXP_4) * x + EXP_3) * x + EXP_2) * x + EXP_1) * x + EXP_0
    y = y * (x * x) + x + ONE
    return y * np.int32((np.int32(n) + EXPONENT_OFFSET) << EXPONENT_PLACE).view(np.float32)
