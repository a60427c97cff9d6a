"""Log-sum-exp over a mask, in few passes over the matrix.

Training spends most of its time here, because the matrix grows with the square of the batch. One
exponential per entry is computed and kept for the gradient.
"""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.autograd.function import BackwardCFunction, FunctionCtx, once_differentiable

# The log of an empty sum, and the log-odds of a missing slot. Its exponential is 0. Unlike -inf it
# has gradient 0, not NaN.
LOG_ZERO = -1e30


def log_mean_exp(scores: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Log of the mean of exp over the entries above -inf."""
    return scores.flatten().logsumexp(0) - scores.isfinite().sum().log()


def masked_log_sum_exp(
    matrix: Float[Tensor, "row column"], mask: Bool[Tensor, "row column"]
) -> Float[Tensor, " column"]:
    """Log of the sum of exp over the entries of each column where ``mask`` is true.

    A column without such entries gets ``LOG_ZERO``. The result can be differentiated once.
    """
    nothing = torch.empty(0, matrix.shape[1], dtype=torch.long, device=matrix.device)
    return picked_and_log_sum_exp(matrix, mask, nothing)[1]


def picked_and_log_sum_exp(
    matrix: Float[Tensor, "row column"],
    mask: Bool[Tensor, "row column"],
    rows: Int[Tensor, "picked column"],
) -> tuple[Float[Tensor, "picked column"], Float[Tensor, " column"]]:
    """The entries of each column in ``rows``, and the column's ``masked_log_sum_exp``.

    One function gives both, because the gradient of each is as large as the matrix.
    """
    picked, log_sum = _PickedAndLogSumExp.apply(matrix, mask, rows)
    return picked, log_sum


class _PickedAndLogSumExp(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, matrix: Tensor, mask: Tensor, rows: Tensor
    ) -> tuple[Tensor, Tensor]:
        # unlike masked_fill, where() keeps the layout of a transposed matrix
        shifted = torch.where(mask, matrix, -math.inf)
        highest = shifted.amax(0).clamp_min(LOG_ZERO)
        shares = shifted.sub_(highest).exp_()
        total = shares.sum(0)
        ctx.save_for_backward(shares, total, rows)
        # only a sum of exactly 0 is empty, so a NaN sum stays NaN
        return matrix.gather(0, rows), torch.where(total == 0, LOG_ZERO, highest + total.log())

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] (the decorator changes the type)
        ctx: BackwardCFunction, *grad_outputs: Tensor
    ) -> tuple[Tensor, None, None]:
        of_picked, of_sum = grad_outputs
        shares, total, rows = tuple[Tensor, ...](ctx.saved_tensors)
        gradient = shares * (of_sum / total.clamp_min(1))  # the share of the highest entry is 1
        return gradient.scatter_add_(0, rows, of_picked), None, None
