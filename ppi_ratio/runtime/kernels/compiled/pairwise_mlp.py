"""One hidden layer for all pairs of a tile, with its gradients.

Operations of PyTorch write and read every hidden unit of every pair several times. Here a hidden
unit stays in a register.
"""

import numba
import numpy as np

from ppi_ratio.runtime.kernels.compiled.constants import FAST_SUMS, ZERO


@numba.njit(nogil=True, cache=True, fastmath=FAST_SUMS)
def fill_shared_pairwise_mlp(
    u: np.ndarray, v: np.ndarray, weight: np.ndarray, out: np.ndarray
) -> None:
    """Write the sum over h of weight[h] max(u[i, h] + v[j, h], 0) for every i and j.

    Args:
        u: ``(left, hidden)``. Four lefts at a time share what is read of a right.
        v: ``(right, hidden)``.
        weight: ``(hidden,)``.
        out: ``(left, right)``.
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


@numba.njit(nogil=True, cache=True, fastmath=FAST_SUMS)
def fill_pairwise_mlp(u: np.ndarray, v: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """Write the sum over h of weights[i, h] max(u[i, h] + v[j, h], 0) for every i and j.

    Args:
        u: ``(left, hidden)``.
        v: ``(right, hidden)``; the number of rights is a multiple of four.
        weights: ``(left, hidden)``.
        out: ``(left, right)``.
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


@numba.njit(nogil=True, cache=True, fastmath=FAST_SUMS)
def fill_left_gradients(
    of_out: np.ndarray,
    u: np.ndarray,
    v: np.ndarray,
    weights: np.ndarray,
    of_u: np.ndarray,
    of_weights: np.ndarray,
) -> None:
    """Gradients with respect to ``u`` and ``weights`` of ``fill_pairwise_mlp``."""
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


@numba.njit(nogil=True, cache=True, fastmath=FAST_SUMS)
def fill_right_gradients(
    of_out: np.ndarray, u: np.ndarray, v: np.ndarray, weights: np.ndarray, of_v: np.ndarray
) -> None:
    """Gradient with respect to ``v`` of ``fill_pairwise_mlp``; lefts are a multiple of four."""
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
