"""Laws of (x, y) whose log density ratio and mutual information are known exactly."""

from ppi_ratio.synthetic.benchmark import BENCHMARK_TASKS
from ppi_ratio.synthetic.digits import DigitsChannel, digits
from ppi_ratio.synthetic.discrete import DiscreteTable, random_table
from ppi_ratio.synthetic.maps import Transformed
from ppi_ratio.synthetic.mixture import MIXTURE_TASKS, GaussianMixture
from ppi_ratio.synthetic.normal import Gaussian, gaussian
from ppi_ratio.synthetic.relations import Stacked, shuffled, truncated
from ppi_ratio.synthetic.staircase import STAIRCASE_BITS, STAIRCASES, cubic
from ppi_ratio.synthetic.student import Student
from ppi_ratio.synthetic.task import PointwiseTask, Sample, Task, standardised
from ppi_ratio.synthetic.uniform import AdditiveUniform

__all__ = [
    "BENCHMARK_TASKS",
    "MIXTURE_TASKS",
    "STAIRCASES",
    "STAIRCASE_BITS",
    "AdditiveUniform",
    "DigitsChannel",
    "DiscreteTable",
    "Gaussian",
    "GaussianMixture",
    "PointwiseTask",
    "Sample",
    "Stacked",
    "Student",
    "Task",
    "Transformed",
    "cubic",
    "digits",
    "gaussian",
    "random_table",
    "shuffled",
    "standardised",
    "truncated",
]
