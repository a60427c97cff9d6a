"""A network's raw output t -> a score, which is always a log ratio.

With the link ``LOG`` the score is t itself; most objectives use it. An objective that squares the
ratio would then square exp(t): its gradients explode and training diverges. Such an objective asks
for a link under which the quantity it squares or averages grows linearly with t.
"""

from enum import Enum

import torch
from torch import Tensor
from torch.nn import functional

LINEAR_BELOW = -20.0  # below, softplus(t) equals exp(t) in float32


class Link(Enum):
    """How the score log r is computed from the raw output t."""

    LOG = "log r = t"
    RATIO = "r = softplus(t)"
    INVERSE_RATIO = "1/r = softplus(-t)"

    def __call__(self, raw: Tensor) -> Tensor:
        if self is Link.RATIO:
            return _log_softplus(raw)
        return -_log_softplus(-raw) if self is Link.INVERSE_RATIO else raw


def _log_softplus(raw: Tensor) -> Tensor:
    """log(softplus(raw)), which is ``raw`` far below zero, where softplus would underflow."""
    bounded = raw.clamp_min(LINEAR_BELOW)
    return torch.log(functional.softplus(bounded)) + (raw - bounded)
