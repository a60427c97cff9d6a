"""Dropout in one pass over the entries and their random bits, without a mask in memory."""

import numba
import numpy as np

from ppi_ratio.runtime.kernels.compiled.constants import ZERO


@numba.njit(nogil=True, cache=True)
def scale_kept(
    values: np.ndarray, bits: np.ndarray, below: int, scale: float, out: np.ndarray
) -> None:
    """Write ``scale`` times each value whose bits are below a level, and 0 for the others.

    Args:
        values: ``(entry,)``.
        bits: random int16 of each value, ``(entry,)``.
        below: the level.
        scale: rounded to float32.
        out: ``(entry,)``.
    """
    level, factor = np.int16(below), np.float32(scale)
    for i in range(len(values)):
        out[i] = values[i] * factor if bits[i] < level else ZERO
