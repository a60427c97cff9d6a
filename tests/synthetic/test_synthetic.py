import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import ndtr
from scipy.stats import multivariate_normal, multivariate_t

from ppi_ratio.synthetic import (
    BENCHMARK_TASKS,
    MIXTURE_TASKS,
    STAIRCASE_BITS,
    STAIRCASES,
    AdditiveUniform,
    DigitsChannel,
    DiscreteTable,
    Gaussian,
    GaussianMixture,
    PointwiseTask,
    Stacked,
    Student,
    Task,
    Transformed,
    digits,
    gaussian,
    random_table,
    shuffled,
    standardised,
    truncated,
)
from ppi_ratio.synthetic.digits import PIXELS, digit_images
from ppi_ratio.synthetic.maps import (
    Bimodal,
    Map,
    Spiral,
    asinh,
    cube,
    half_cube,
    normal_cdf,
    swissroll,
    wiggly_x,
    wiggly_y,
)

# Nats, as in Czyż et al. (2023); recomputed from the formulas in design/field.md, section 8.1.
NORMAL, SPARSE = "1v1-normal-0.75", "multinormal-sparse-{0}-{0}-2-2.0"
BENCHMARK_INFORMATION = {
    NORMAL: 0.4133,
    f"normal_cdf-{NORMAL}": 0.4133,
    "1v1-bimodal-0.75": 0.4133,
    f"wiggly-{NORMAL}": 0.4133,
    f"half_cube-{NORMAL}": 0.4133,
    f"swissroll_x-normal_cdf-{NORMAL}": 0.4133,
    "1v1-additive-0.1": 1.7094,
    "1v1-additive-0.75": 0.3333,
    "student-identity-1-1-1": 0.2242,
    "asinh-student-identity-1-1-1": 0.2242,
    "multinormal-dense-2-2-0.5": 0.2939,
    "multinormal-dense-3-3-0.5": 0.4133,
    "multinormal-dense-5-5-0.5": 0.5928,
    "multinormal-dense-25-25-0.5": 1.2922,
    "multinormal-dense-50-50-0.5": 1.6243,
    "student-identity-2-2-1": 0.4319,
    "student-identity-2-2-2": 0.1931,
    "student-identity-3-3-2": 0.2909,
    "student-identity-3-3-3": 0.1787,
    "student-identity-5-5-2": 0.4482,
    "student-identity-5-5-3": 0.2985,
    "asinh-student-identity-2-2-1": 0.4319,
    "asinh-student-identity-3-3-2": 0.2909,
    "asinh-student-identity-5-5-2": 0.4482,
    **{SPARSE.format(dim): 1.0217 for dim in (2, 3, 5, 25)},
    **{
        f"{maps}{SPARSE.format(dim)}": 1.0217
        for maps in ("normal_cdf-", "half_cube-", "spiral-", "spiral-normal_cdf-")
        for dim in (3, 5, 25)
    },
}
TABLE = DiscreteTable("table", np.array([[0.3, 0.1, 0.0], [0.05, 0.25, 0.3]]))
TASKS: list[Task] = [
    *BENCHMARK_TASKS.values(),
    *(task for steps in STAIRCASES.values() for task in steps.values()),
    # The other mixtures are more of the same and take seconds each.
    *(MIXTURE_TASKS[name] for name in MIXTURE_TASKS if "25" not in name and "-10" not in name),
    TABLE,
    truncated(gaussian(3, 2.0), 1),
    Stacked((TABLE, AdditiveUniform(0.75), Student(1, 2, 3))),
]
TAME: list[PointwiseTask] = [  # the ratio has a variance under independence
    gaussian(2, 0.4),
    TABLE,
    AdditiveUniform(0.75),
    MIXTURE_TASKS["1v1-X-0.9"],
    MIXTURE_TASKS["mult-sparse-w-inliers-5-5-2-2.0-0.5"],
]
INCREASING: dict[str, Map] = {
    "asinh": asinh,
    "cube": cube,
    "half_cube": half_cube,
    "normal_cdf": normal_cdf,
    "wiggly_x": wiggly_x,
    "wiggly_y": wiggly_y,
    "bimodal_x": Bimodal(0.3, (0.0, 5.0)),
    "bimodal_y": Bimodal(0.5, (-1.0, 3.0)),
}

# scipy leaves these without types that fit.
normal_log_density: Callable[..., np.ndarray] = multivariate_normal.logpdf
student_log_density: Callable[..., np.ndarray] = multivariate_t.logpdf

