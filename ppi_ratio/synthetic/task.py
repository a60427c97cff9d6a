"""The interface of a task: a law of (x, y) with known mutual information and log ratio."""

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np


class Sample(NamedTuple):
    """Independent draws from the joint law, with the true log ratio of each.

    Attributes:
        x: shape ``(row, dim_x)``, float64.
        y: shape ``(row, dim_y)``, float64.
        log_ratio: log p(x, y) / (p(x) p(y)) of each row, in nats; shape ``(row,)``. The mean over
            the law is the mutual information.
    """

    x: np.ndarray
    y: np.ndarray
    log_ratio: np.ndarray


@runtime_checkable
class Task(Protocol):
    """A law of (x, y) with known mutual information, and a known log ratio of each sample."""

    @property
    def name(self) -> str: ...

    @property
    def dim_x(self) -> int: ...

    @property
    def dim_y(self) -> int: ...

    @property
    def information(self) -> float:
        """Mutual information of x and y, in nats."""
        ...

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        """Draw ``n`` rows from the joint law."""
        ...


@runtime_checkable
class PointwiseTask(Task, Protocol):
    """A task whose log ratio is known at every point, also for pairs that were not sampled."""

    def log_ratio(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Log p(x, y) / (p(x) p(y)) of each row, in nats; -inf outside the joint support."""
        ...


def standardised(values: np.ndarray) -> np.ndarray:
    """Shift and scale each column to mean 0 and standard deviation 1; constant columns become 0.

    The Beyond-Normal benchmark rescales every sample so. The mutual information is unchanged.
    """
    centred = values - values.mean(axis=0)
    scale = values.std(axis=0)
    return np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
