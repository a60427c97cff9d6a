"""The 40 tasks of the Beyond-Normal benchmark (``bmi`` v1), with its ids and in its order.

Czyż, Grabowski, Vogt, Beerenwinkel, Marx (2023), "Beyond Normal: On the Evaluation of Mutual
Information Estimators", NeurIPS. The benchmark rescales each sample; see ``standardised``.
"""

from collections.abc import Iterator

import numpy as np

from ppi_ratio.synthetic.maps import (
    Bimodal,
    Spiral,
    Transformed,
    asinh,
    half_cube,
    identity,
    normal_cdf,
    swissroll,
    wiggly_x,
    wiggly_y,
)
from ppi_ratio.synthetic.normal import Gaussian, paired
from ppi_ratio.synthetic.student import Student
from ppi_ratio.synthetic.task import Task
from ppi_ratio.synthetic.uniform import AdditiveUniform


def dense(dim: int) -> Gaussian:
    """All pairs of coordinates have correlation ½."""
    size = 2 * dim
    return Gaussian(f"multinormal-dense-{dim}-{dim}-0.5", (np.eye(size) + 1) / 2, dim)


def sparse(dim: int) -> Gaussian:
    """Two pairs (x[i], y[i]) have correlation 0.8 (signal to noise 2); the rest is independent."""
    correlations = np.zeros(dim)
    correlations[:2] = 0.8
    return Gaussian(f"multinormal-sparse-{dim}-{dim}-2-2.0", paired(correlations), dim)


def _in_one_dimension() -> Iterator[Task]:
    normal = Gaussian("1v1-normal-0.75", paired(np.array([0.75])), 1)
    uniform = _uniform(normal)
    student = Student(1, 1, 1)
    yield normal
    yield uniform
    yield AdditiveUniform(0.1)
    yield AdditiveUniform(0.75)
    yield Transformed(
        "1v1-bimodal-0.75", normal, Bimodal(0.3, (0.0, 5.0)), Bimodal(0.5, (-1.0, 3.0))
    )
    yield Transformed(f"wiggly-{normal.name}", normal, wiggly_x, wiggly_y)
    yield _half_cube(normal)
    yield student
    yield _asinh(student)
    yield Transformed(f"swissroll_x-{uniform.name}", uniform, swissroll, identity)


def _in_many_dimensions() -> Iterator[Task]:
    yield from (dense(dim) for dim in (2, 3, 5, 25, 50))
    yield from (sparse(dim) for dim in (2, 3, 5, 25))
    for dim, df in [(2, 1), (2, 2), (3, 2), (3, 3), (5, 2), (5, 3)]:
        yield Student(dim, dim, df)


def _transformed() -> Iterator[Task]:
    bases = [sparse(dim) for dim in (3, 5, 25)]
    yield from map(_uniform, bases)
    yield from map(_half_cube, bases)
    yield from map(_spiral, bases)
    yield from (_spiral(_uniform(base)) for base in bases)
    yield from (_asinh(Student(dim, dim, df)) for dim, df in [(2, 1), (3, 2), (5, 2)])


def _uniform(base: Task) -> Transformed:
    return Transformed(f"normal_cdf-{base.name}", base, normal_cdf, normal_cdf)


def _half_cube(base: Task) -> Transformed:
    return Transformed(f"half_cube-{base.name}", base, half_cube, half_cube)


def _asinh(base: Task) -> Transformed:
    return Transformed(f"asinh-{base.name}", base, asinh, asinh)


def _spiral(base: Task) -> Transformed:
    return Transformed(f"spiral-{base.name}", base, Spiral(0, 1), Spiral(1, 2))


BENCHMARK_TASKS: dict[str, Task] = {
    task.name: task
    for tasks in (_in_one_dimension(), _in_many_dimensions(), _transformed())
    for task in tasks
}
