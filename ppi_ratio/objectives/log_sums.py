"""Log-sum-exp over a mask, in as few passes over the matrix as it takes.

Training spends most of its time here: the matrix of a batch grows with its square, the work per
protein does not. One exponential per entry is computed and kept for the gradient.
"""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.autograd.function import BackwardCFunction, FunctionCtx, once_differentiable

# log of a sum over nothing, and log-odds of a slot that is not there: exp of it is 0, and unlike
# with -inf the gradient is 0 too
ABSENT = -1e30


def log_mean_exp(scores: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Log of the mean of exp over the entries above -inf."""
    return scores.flatten().logsumexp(0) - scores.isfinite().sum().log()


def masked_log_sum_exp(
    matrix: Float[Tensor, "row column"], mask: Bool[Tensor, "row column"]
) -> Float[Tensor, " column"]:
    """Log of the sum of exp over the entries of each column where ``mask`` is true.

    ``ABSENT`` for a column without any. It can be differentiated once.
    """
    nothing = torch.empty(0, matrix.shape[1], dtype=torch.long, device=matrix.device)
    return picked_and_log_sum_exp(matrix, mask, nothing)[1]


def picked_and_log_sum_exp(
    matrix: Float[Tensor, "row column"],
    mask: Bool[Tensor, "row column"],
    rows: Int[Tensor, "picked column"],
) -> tuple[Float[Tensor, "picked column"], Float[Tensor, " column"]]:
    """Some entries of each column, and its ``masked_log_sum_exp``.

    Both in one step, since the gradient of either is as large as the matrix.
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
        highest = shifted.amax(0).clamp_min(ABSENT)
        shares = shifted.sub_(highest).exp_()
        total = shares.sum(0)
        ctx.save_for_backward(shares, total, rows)
        # a sum that is no number stays one: it is not the sum over nothing
        return matrix.gather(0, rows), torch.where(total == 0, ABSENT, highest + total.log())

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] (the decorator's doing)
        ctx: BackwardCFunction, *grad_outputs: Tensor
    ) -> tuple[Tensor, None, None]:
        of_picked, of_sum = grad_outputs
        shares, total, rows = tuple[Tensor, ...](ctx.saved_tensors)
        gradient = shares * (of_sum / total.clamp_min(1))  # the highest entry alone makes 1
        return gradient.scatter_add_(0, rows, of_picked), None, None