each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def mean_within(values: np.ndarray, expected: float, *, error: float = 0.0) -> bool:
    """Whether the mean of independent values is at most 4 standard errors from the expected."""
    own = values.std(ddof=1) / math.sqrt(len(values))
    return abs(values.mean() - expected) <= 4 * math.hypot(own, error) + 1e-9


def test_benchmark_has_its_forty_tasks_with_their_published_information() -> None:
    assert len(BENCHMARK_TASKS) == 40
    found = {name: task.information for name, task in BENCHMARK_TASKS.items()}
    assert found == pytest.approx(BENCHMARK_INFORMATION, abs=1e-4)


def test_tasks_are_listed_under_their_names() -> None:
    for tasks in (BENCHMARK_TASKS, MIXTURE_TASKS):
        assert [task.name for task in tasks.values()] == list(tasks)


@each_task
def test_mean_log_ratio_is_the_information(task: Task) -> None:
    n = 4_000 if isinstance(task, DigitsChannel) else 20_000
    log_ratio = task.sample(n, rng()).log_ratio
    error = task.standard_error if isinstance(task, GaussianMixture) else 0.0
    assert error < 1e-3
    assert mean_within(log_ratio, task.information, error=error)


@each_task
def test_sample_has_the_shapes_that_the_task_declares(task: Task) -> None:
    x, y, log_ratio = task.sample(7, rng())
    assert (x.shape, y.shape, log_ratio.shape) == ((7, task.dim_x), (7, task.dim_y), (7,))
    assert {part.dtype for part in (x, y, log_ratio)} == {np.dtype(np.float64)}
    assert all(np.isfinite(part).all() for part in (x, y, log_ratio))


@each_task
def test_sample_is_determined_by_the_generator(task: Task) -> None:
    first, again, other = (task.sample(50, rng(seed)) for seed in (3, 3, 4))
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first.x, other.x)
    assert not np.array_equal(first.y, other.y)


@each_task
def test_ratio_of_sampled_points_is_the_function_where_there_is_one(task: Task) -> None:
    if isinstance(task, PointwiseTask):
        x, y, log_ratio = task.sample(20, rng())
        np.testing.assert_array_equal(task.log_ratio(x, y), log_ratio)


@pytest.mark.parametrize("task", TAME, ids=lambda task: task.name)
def test_ratio_has_mean_one_under_independence(task: PointwiseTask) -> None:
    x, y, _ = task.sample(40_000, rng())
    x, y = shuffled(x, y, rng(1))
    assert mean_within(np.exp(task.log_ratio(x, y)), 1.0)


def test_normal_ratio_is_that_of_the_densities() -> None:
    covariance = np.array([[2.0, 0.3, 0.8], [0.3, 1.0, -0.4], [0.8, -0.4, 1.5]])
    task = Gaussian("any", covariance, 2)
    x, y, log_ratio = task.sample(5, rng())
    expected = (
        normal_log_density(np.hstack([x, y]), cov=covariance)
        - normal_log_density(x, cov=covariance[:2, :2])
        - normal_log_density(y, cov=covariance[2:, 2:])
    )
    np.testing.assert_allclose(log_ratio, expected, atol=1e-12)


def test_student_ratio_is_that_of_the_densities() -> None:
    x, y, log_ratio = Student(2, 3, 4).sample(5, rng())
    joint, of_x, of_y = (
        student_log_density(values, shape=np.eye(dim), df=4)
        for dim, values in [(5, np.hstack([x, y])), (2, x), (3, y)]
    )
    np.testing.assert_allclose(log_ratio, joint - of_x - of_y, atol=1e-12)


def test_student_information_is_the_integral_of_its_ratio() -> None:
    # x = tan u makes the marginal of Student(1, 1, 1) uniform; all four quadrants are alike.
    middles = np.tan((np.arange(1200) + 0.5) / 1200 * math.pi / 2)
    x, y = (axis.reshape(-1, 1) for axis in np.meshgrid(middles, middles))
    log_ratio = Student(1, 1, 1).log_ratio(x, y)
    integral = (np.exp(log_ratio) * log_ratio).mean()
    assert Student(1, 1, 1).information == pytest.approx(integral, abs=1e-3)


