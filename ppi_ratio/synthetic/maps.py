"""Smooth one-to-one maps of x and of y, which change neither information nor log ratio.

A map takes and returns points as rows. Maps of single coordinates are increasing, so they also
keep ranks. The formulas are from Czyż et al. (2023), "Beyond Normal".
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from ppi_ratio.synthetic.task import Sample, Task

Map = Callable[[np.ndarray], np.ndarray]

N_HALVINGS = 60  # narrows a bracket of a few units to the spacing of float64


@dataclass(frozen=True)
class Transformed:
    """A task whose x and y are mapped one-to-one.

    The log ratio of a sampled point is the base's log ratio at the original point, so no map has
    to be inverted.

    Attributes:
        name: name in reports.
        base: the task that is mapped.
        map_x: one-to-one on the support of x; it may add dimensions.
        map_y: one-to-one on the support of y; it may add dimensions.
    """

    name: str
    base: Task
    map_x: Map
    map_y: Map

    @property
    def dim_x(self) -> int:
        return self.map_x(np.zeros((1, self.base.dim_x))).shape[1]

    @property
    def dim_y(self) -> int:
        return self.map_y(np.zeros((1, self.base.dim_y))).shape[1]

    @property
    def information(self) -> float:
        return self.base.information

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        x, y, log_ratio = self.base.sample(n, generator)
        return Sample(self.map_x(x), self.map_y(y), log_ratio)


def identity(values: np.ndarray) -> np.ndarray:
    """Return the points unchanged."""
    return values


def asinh(values: np.ndarray) -> np.ndarray:
    """Shorten the tails to about their logarithm."""
    return np.arcsinh(values)


def cube(values: np.ndarray) -> np.ndarray:
    """Lengthen the tails: t³."""
    return values**3


def half_cube(values: np.ndarray) -> np.ndarray:
    """Lengthen the tails less than the cube: t√|t|."""
    return values * np.sqrt(np.abs(values))


def normal_cdf(values: np.ndarray) -> np.ndarray:
    """Map standard normal coordinates to uniform ones on (0, 1)."""
    return ndtr(values)


def wiggly_x(values: np.ndarray) -> np.ndarray:
    """Stretch some parts of the line and compress others."""
    waves = 0.4 * np.sin(values) + 0.2 * np.sin(1.7 * values + 1)
    return values + waves + 0.03 * np.sin(3.3 * values - 2.5)


def wiggly_y(values: np.ndarray) -> np.ndarray:
    """Stretch and compress other parts of the line than ``wiggly_x``."""
    waves = -0.4 * np.sin(0.4 * values) + 0.17 * np.sin(1.3 * values + 3.5)
    return values + waves + 0.02 * np.sin(4.3 * values - 2.5)


def swissroll(values: np.ndarray) -> np.ndarray:
    """Roll up the interval (0, 1) in the plane: (s cos s, s sin s)/21 with s = 1.5π(1 + 2t)."""
    turn = 1.5 * math.pi * (1 + 2 * values)
    return np.hstack([turn * np.cos(turn), turn * np.sin(turn)]) / 21


@dataclass(frozen=True)
class Spiral:
    """Rotate each point v in one plane by ‖v‖²/n radians, with n its dimension.

    This is exp(A‖v‖²/n) v in closed form, with A the generator of rotations of that plane.

    Attributes:
        first: axis of the plane, counted from 0.
        second: axis towards which the first axis is rotated.
    """

    first: int
    second: int

    def __call__(self, values: np.ndarray) -> np.ndarray:
        angle = (values**2).mean(axis=1)
        cos, sin = np.cos(angle), np.sin(angle)
        first, second = values[:, self.first], values[:, self.second]
        turned = values.copy()
        turned[:, self.first] = cos * first - sin * second
        turned[:, self.second] = sin * first + cos * second
        return turned


@dataclass(frozen=True)
class Bimodal:
    """Map a standard normal to a mixture of two normals of variance 1, keeping ranks.

    Attributes:
        share: weight of the first normal.
        means: means of the two normals.
    """

    share: float
    means: tuple[float, float]

    def __call__(self, values: np.ndarray) -> np.ndarray:
        probability = ndtr(values)
        # A quantile of the mixture lies between the quantiles of its two parts.
        low, high = values + min(self.means), values + max(self.means)
        for _ in range(N_HALVINGS):
            middle = (low + high) / 2
            below = self._cdf(middle) < probability
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2

    def _cdf(self, values: np.ndarray) -> np.ndarray:
        first, second = self.means
        return self.share * ndtr(values - first) + (1 - self.share) * ndtr(values - second)
