"""Loops that numba compiles; importing this package takes a second.

Each loop runs on the thread that calls it and lets other threads run. All arrays are float32
and C-contiguous unless a docstring says otherwise.
"""

from ppi_ratio.runtime.kernels.compiled.dropout import scale_kept
from ppi_ratio.runtime.kernels.compiled.exponential_sums import (
    exponentials_and_sums,
    gradients_of_sums,
)
from ppi_ratio.runtime.kernels.compiled.pairwise_mlp import (
    fill_left_gradients,
    fill_pairwise_mlp,
    fill_right_gradients,
    fill_shared_pairwise_mlp,
)
from ppi_ratio.runtime.kernels.compiled.search import count_above, fill_above, keep_best

__all__ = [
    "count_above",
    "exponentials_and_sums",
    "fill_above",
    "fill_left_gradients",
    "fill_pairwise_mlp",
    "fill_right_gradients",
    "fill_shared_pairwise_mlp",
    "gradients_of_sums",
    "keep_best",
    "scale_kept",
]
