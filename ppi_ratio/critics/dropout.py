"""Dropout that costs a CPU little: four entries from one random number."""

import torch
from torch import Tensor, nn
from torch.nn import functional

N_LEVELS = 2**16  # sixteen random bits decide about an entry


class Dropout(nn.Module):
    """Leaves out each entry with probability ``p`` and scales the others up, as ``nn.Dropout``.

    On a CPU that one draws a whole random number for each entry, a large part of the time of a
    training step. Here ``p`` is rounded to a multiple of 1/65536, and the
    scale is that of the rounded one, so that means are kept exactly.
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
        bits = numbers.random_(torch.iinfo(torch.int64).min, None).view(torch.int16)
        kept = bits[: x.numel()].view(x.shape) < self.n_kept - N_LEVELS // 2
        return x * kept.to(x.dtype).mul_(N_LEVELS / self.n_kept)

    def extra_repr(self) -> str:
        return f"p={self.p}"
