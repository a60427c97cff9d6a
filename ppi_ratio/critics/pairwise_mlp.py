"""The hidden layer of an MLP for all pairs of a batch, with gradients, compiled for the CPU.

PyTorch operations would hold every hidden unit of every pair in memory, several times. The
compiled loops hold inputs and outputs only.
"""

import numpy as np
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import BackwardCFunction, Function, FunctionCtx, once_differentiable
from torch.nn import functional

from ppi_ratio.runtime.threads import blocks_of, in_threads

TOGETHER = 4  # rows per step of the compiled loops
ROWS_OF_A_TASK = 32


def pairwise_mlp(
    u: Float[Tensor, "left hidden"],
    v: Float[Tensor, "right hidden"],
    weights: Float[Tensor, "left hidden"],
) -> Float[Tensor, "left right"]:
    """Sum over h of weights[i, h] · max(u[i, h] + v[j, h], 0); float32 on a CPU."""
    n_left, n_right = len(u), len(v)
    whole = _PairwiseMLP.apply(_padded(u), _padded(v), _padded(weights))
    assert isinstance(whole, Tensor)
    return whole[:n_left, :n_right]


class _PairwiseMLP(Function):
    @staticmethod
    def forward(ctx: FunctionCtx, u: Tensor, v: Tensor, weights: Tensor) -> Tensor:
        ctx.save_for_backward(u, v, weights)
        out = u.new_empty(len(u), len(v))
        of_left, of_right, factors, found = _arrays(u, v, weights, out)

        def fill(rows: slice) -> None:
            from ppi_ratio.runtime.kernels import fill_weighted_relus

            fill_weighted_relus(of_left[rows], of_right, factors[rows], found[rows])

        in_threads(fill, blocks_of(len(u), ROWS_OF_A_TASK))
        return out

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: BackwardCFunction, of_out: Tensor
    ) -> tuple[Tensor, ...]:
        saved = ctx.saved_tensors
        u, v, weights = list(saved)
        gradients = tuple(each.new_empty(each.shape) for each in saved)
        of_left, of_right, factors, given = _arrays(u, v, weights, of_out)
        of_u, of_v, of_weights = _arrays(*gradients)

        def fill_left(rows: slice) -> None:
            from ppi_ratio.runtime.kernels import fill_left_gradients

            fill_left_gradients(
                given[rows], of_left[rows], of_right, factors[rows], of_u[rows], of_weights[rows]
            )

        def fill_right(rows: slice) -> None:
            from ppi_ratio.runtime.kernels import fill_right_gradients

            fill_right_gradients(given[:, rows], of_left, of_right[rows], factors, of_v[rows])

        in_threads(fill_left, blocks_of(len(u), ROWS_OF_A_TASK))
        in_threads(fill_right, blocks_of(len(v), ROWS_OF_A_TASK))
        return gradients


def _padded(rows: Tensor) -> Tensor:
    missing = -len(rows) % TOGETHER
    return functional.pad(rows, (0, 0, 0, missing)) if missing else rows


def _arrays(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    return tuple(each.detach().contiguous().numpy() for each in tensors)
