"""One hidden layer for all pairs of two sets of proteins, on a CPU.

The plain form holds every hidden unit of every pair of a tile, several times over. The compiled
form holds only its inputs and outputs.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import BackwardCFunction, Function, FunctionCtx, once_differentiable
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from ppi_ratio.runtime.kernels.switch import compiled_in_use
from ppi_ratio.runtime.threads import row_blocks, run_in_threads

ROWS_AT_ONCE = 4  # rows that the compiled loops take together
ROWS_OF_A_TASK = 32
TILE_ELEMENTS = 2**24  # (left, right, hidden) entries that the plain form holds: 64 MB


def pairwise_mlp(
    u: Float[Tensor, "left hidden"],
    v: Float[Tensor, "right hidden"],
    weights: Float[Tensor, "left hidden"],
) -> Float[Tensor, "left right"]:
    """The sum over h of weights[i, h] max(u[i, h] + v[j, h], 0), which can be differentiated once.

    Tensors are float32 on the CPU.
    """
    if not compiled_in_use():
        return plain_pairwise_mlp(u, v, weights)
    n_left, n_right = len(u), len(v)
    whole = _CompiledPairwiseMLP.apply(_padded(u), _padded(v), _padded(weights))
    assert isinstance(whole, Tensor)
    return whole[:n_left, :n_right]


def shared_pairwise_mlp(
    u: Float[Tensor, "left hidden"],
    v: Float[Tensor, "right hidden"],
    weights: Float[Tensor, " hidden"],
) -> Float[Tensor, "left right"]:
    """``pairwise_mlp`` with one row of weights for all lefts and without a gradient; faster."""
    if not compiled_in_use():
        return plain_pairwise_mlp(u, v, weights.expand(len(u), -1))
    from ppi_ratio.runtime.kernels.compiled import fill_shared_pairwise_mlp

    out = u.new_empty(len(u), len(v))
    fill_shared_pairwise_mlp(*_arrays(u, v, weights, out))
    return out


def plain_pairwise_mlp(
    u: Float[Tensor, "left hidden"],
    v: Float[Tensor, "right hidden"],
    weights: Float[Tensor, "left hidden"],
) -> Float[Tensor, "left right"]:
    """``pairwise_mlp`` by operations of PyTorch, a tile of lefts at a time."""
    rows = max(1, TILE_ELEMENTS // max(1, v.numel()))
    if rows >= len(u):
        return _plain_tile(u, v, weights)
    tiles = zip(u.split(rows), weights.split(rows), strict=True)
    # the gradient computes hidden units again, so that only one tile's are in memory
    return torch.cat(
        [checkpoint(_plain_tile, part, v, factors, use_reentrant=False) for part, factors in tiles]
    )


def _plain_tile(u: Tensor, v: Tensor, weights: Tensor) -> Tensor:
    return ((u[:, None] + v[None]).relu() * weights[:, None]).sum(-1)


class _CompiledPairwiseMLP(Function):
    @staticmethod
    def forward(ctx: FunctionCtx, u: Tensor, v: Tensor, weights: Tensor) -> Tensor:
        from ppi_ratio.runtime.kernels.compiled import fill_pairwise_mlp

        ctx.save_for_backward(u, v, weights)
        out = u.new_empty(len(u), len(v))
        lefts, rights, factors, found = _arrays(u, v, weights, out)

        def fill(rows: slice) -> None:
            fill_pairwise_mlp(lefts[rows], rights, factors[rows], found[rows])

        run_in_threads(fill, row_blocks(len(u), ROWS_OF_A_TASK))
        return out

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: BackwardCFunction, of_out: Tensor
    ) -> tuple[Tensor, ...]:
        from ppi_ratio.runtime.kernels.compiled import fill_left_gradients, fill_right_gradients

        saved = ctx.saved_tensors
        u, v, weights = list(saved)
        gradients = tuple(each.new_empty(each.shape) for each in saved)
        lefts, rights, factors, given = _arrays(u, v, weights, of_out)
        of_u, of_v, of_weights = _arrays(*gradients)

        def fill_left(rows: slice) -> None:
            fill_left_gradients(
                given[rows], lefts[rows], rights, factors[rows], of_u[rows], of_weights[rows]
            )

        def fill_right(rows: slice) -> None:
            fill_right_gradients(given[:, rows], lefts, rights[rows], factors, of_v[rows])

        run_in_threads(fill_left, row_blocks(len(u), ROWS_OF_A_TASK))
        run_in_threads(fill_right, row_blocks(len(v), ROWS_OF_A_TASK))
        return gradients


def _padded(rows: Tensor) -> Tensor:
    missing = -len(rows) % ROWS_AT_ONCE
    return functional.pad(rows, (0, 0, 0, missing)) if missing else rows


def _arrays(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    return tuple(each.detach().contiguous().numpy() for each in tensors)
