"""A table of joint probabilities -> one-hot samples with their log ratios."""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from ppi_ratio.synthetic.task import Sample


@dataclass(frozen=True, eq=False)
class DiscreteTable:
    """x is the row and y the column of a random table entry, both one-hot.

    Attributes:
        name: name in reports.
        joint: probability of each entry, summing to 1, no row or column all zero; shape
            ``(dim_x, dim_y)``.
    """

    name: str
    joint: np.ndarray

    def __post_init__(self) -> None:
        if self.joint.ndim != 2 or (self.joint < 0).any() or abs(self.joint.sum() - 1) > 1e-9:
            raise ValueError(
                f"{self.name}: the joint law needs two axes, entries of at least 0, and sum 1"
            )
        if not (self.joint.any(axis=0).all() and self.joint.any(axis=1).all()):
            raise ValueError(f"{self.name}: a row or column of zeros has no ratio; remove it")

    @property
    def dim_x(self) -> int:
        return self.joint.shape[0]

    @property
    def dim_y(self) -> int:
        return self.joint.shape[1]

    @property
    def ratio(self) -> np.ndarray:
        """p(x, y) / (p(x) p(y)) of each entry, of the shape of ``joint``."""
        return self.joint / np.outer(self.joint.sum(axis=1), self.joint.sum(axis=0))

    @property
    def information(self) -> float:
        return float(xlogy(self.joint, self.ratio).sum())

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        entries = generator.choice(self.joint.size, size=n, p=self.joint.ravel())
        rows, columns = np.unravel_index(entries, self.joint.shape)
        x, y = np.eye(self.dim_x)[rows], np.eye(self.dim_y)[columns]
        return Sample(x, y, self.log_ratio(x, y))

    def log_ratio(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        ratio = self.ratio
        log_ratio = np.log(ratio, out=np.full_like(ratio, -np.inf), where=ratio > 0)
        return log_ratio[x.argmax(axis=1), y.argmax(axis=1)]


def random_table(
    generator: np.random.Generator, shape: tuple[int, int], concentration: float
) -> DiscreteTable:
    """Draw a table from a symmetric Dirichlet law.

    Args:
        generator: source of randomness.
        shape: number of values of x and of y.
        concentration: a smaller value puts the probability on fewer entries and gives more
            information. Towards infinity x and y become independent.
    """
    n_x, n_y = shape
    joint = generator.dirichlet(np.full(n_x * n_y, concentration)).reshape(shape)
    return DiscreteTable(f"table-{n_x}-{n_y}-{concentration:g}", joint)