def test_information_of_the_cross_is_its_integral() -> None:
    task = MIXTURE_TASKS["1v1-X-0.9"]
    grid = np.linspace(-6, 6, 601)
    x, y = (axis.reshape(-1, 1) for axis in np.meshgrid(grid, grid))
    noise = multivariate_normal.pdf(np.hstack([x, y]), mean=np.zeros(2))
    log_ratio = task.log_ratio(x, y)
    integral = (noise * np.exp(log_ratio) * log_ratio).sum() * (grid[1] - grid[0]) ** 2
    assert task.information == pytest.approx(integral, abs=4 * task.standard_error)


def test_independent_coordinates_add_nothing_to_the_inliers() -> None:
    few, many = (MIXTURE_TASKS[f"mult-sparse-w-inliers-{dim}-{dim}-2-2.0-0.5"] for dim in (5, 25))
    error = math.hypot(few.standard_error, many.standard_error)
    assert few.information == pytest.approx(many.information, abs=4 * error)


def test_mixture_of_one_component_is_that_normal_law() -> None:
    plain = gaussian(2, 0.7)
    weights, means = np.ones(1), np.array([[1.0, -2.0, 3.0, 0.5]])
    mixture = GaussianMixture("one", weights, means, plain.covariance[None], 2)
    x, y, log_ratio = plain.sample(10, rng())
    np.testing.assert_allclose(mixture.log_ratio(x + means[:, :2], y + means[:, 2:]), log_ratio)
    assert mixture.information == pytest.approx(0.7, abs=4 * mixture.standard_error)


def test_ratio_is_zero_where_the_joint_law_has_no_mass() -> None:
    x, y = np.array([[0.2], [0.2]]), np.array([[0.9], [0.25]])
    assert AdditiveUniform(0.1).log_ratio(x, y).tolist() == [-math.inf, pytest.approx(math.log(5))]
    rows, columns = np.eye(2), np.eye(3)[[2, 2]]
    expected = [-math.inf, math.log(0.3 / (0.6 * 0.3))]
    assert TABLE.log_ratio(rows, columns).tolist() == pytest.approx(expected)


def test_sharper_tables_hold_more_information() -> None:
    flat, sharp = (random_table(rng(), (4, 5), concentration) for concentration in (100.0, 0.3))
    assert sharp.joint.shape == (4, 5)
    assert 0 < flat.information < 0.01 < 0.1 < sharp.information


@pytest.mark.parametrize("name", INCREASING)
def test_coordinatewise_map_keeps_ranks(name: str) -> None:
    values = rng().standard_normal((500, 3))
    mapped = INCREASING[name](values)
    np.testing.assert_array_equal(mapped.argsort(axis=0), values.argsort(axis=0))


def test_transformed_task_keeps_ranks_and_ratios_of_its_base() -> None:
    base = gaussian(2, 1.0)
    seen = Transformed("seen", base, wiggly_x, half_cube)
    plain, mapped = base.sample(500, rng()), seen.sample(500, rng())
    for before, after in [(plain.x, mapped.x), (plain.y, mapped.y)]:
        np.testing.assert_array_equal(after.argsort(axis=0), before.argsort(axis=0))
        assert not np.allclose(after, before)
    np.testing.assert_array_equal(mapped.log_ratio, plain.log_ratio)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 2)])
def test_spiral_is_the_exponential_of_its_generator(first: int, second: int) -> None:
    rows = rng().standard_normal((6, 5))
    generator = np.zeros((5, 5))
    generator[first, second], generator[second, first] = -1, 1
    expected = [expm(generator * (row @ row) / 5) @ row for row in rows]
    np.testing.assert_allclose(Spiral(first, second)(rows), expected, atol=1e-12)


def test_radius_of_the_swiss_roll_tells_the_value() -> None:
    values = rng().random((50, 1))
    radius = 21 * np.linalg.norm(swissroll(values), axis=1, keepdims=True)
    np.testing.assert_allclose((radius / (1.5 * math.pi) - 1) / 2, values)


