"""Exponentials of a matrix and their sums over rows and over columns, in one pass.

Both directions of a loss need the same exponentials, and each leaves some entries out of its sums.
The plain form is the loss of the whole matrix by autograd.
"""

import numba
import numpy as np

from ppi_ratio.runtime.kernels.compiled.constants import FAST_SUMS, HALF, ONE, ZERO

LOWEST = np.float32(-87)  # exp(-87) is about the smallest normal float32
HIGHEST = np.float32(60)  # thousands of exp(60) still add up in float32
LOG2_E = np.float32(1.44269504)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
# coefficients of Cephes' expf
EXP_0, EXP_1, EXP_2, EXP_3, EXP_4, EXP_5 = (
    np.float32(5.0000001201e-1),
    np.float32(1.6666665459e-1),
    np.float32(4.1665795894e-2),
    np.float32(8.3334519073e-3),
    np.float32(1.3981999507e-3),
    np.float32(1.9875691500e-4),
)
EXPONENT_BIAS, EXPONENT_SHIFT = np.int32(127), np.int32(23)  # of a float32's bits


@numba.njit(nogil=True, cache=True, fastmath=FAST_SUMS)
def exponentials_and_sums(
    matrix: np.ndarray,
    shift: np.float32,
    excluded: tuple[np.ndarray, np.ndarray],
    not_in_row: np.ndarray,
    not_in_column: tuple[np.ndarray, np.ndarray],
    row_sums: np.ndarray,
    column_sums: np.ndarray,
) -> None:
    """Overwrite a matrix by exp(matrix - shift); sum over its rows and over its columns.

    Args:
        matrix: some rows of scores; overwritten.
        shift: about the highest score. Scores more than 60 above ``shift`` count as 60 above.
        excluded: entries that count as 0, row by row: the position of each row's first column,
            ``(row + 1,)``, and the columns.
        not_in_row: a column that the sum of each row leaves out, -1 for none, ``(row,)``.
        not_in_column: columns whose sums leave out this row, row by row like ``excluded``.
        row_sums: written, ``(row,)``.
        column_sums: added to, ``(column,)``.
    """
    starts, columns = excluded
    left_out_starts, left_out = not_in_column
    saved = np.empty(left_out_starts[-1] - left_out_starts[0], dtype=np.float32)
    for i in range(len(matrix)):
        row, dropped = matrix[i], not_in_row[i]
        _exponentiate(row, shift)
        for place in range(starts[i], starts[i + 1]):
            row[columns[place]] = ZERO
        # An entry that a sum leaves out is set to 0 while whole rows are added, then restored.
        total, value_of_dropped = ZERO, ZERO
        if dropped >= 0:
            value_of_dropped = row[dropped]
        n_saved = left_out_starts[i + 1] - left_out_starts[i]
        for k in range(n_saved):
            column = left_out[left_out_starts[i] + k]
            saved[k] = row[column]
            row[column] = ZERO
            if column != dropped:
                total += saved[k]
        if dropped >= 0:
            column_sums[dropped] += row[dropped]
            row[dropped] = ZERO
        for j in range(len(row)):
            total += row[j]
            column_sums[j] += row[j]
        row_sums[i] = total
        for k in range(n_saved):
            row[left_out[left_out_starts[i] + k]] = saved[k]
        if dropped >= 0:
            row[dropped] = value_of_dropped


@numba.njit(nogil=True, cache=True)
def gradients_of_sums(
    exponentials: np.ndarray,
    of_rows: np.ndarray,
    of_columns: np.ndarray,
    not_in_row: np.ndarray,
    not_in_column: tuple[np.ndarray, np.ndarray],
) -> None:
    """Gradient of the sums with respect to the scores: exponentials (of_rows + of_columns).

    Args:
        exponentials: rows that ``exponentials_and_sums`` wrote; overwritten by the gradient.
        of_rows: gradient with respect to each row's sum.
        of_columns: gradient with respect to each column's sum.
        not_in_row: as for ``exponentials_and_sums``.
        not_in_column: as for ``exponentials_and_sums``.
    """
    starts, left_out = not_in_column
    saved = np.empty(starts[-1] - starts[0], dtype=np.float32)
    for i in range(len(exponentials)):
        row, dropped, of_row, gradient_of_dropped = exponentials[i], not_in_row[i], of_rows[i], ZERO
        if dropped >= 0:
            gradient_of_dropped = row[dropped] * of_columns[dropped]
        n_saved = starts[i + 1] - starts[i]
        for k in range(n_saved):
            column = left_out[starts[i] + k]
            saved[k] = ZERO if column == dropped else row[column] * of_row
        for j in range(len(row)):
            row[j] *= of_row + of_columns[j]
        if dropped >= 0:
            row[dropped] = gradient_of_dropped
        for k in range(n_saved):
            row[left_out[starts[i] + k]] = saved[k]


@numba.njit(nogil=True, cache=True)
def _exponentiate(row: np.ndarray, shift: np.float32) -> None:
    for j in range(len(row)):
        row[j] = _exponential(row[j] - shift)


@numba.njit(inline="always")
def _exponential(x: np.float32) -> np.float32:
    """Exponential by the polynomial of Cephes' expf, which compiles to vector instructions.

    The relative error is below 2e-7. Below -87 the result is exp(-87), above 60 it is exp(60).
    """
    x = min(max(x, LOWEST), HIGHEST)
    n = np.floor(x * LOG2_E + HALF)
    x = x - n * LN2_HIGH
    x = x - n * LN2_LOW
    y = ((((EXP_5 * x + EXP_4) * x + EXP_3) * x + EXP_2) * x + EXP_1) * x + EXP_0
    y = y * (x * x) + x + ONE
    return y * np.int32((np.int32(n) + EXPONENT_BIAS) << EXPONENT_SHIFT).view(np.float32)
