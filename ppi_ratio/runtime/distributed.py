"""All-gather with gradient: the tensors of all ranks, for a loss over the whole batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, distributed

_single = ContextVar("single_process", default=False)


@contextmanager
def single_process() -> Iterator[None]:
    """Within the block this process works alone, for work that every rank repeats."""
    token = _single.set(True)
    try:
        yield
    finally:
        _single.reset(token)


def n_ranks() -> int:
    """Number of processes that train together."""
    return distributed.get_world_size() if _is_distributed() else 1


def own_rank() -> int:
    """Rank of this process among the processes that train together."""
    return distributed.get_rank() if _is_distributed() else 0


def all_gather(tensor: Tensor) -> Tensor:
    """Join the tensors of all ranks, which have one shape, along the first axis in order of rank.

    The gradient of a row, summed over the ranks that use the row, flows back to its own rank.
    DDP averages the gradients of the weights over ranks: the result is the gradient of the mean
    of the ranks' losses.
    """
    return tensor if n_ranks() == 1 else _AllGather.apply(tensor)


class _AllGather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:  # noqa: ANN401 -- torch's own context
        ctx.n_rows = len(tensor)
        parts = [torch.empty_like(tensor) for _ in range(n_ranks())]
        distributed.all_gather(parts, tensor.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # noqa: ANN401
        total = gradients[0].contiguous().clone()
        distributed.all_reduce(total)
        return total[own_rank() * ctx.n_rows :][: ctx.n_rows]


def _is_distributed() -> bool:
    return not _single.get() and distributed.is_available() and distributed.is_initialized()