def test_bimodal_map_gives_the_mixture_its_probabilities() -> None:
    values = np.linspace(-6, 6, 101)[:, None]
    mapped = Bimodal(0.3, (0.0, 5.0))(values)
    cdf = 0.3 * ndtr(mapped) + 0.7 * ndtr(mapped - 5)
    np.testing.assert_allclose(cdf, ndtr(values), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("kind", STAIRCASES)
def test_staircase_rises_in_the_stated_bits(kind: str) -> None:
    steps = STAIRCASES[kind]
    assert tuple(steps) == STAIRCASE_BITS
    bits = [task.information / math.log(2) for task in steps.values()]
    assert bits == pytest.approx(list(STAIRCASE_BITS), abs=1e-9)


def test_staircase_of_normals_has_the_correlation_of_its_formula() -> None:
    x, y, _ = gaussian(10, 10 * math.log(2)).sample(20_000, rng())
    assert (x * y).mean() == pytest.approx(math.sqrt(1 - 2**-2), abs=0.01)


def shown_bits(pictures: np.ndarray) -> np.ndarray:
    """Bits of concatenated pictures, by looking each up among those of zeros and of ones."""
    known = {
        image.tobytes(): digit for digit, images in enumerate(digit_images()) for image in images
    }
    return np.array(
        [[known[image.tobytes()] for image in row.reshape(-1, PIXELS)] for row in pictures]
    )


def test_pictures_tell_the_bits_which_flip_at_the_stated_rate() -> None:
    task = digits(10, 4 * math.log(2))
    x, y, log_ratio = task.sample(1000, rng())
    assert (x.min(), x.max(), x.shape) == (0, 1, (1000, 640))
    bits, flips = shown_bits(x), shown_bits(x) != shown_bits(y)
    assert mean_within(bits.ravel(), 0.5)
    assert mean_within(flips.ravel(), task.flip)
    n_flips = flips.sum(axis=1)
    expected = n_flips * math.log(2 * task.flip) + (10 - n_flips) * math.log(2 - 2 * task.flip)
    np.testing.assert_allclose(log_ratio, expected)


def test_no_bit_flips_at_ten_bits_and_the_pictures_still_differ() -> None:
    task = digits(10, 10 * math.log(2))
    x, y, _ = task.sample(20, rng())
    assert task.flip == 0
    np.testing.assert_array_equal(shown_bits(x), shown_bits(y))
    assert not np.array_equal(x, y)


def test_there_are_178_zeros_and_182_ones_all_different() -> None:
    zeros, ones = digit_images()
    assert (len(zeros), len(ones)) == (178, 182)
    assert len(np.unique(np.concatenate([zeros, ones]), axis=0)) == 360


def test_shuffling_keeps_the_points_and_breaks_the_pairs() -> None:
    x, y, _ = gaussian(1, 2.0).sample(5_000, rng())
    same, partners = shuffled(x, y, rng(1))
    np.testing.assert_array_equal(same, x)
    np.testing.assert_array_equal(np.sort(partners, axis=0), np.sort(y, axis=0))
    assert abs(np.corrcoef(same[:, 0], partners[:, 0])[0, 1]) < 0.06


def test_cutting_y_down_loses_the_information_of_the_pairs_that_are_cut() -> None:
    whole = gaussian(4, 2.0)
    left = [truncated(whole, dim).information for dim in (1, 2, 3, 4)]
    assert left == pytest.approx([0.5, 1.0, 1.5, 2.0])
    dense = BENCHMARK_TASKS["multinormal-dense-5-5-0.5"]
    assert isinstance(dense, Gaussian)
    assert 0 < truncated(dense, 2).information < dense.information


def test_independent_tasks_side_by_side_add_up() -> None:
    task = gaussian(2, 0.5)
    double = Stacked((task, task))
    assert double.information == pytest.approx(1.0)
    x, y, log_ratio = double.sample(10, rng())
    whole = gaussian(4, 1.0)
    np.testing.assert_allclose(log_ratio, whole.log_ratio(x, y))


def test_standardised_columns_have_mean_0_and_sd_1() -> None:
    values = np.column_stack([3 + 2 * rng().standard_normal((100, 2)), np.full(100, 5.0)])
    found = standardised(values)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), [1, 1, 0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gaussian(2, -1.0), "never negative"),
        (lambda: Gaussian("flat", np.eye(2), 2), "at least one of y"),
        (lambda: Student(1, 1, 0), "degrees of freedom"),
        (lambda: AdditiveUniform(0.0), "must be positive"),
        (lambda: DiscreteTable("half", np.full((2, 2), 0.125)), "sum 1"),
        (lambda: DiscreteTable("empty", np.array([[1.0, 0.0]])), "row or column of zeros"),
        (lambda: DigitsChannel(10, 0.6), "between 0 and 1/2"),
        (lambda: digits(2, 1.5), "2 bits carry above 0 and up to 1.3863 nats"),
        (lambda: truncated(gaussian(2, 1.0), 3), "keep 1 to 2, not 3"),
        (
            lambda: GaussianMixture("m", np.ones(2), np.zeros((2, 2)), np.ones((2, 2, 2)), 1),
            "sum to 1",
        ),
    ],
)
def test_law_that_does_not_exist_is_refused(make: Callable[[], Task], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
