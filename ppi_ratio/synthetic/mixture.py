"""Gaussian mixtures of (x, y), whose log ratio is exact at every point.

``MIXTURE_TASKS`` are the mixtures of Czyż et al. (2025), "On the properties and estimation of
pointwise mutual information profiles" (``bmi`` v2), with the ids of that benchmark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import logsumexp, ndtri
from scipy.stats import qmc

from ppi_ratio.synthetic.normal import normal_log_density, paired
from ppi_ratio.synthetic.task import Sample

LOG2_POINTS = 13  # 2¹³ points of a Sobol sequence
N_SHIFTS = 8


@dataclass(frozen=True, eq=False)
class GaussianMixture:
    """A mixture of normal laws of (x, y).

    The mutual information has no closed form. It is the mean of the exact log ratio over each
    component, computed at 2¹³ points of a Sobol sequence. The points are shifted 8 times by fixed
    random amounts. The spread over shifts gives the standard error, which is below 0.001 nats for
    all ``MIXTURE_TASKS``.

    Attributes:
        name: name in reports.
        weights: shares of the components, with sum 1; shape ``(component,)``.
        means: shape ``(component, dim_x + dim_y)``.
        covariances: shape ``(component, dim_x + dim_y, dim_x + dim_y)``.
        dim_x: number of coordinates of x, which come first.
    """

    name: str
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    dim_x: int

    def __post_init__(self) -> None:
        n_components, dim = self.means.shape
        if self.weights.shape != (n_components,) or abs(self.weights.sum() - 1) > 1e-9:
            raise ValueError(
                f"{self.name}: {n_components} components need as many weights that sum to 1, got "
                f"{self.weights}"
            )
        if self.covariances.shape != (n_components, dim, dim):
            raise ValueError(
                f"{self.name}: means of shape {self.means.shape} do not fit covariances of shape "
                f"{self.covariances.shape}"
            )

    @property
    def dim_y(self) -> int:
        return self.means.shape[1] - self.dim_x

    @property
    def information(self) -> float:
        return float(self._integrals.mean())

    @property
    def standard_error(self) -> float:
        """Standard error of ``information``, in nats."""
        return float(self._integrals.std(ddof=1) / np.sqrt(N_SHIFTS))

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        components = generator.choice(len(self.weights), size=n, p=self.weights)
        values = generator.standard_normal((n, self.means.shape[1]))
        for component in range(len(self.weights)):
            rows = components == component
            values[rows] = self._component_rows(values[rows], component)
        x, y = np.split(values, [self.dim_x], axis=1)
        return Sample(x, y, self.log_ratio(x, y))

    def log_ratio(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        joint = self._log_density(np.hstack([x, y]), slice(None))
        of_x = self._log_density(x, slice(self.dim_x))
        return joint - of_x - self._log_density(y, slice(self.dim_x, None))

    def _log_density(self, values: np.ndarray, side: slice) -> np.ndarray:
        components = [
            normal_log_density(values - mean[side], covariance[side, side])
            for mean, covariance in zip(self.means, self.covariances, strict=True)
        ]
        return np.asarray(logsumexp(components, axis=0, b=self.weights[:, None]))

    def _component_rows(self, noise: np.ndarray, component: int) -> np.ndarray:
        """Map standard normal rows to rows of one component."""
        return self.means[component] + noise @ np.linalg.cholesky(self.covariances[component]).T

    @cached_property
    def _integrals(self) -> np.ndarray:
        """The information from each shift of the points; shape ``(shift,)``."""
        generator = np.random.default_rng(0)
        points = qmc.Sobol(self.means.shape[1], scramble=False).random_base2(LOG2_POINTS)
        shifts = generator.random((N_SHIFTS, points.shape[1]))
        return np.array([self._mean_log_ratio(ndtri((points + shift) % 1)) for shift in shifts])

    def _mean_log_ratio(self, noise: np.ndarray) -> float:
        means = [
            self.log_ratio(
                *np.split(self._component_rows(noise, component), [self.dim_x], axis=1)
            ).mean()
            for component in range(len(self.weights))
        ]
        return float(self.weights @ means)


def cross(correlation: float) -> GaussianMixture:
    """Half of the rows are correlated and half anticorrelated, so the correlation is 0."""
    covariances = [paired(np.array([sign * correlation])) for sign in (1, -1)]
    return GaussianMixture(
        f"1v1-X-{correlation:g}", np.full(2, 1 / 2), np.zeros((2, 2)), np.stack(covariances), 1
    )


def concentric(dim_x: int, n_components: int) -> GaussianMixture:
    """Component i = 1, 2, ... has x ~ N(0, i² I) and y ~ N(i, 0.01²), so y determines the width."""
    width = np.arange(1.0, n_components + 1)
    variances = np.column_stack(
        [np.repeat(width[:, None] ** 2, dim_x, axis=1), np.full(n_components, 1e-4)]
    )
    return GaussianMixture(
        f"{dim_x}v1-concentric_gaussians-{n_components}",
        np.full(n_components, 1 / n_components),
        np.pad(width[:, None], [(0, 0), (dim_x, 0)]),
        np.stack([np.diag(row) for row in variances]),
        dim_x,
    )


def with_inliers(dim: int, share: float) -> GaussianMixture:
    """Two pairs (x[i], y[i]) have correlation 0.8, except in a share of independent rows.

    Both parts have equal marginal laws, so neither x nor y alone tells which part a row is from.
    """
    correlations = np.zeros(dim)
    correlations[:2] = 0.8
    return GaussianMixture(
        f"mult-sparse-w-inliers-{dim}-{dim}-2-2.0-{share:g}",
        np.array([1 - share, share]),
        np.zeros((2, 2 * dim)),
        np.stack([paired(correlations), np.eye(2 * dim)]),
        dim,
    )


def _mixtures() -> Iterator[GaussianMixture]:
    yield cross(0.9)
    yield from (concentric(dim, n) for dim, n in [(3, 5), (5, 5), (3, 10), (5, 10), (25, 5)])
    yield from (with_inliers(dim, share) for share in (0.2, 0.5) for dim in (5, 25))


MIXTURE_TASKS: dict[str, GaussianMixture] = {task.name: task for task in _mixtures()}
