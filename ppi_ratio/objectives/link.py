"""Raw output of a network -> a score, log r: which function of the ratio the network is linear in.

Every score is a log ratio. Networks differ in what they can let grow without bound: with
``LOG`` it is log r itself, which most objectives want; a squared ratio then grows as exp(2 c), and
its gradient throws the weights about. Objectives of that kind ask for a link under which the
quantity that they square or average is itself linear in the network's output.
"""

from enum import Enum

import torch
from torch import Tensor
from torch.nn import functional

LINEAR_BELOW = -20.0  # softplus(t) is exp(t) there, to float32


class Link(Enum):
    """How the score log r follows from the raw output t."""

    LOG = "log r = t"
    RATIO = "r = softplus(t)"
    INVERSE_RATIO = "1/r = softplus(-t)"

    def __call__(self, raw: Tensor) -> Tensor:
        if self is Link.RATIO:
            return _log_softplus(raw)
        return -_log_softplus(-raw) if self is Link.INVERSE_RATIO else raw


def _log_softplus(raw: Tensor) -> Tensor:
    """Without the underflow of softplus far below zero, where its logarithm is ``raw``."""
    bounded = raw.clamp_min(LINEAR_BELOW)
    return torch.log(functional.softplus(bounded)) + (raw - bounded)
