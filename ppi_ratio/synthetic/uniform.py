"""Uniform x with uniform noise, a law of bounded support."""

import math
from dataclasses import dataclass

import numpy as np

from ppi_ratio.synthetic.task import Sample


@dataclass(frozen=True)
class AdditiveUniform:
    """x uniform on (0, 1) and y = x + uniform noise on (-ε, ε).

    The ratio is 0 where x and y differ by more than ε.

    Attributes:
        epsilon: ε, half of the width of the noise.
    """

    epsilon: float

    def __post_init__(self) -> None:
        if self.epsilon <= 0:
            raise ValueError(f"the width of the noise must be positive, got {self.epsilon}")

    @property
    def name(self) -> str:
        return f"1v1-additive-{self.epsilon:g}"

    @property
    def dim_x(self) -> int:
        return 1

    @property
    def dim_y(self) -> int:
        return 1

    @property
    def information(self) -> float:
        wide = self.epsilon > 0.5
        return 1 / (4 * self.epsilon) if wide else self.epsilon - math.log(2 * self.epsilon)

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        x = generator.random((n, 1))
        y = x + generator.uniform(-self.epsilon, self.epsilon, size=(n, 1))
        return Sample(x, y, self.log_ratio(x, y))

    def log_ratio(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Minus the log of the length of (0, 1) within ε of y; -inf if x and y differ by more."""
        possible = np.abs(y - x) <= self.epsilon
        reach = np.minimum(y + self.epsilon, 1) - np.maximum(y - self.epsilon, 0)
        log_reach = np.log(reach, out=np.full_like(reach, np.inf), where=possible)
        return -log_reach[:, 0]
