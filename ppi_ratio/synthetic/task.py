"""What a task is: a law of (x, y) whose mutual information and log density ratio are known."""

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np


class Sample(NamedTuple):
    """Independent draws from the joint law, with the truth about each.

    Attributes:
        x: shape ``(row, dim_x)``, float64.
        y: shape ``(row, dim_y)``, float64.
        log_ratio: log p(x, y) / (p(x) p(y)) of each row, in nats; shape ``(row,)``. Its mean over
            the law is the mutual information.
    """

    x: np.ndarray
    y: np.ndarray
    log_ratio: np.ndarray


@runtime_checkable
class Task(Protocol):
    """A law of (x, y) with known mutual information, which knows the ratio where it samples."""

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

    def sample(self, n: int, generator: np.random.Generator) -> Sample: ...


@runtime_checkable
class PointwiseTask(Task, Protocol):
    """A task whose log ratio is a function, so known also for pairs that were not drawn jointly."""

    def log_ratio(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Log p(x, y) / (p(x) p(y)) of row-aligned points, in nats; -inf off the joint support."""
        ...


def standardised(values: np.ndarray) -> np.ndarray:
    """Each column shifted and scaled to mean 0 and standard deviation 1; a constant one to 0.

    The Beyond-Normal benchmark does so to every sample; mutual information is unchanged.
    """
    centred = values - values.mean(axis=0)
    scale = values.std(axis=0)
    return np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
