"""Staircases: tasks of one kind with 2, 4, 6, 8 and 10 bits of information.

Ten bits are 6.93 nats, far above the log of usual batch sizes. Each side has ten coordinates or
bits, as in Lee & Rhee (2024). The maps of y are among those of f-DIME.
"""

import math
from collections.abc import Callable

from ppi_ratio.synthetic import maps
from ppi_ratio.synthetic.digits import digits
from ppi_ratio.synthetic.normal import gaussian
from ppi_ratio.synthetic.task import Task

STAIRCASE_BITS = (2, 4, 6, 8, 10)
DIM = 10


def cubic(dim: int, information: float) -> maps.Transformed:
    """The ``gaussian`` task with each coordinate of y cubed; information in nats."""
    return _with_right("cubic", maps.cube, dim, information)


def half_cubic(dim: int, information: float) -> maps.Transformed:
    """The ``gaussian`` task with y√|y| for each coordinate of y; information in nats."""
    return _with_right("half_cubic", maps.half_cube, dim, information)


def asinh(dim: int, information: float) -> maps.Transformed:
    """The ``gaussian`` task with asinh of each coordinate of y; information in nats."""
    return _with_right("asinh", maps.asinh, dim, information)


def _with_right(kind: str, map_y: maps.Map, dim: int, information: float) -> maps.Transformed:
    base = gaussian(dim, information)
    return maps.Transformed(f"{kind}-{base.name}", base, maps.identity, map_y)


def _steps(task: Callable[[int, float], Task]) -> dict[int, Task]:
    return {bits: task(DIM, bits * math.log(2)) for bits in STAIRCASE_BITS}


STAIRCASES: dict[str, dict[int, Task]] = {
    "gaussian": _steps(gaussian),
    "cubic": _steps(cubic),
    "half_cubic": _steps(half_cubic),
    "asinh": _steps(asinh),
    "digits": _steps(digits),
}
