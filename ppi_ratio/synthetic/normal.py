"""Jointly normal x and y, with any covariance or with correlated pairs of coordinates."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from ppi_ratio.synthetic.task import Sample


@dataclass(frozen=True, eq=False)
class Gaussian:
    """A normal law of (x, y) with mean 0.

    Attributes:
        name: name in reports.
        covariance: covariance of the coordinates of x, then of y; positive definite.
        dim_x: number of coordinates of x.
    """

    name: str
    covariance: np.ndarray
    dim_x: int

    def __post_init__(self) -> None:
        size = len(self.covariance)
        if self.covariance.shape != (size, size) or not 0 < self.dim_x < size:
            raise ValueError(
                f"{self.name}: a covariance of shape {self.covariance.shape} does not divide into "
                f"{self.dim_x} coordinates of x and at least one of y"
            )

    @property
    def dim_y(self) -> int:
        return len(self.covariance) - self.dim_x

    @property
    def information(self) -> float:
        """½ log(det Σx det Σy / det Σ)."""
        joint, left, right = (
            np.linalg.slogdet(part).logabsdet for part in (self.covariance, *self._marginals)
        )
        return float(left + right - joint) / 2

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        noise = generator.standard_normal((n, len(self.covariance)))
        x, y = np.split(noise @ np.linalg.cholesky(self.covariance).T, [self.dim_x], axis=1)
        return Sample(x, y, self.log_ratio(x, y))

    def log_ratio(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        of_x, of_y = self._marginals
        joint = normal_log_density(np.hstack([x, y]), self.covariance)
        return joint - normal_log_density(x, of_x) - normal_log_density(y, of_y)

    @property
    def _marginals(self) -> tuple[np.ndarray, np.ndarray]:
        d = self.dim_x
        return self.covariance[:d, :d], self.covariance[d:, d:]


def gaussian(dim: int, information: float) -> Gaussian:
    """``dim`` independent pairs of standard normals with one correlation ρ.

    Args:
        dim: number of coordinates on each side.
        information: mutual information -dim/2 log(1 - ρ²), in nats.
    """
    if information < 0:
        raise ValueError(f"mutual information is never negative, got {information}")
    correlation = math.sqrt(-math.expm1(-2 * information / dim))
    return Gaussian(f"gaussian-{dim}-{information:.4g}", paired(np.full(dim, correlation)), dim)


def paired(correlations: np.ndarray) -> np.ndarray:
    """Covariance of standard normals, where x[i] and y[i] have correlation ``correlations[i]``."""
    identity, across = np.eye(len(correlations)), np.diag(correlations)
    return np.block([[identity, across], [across, identity]])


def normal_log_density(values: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Log density of each row under the normal law with mean 0; shape ``(row,)``."""
    root = np.linalg.cholesky(covariance)
    white = solve_triangular(root, values.T, lower=True)
    log_norm = np.log(root.diagonal()).sum() + len(root) * math.log(2 * math.pi) / 2
    return -(white**2).sum(axis=0) / 2 - log_norm
