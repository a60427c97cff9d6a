"""A multivariate t law with heavy tails: x and y are uncorrelated but dependent."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from ppi_ratio.synthetic.task import Sample


@dataclass(frozen=True)
class Student:
    """The t law of (x, y) with the identity as dispersion matrix.

    All coordinates share one random scale, which is the only dependence of x and y. The formula
    of the information is from Arellano-Valle et al. (2013), equation 7.

    Attributes:
        dim_x: coordinates of x.
        dim_y: coordinates of y.
        df: degrees of freedom. There is no finite variance up to 2, and no mean up to 1.
    """

    dim_x: int
    dim_y: int
    df: int

    def __post_init__(self) -> None:
        if self.df <= 0:
            raise ValueError(f"degrees of freedom must be positive, got {self.df}")

    @property
    def name(self) -> str:
        return f"student-identity-{self.dim_x}-{self.dim_y}-{self.df}"

    @property
    def information(self) -> float:
        """f(df) + f(df + m + n) - f(df + m) - f(df + n), with f(t) = lnΓ(t/2) - (t/2) ψ(t/2)."""
        m, n, df = self.dim_x, self.dim_y, self.df
        half = np.array([df, df + m + n, df + m, df + n]) / 2
        return float((gammaln(half) - half * digamma(half)) @ [1, 1, -1, -1])

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        normal = generator.standard_normal((n, self.dim_x + self.dim_y))
        scale = np.sqrt(self.df / generator.chisquare(self.df, size=(n, 1)))
        x, y = np.split(scale * normal, [self.dim_x], axis=1)
        return Sample(x, y, self.log_ratio(x, y))

    def log_ratio(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        joint = student_log_density(np.hstack([x, y]), self.df)
        return joint - student_log_density(x, self.df) - student_log_density(y, self.df)


def student_log_density(values: np.ndarray, df: int) -> np.ndarray:
    """Log density of each row under the t law with the identity as dispersion."""
    dim = values.shape[1]
    log_norm = gammaln(df / 2) - gammaln((df + dim) / 2) + dim * math.log(df * math.pi) / 2
    return -(df + dim) / 2 * np.log1p((values**2).sum(axis=1) / df) - log_norm
