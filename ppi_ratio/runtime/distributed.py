"""Tensors of all ranks of a distributed job, with gradient; a single process is its own whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, distributed

_alone = ContextVar("alone", default=False)


@contextmanager
def alone() -> Iterator[None]:
    """Within the block this process is its own whole: what every rank does alike."""
    token = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(token)


def n_ranks() -> int:
    """Processes that train together."""
    return distributed.get_world_size() if _is_distributed() else 1


def own_rank() -> int:
    """Number of this process among them."""
    return distributed.get_rank() if _is_distributed() else 0


def gathered(tensor: Tensor) -> Tensor:
    """The tensors of all ranks, of one shape, joined along the first axis in order of rank.

    The gradient of every rank's use of a row flows back to the rank it came from; averaged over
    the ranks, as DDP does with those of the weights, it is that of the mean of their losses.
    """
    return tensor if n_ranks() == 1 else _Gathered.apply(tensor)


class _Gathered(torch.autograd.Function):
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
    return not _alone.get() and distributed.is_available() and distributed.is_initialized()
