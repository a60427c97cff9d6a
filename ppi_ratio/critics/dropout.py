"""Dropout that is fast on a CPU, and Gaussian noise; both act in training only."""

import torch
from torch import Tensor, nn
from torch.autograd.function import BackwardCFunction, Function, FunctionCtx, once_differentiable
from torch.nn import functional

from ppi_ratio.runtime.kernels import compiled_in_use
from ppi_ratio.runtime.threads import row_blocks, run_in_threads

N_LEVELS = 2**16  # sixteen random bits decide whether an entry is dropped
ENTRIES_OF_A_TASK = 2**18


class Dropout(nn.Module):
    """Drops each entry with probability ``p`` and scales the others up, like ``nn.Dropout``.

    On a CPU ``nn.Dropout`` draws one random number per entry, which is a large part of a training
    step. Here four entries share one random number. ``p`` is rounded to a multiple of 1/65536, and
    the scale uses the rounded ``p``, so means are kept exactly.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.n_kept = min(max(round((1 - p) * N_LEVELS), 1), N_LEVELS - 1)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        if x.device.type != "cpu":
            return functional.dropout(x, self.p)
        numbers = torch.empty(-(-x.numel() // 4), dtype=torch.int64)
        bits = numbers.random_(torch.iinfo(torch.int64).min, None).view(torch.int16)[: x.numel()]
        below, scale = self.n_kept - N_LEVELS // 2, N_LEVELS / self.n_kept
        if x.dtype == torch.float32 and compiled_in_use():
            kept = _Kept.apply(x, bits, below, scale)
            assert isinstance(kept, Tensor)
            return kept
        return x * (bits.view(x.shape) < below).to(x.dtype).mul_(scale)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class GaussianNoise(nn.Module):
    """Adds normal noise of standard deviation ``std`` in training."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.std == 0:
            return x
        return x + torch.randn_like(x) * self.std

    def extra_repr(self) -> str:
        return f"std={self.std}"


class _Kept(Function):
    """Entries whose random bits are below a level, scaled; the other entries are 0."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, bits: Tensor, below: int, scale: float) -> Tensor:
        ctx.save_for_backward(bits)
        ctx.level = below, scale  # pyright: ignore[reportAttributeAccessIssue]
        return _kept(x, bits, below, scale)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] (the decorator changes the type)
        ctx: BackwardCFunction, of_kept: Tensor
    ) -> tuple[Tensor, None, None, None]:
        (bits,) = tuple[Tensor, ...](ctx.saved_tensors)
        below, scale = ctx.level  # pyright: ignore[reportAttributeAccessIssue]
        return _kept(of_kept, bits, below, scale), None, None, None


def _kept(x: Tensor, bits: Tensor, below: int, scale: float) -> Tensor:
    out = torch.empty(x.shape)
    given, drawn, kept = x.detach().reshape(-1).numpy(), bits.numpy(), out.view(-1).numpy()

    def fill(part: slice) -> None:
        from ppi_ratio.runtime.kernels.compiled import scale_kept

        scale_kept(given[part], drawn[part], below, scale, kept[part])

    run_in_threads(fill, row_blocks(len(kept), ENTRIES_OF_A_TASK))
    return out
