"""Tasks derived from other tasks, with information that is known relative to the originals.

A correct estimator of mutual information must satisfy three relations, for any base law. Shuffled
pairs have no information. Removing coordinates of y adds no information. The information of
independent tasks side by side is the sum of their information.
"""

from dataclasses import dataclass

import numpy as np

from ppi_ratio.synthetic.normal import Gaussian
from ppi_ratio.synthetic.task import Sample, Task


def shuffled(
    x: np.ndarray, y: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Permute the partners: both marginals stay, and the information is 0."""
    return x, generator.permutation(y)


def truncated(task: Gaussian, dim_y: int) -> Gaussian:
    """Keep only the first ``dim_y`` coordinates of y, which cannot add information."""
    if not 0 < dim_y <= task.dim_y:
        raise ValueError(
            f"{task.name} has {task.dim_y} coordinates of y; keep 1 to {task.dim_y}, not {dim_y}"
        )
    kept = task.dim_x + dim_y
    return Gaussian(f"{task.name}-first-{dim_y}", task.covariance[:kept, :kept], task.dim_x)


@dataclass(frozen=True)
class Stacked:
    """Independent tasks side by side; their information and their log ratios add up."""

    parts: tuple[Task, ...]

    @property
    def name(self) -> str:
        return "+".join(part.name for part in self.parts)

    @property
    def dim_x(self) -> int:
        return sum(part.dim_x for part in self.parts)

    @property
    def dim_y(self) -> int:
        return sum(part.dim_y for part in self.parts)

    @property
    def information(self) -> float:
        return sum(part.information for part in self.parts)

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        x, y, log_ratio = zip(*(part.sample(n, generator) for part in self.parts), strict=True)
        return Sample(np.hstack(x), np.hstack(y), np.sum(log_ratio, axis=0))
