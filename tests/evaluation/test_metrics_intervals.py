from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import norm
from simulated_pairs import calibrated, rescored, selected, simulated

from ppi_ratio.evaluation.metrics import (
    AUPRC,
    AUROC,
    CALIBRATION_METRICS,
    BrierScore,
    BrierSkill,
    Influence,
    LogLoss,
    MetricWithInfluence,
    PerProteinAUROC,
    RecallAtTop,
    ScoredPairs,
    UndefinedMetricError,
    interval,
    metrics_for,
    value,
)
from ppi_ratio.evaluation.metrics.bootstrap import bootstrap

ALL_METRICS = metrics_for(calibrated=True)
# Of these the influence is exact, of the others it is smoothed. 7 % of no protein's candidates
# here is a whole number, where recall has a kink.
EXACT = (AUROC, AUPRC, PerProteinAUROC, lambda: RecallAtTop(7), BrierScore, BrierSkill, LogLoss)


@pytest.fixture(params=ALL_METRICS, ids=str)
def metric(request: pytest.FixtureRequest) -> MetricWithInfluence:
    member = ALL_METRICS[request.param]()
    assert isinstance(member, MetricWithInfluence)
    return member


@dataclass(frozen=True)
class MeanJointScore:
    """A metric that does not know its influence."""

    name: str = "mean_joint_score"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        def mean(multiplicity: np.ndarray) -> float:
            weights = scored.pair_weights(multiplicity) * scored.labels
            return float(weights @ scored.scores / weights.sum())

        return mean


def per_protein_auroc_of_weighted_pairs(scored: ScoredPairs, weights: np.ndarray) -> float:
    """Comparison by comparison, each of them weighted by its two pairs."""
    won = total = 0.0
    left, right = scored.codes
    for protein in range(scored.n_proteins):
        own = np.flatnonzero((left == protein) | (right == protein))
        joint, others = own[scored.labels[own]], own[~scored.labels[own]]
        if len(joint) and len(others):
            products = np.outer(weights[joint], weights[others]) / (len(joint) * len(others))
            above = np.sign(scored.scores[joint][:, None] - scored.scores[others])
            won += (products * (above + 1) / 2).sum()
            total += products.sum()
    return won / total


def gradient(function: Callable[[np.ndarray], float], size: int, step: float) -> np.ndarray:
    ends = [1 + sign * step * np.eye(size) for sign in (1, -1)]
    high, low = (np.array([function(row) for row in rows]) for rows in ends)
    return (high - low) / (2 * step)


@pytest.mark.parametrize("digits", [9, 0], ids=["distinct", "tied"])
@pytest.mark.parametrize("make", EXACT, ids=lambda make: make().name)
def test_influence_of_proteins_is_the_gradient_of_the_metric(
    make: Callable[[], MetricWithInfluence], digits: int
) -> None:
    scored, metric = simulated(seed=0, n_proteins=15, n_pairs=60, digits=digits), make()
    found = metric.influence(scored)
    assert found.value == pytest.approx(value(metric, scored), abs=1e-12)
    expected = gradient(metric.prepare(scored), scored.n_proteins, 1e-5)
    assert found.proteins == pytest.approx(expected, abs=1e-7)


def test_influence_of_pairs_on_per_protein_auroc_is_the_gradient_by_their_weights() -> None:
    scored = simulated(seed=1, n_proteins=9, n_pairs=40, digits=0)
    expected = gradient(
        lambda weights: per_protein_auroc_of_weighted_pairs(scored, weights), len(scored), 1e-5
    )
    assert PerProteinAUROC().influence(scored).pairs == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("digits", [9, 0], ids=["distinct", "tied"])
def test_influences_of_all_pairs_sum_to_nearly_zero(
    metric: MetricWithInfluence, digits: int
) -> None:
    found = metric.influence(calibrated(seed=0, n_pairs=500, digits=digits))
    # As often listed, the pairs have the same metric; with a fixed number of bins or of first
    # pairs the smoothed ones come close.
    assert abs(found.pairs.sum()) < 0.01 * np.abs(found.pairs).sum()
    assert np.abs(found.pairs).sum() > 0


def test_standard_error_of_independent_pairs_is_that_of_their_mean() -> None:
    rng = np.random.default_rng(0)
    ids = np.arange(200)
    scored = ScoredPairs(ids[::2], ids[1::2], rng.random(100) < 0.5, rng.normal(size=100))
    found = LogLoss().influence(scored)
    expected = np.sqrt(found.pairs @ found.pairs * 200 / 199 * 2 - found.pairs @ found.pairs)
    assert found.standard_error(scored) == pytest.approx(expected)
    assert expected == pytest.approx(np.linalg.norm(found.pairs), rel=0.01)


def test_standard_error_sums_products_of_pairs_that_share_a_protein() -> None:
    # Pairs of a hub are alike in label and score; a repeated, a turned and a self pair besides.
    hub, partner = np.repeat(np.arange(8), 5), np.arange(8, 48)
    left, right = np.append(hub, [0, 8, 3]), np.append(partner, [8, 0, 3])
    scores = np.random.default_rng(0).normal(size=48)[left]
    scored = ScoredPairs(left, right, left % 2 == 0, scores)
    found = AUROC().influence(scored)
    ends = [{one, other} for one, other in zip(left, right, strict=True)]
    shared = np.array([[bool(ours & theirs) for theirs in ends] for ours in ends])
    correction = found.proteins @ found.proteins / (scored.n_proteins - 1)
    expected = found.pairs @ shared @ found.pairs + correction
    assert found.standard_error(scored) ** 2 == pytest.approx(expected)


def test_standard_error_is_not_below_that_of_independent_pairs() -> None:
    # A dense table, where by chance influences of pairs that share a protein cancel.
    scored = simulated(seed=4, n_proteins=12, n_pairs=60, effect=3)
    found = AUROC().influence(scored)
    by_unordered_pair = np.bincount(scored.unordered_codes, weights=found.pairs)
    assert found.proteins @ found.proteins < 2 * by_unordered_pair @ by_unordered_pair
    assert found.standard_error(scored) ** 2 == pytest.approx(by_unordered_pair @ by_unordered_pair)


# Not of those that then compare a pair with itself, or look at a smaller share of the pairs.
@pytest.mark.parametrize(
    "name", [key for key in ALL_METRICS if key not in ("per_protein_auroc", "precision_at_100")]
)
def test_repeating_every_pair_leaves_the_interval(name: str) -> None:
    metric = ALL_METRICS[name]()
    assert isinstance(metric, MetricWithInfluence)
    scored = simulated(seed=3, digits=1)
    twice = selected(scored, np.arange(len(scored)).repeat(2))
    ours, theirs = (metric.influence(each).standard_error(each) for each in (scored, twice))
    assert theirs == pytest.approx(ours, rel=0.1)


def test_interval_contains_the_value_and_widens_with_the_level(
    metric: MetricWithInfluence,
) -> None:
    scored = simulated(seed=5, n_pairs=290)
    narrow, wide = (interval(metric, scored, level=level, seed=0) for level in (0.5, 0.95))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    assert narrow.value == pytest.approx(value(metric, scored), abs=1e-12)
    if metric.name not in ("log_loss", "brier_skill", "calibration_slope"):
        widest = interval(metric, scored, level=0.9999, seed=0)
        assert 0 <= widest.low < widest.high < 1


def test_a_perfect_score_has_an_interval_of_no_width() -> None:
    scored = simulated(seed=1)
    perfect = rescored(scored, scored.labels.astype(float))
    for metric in (AUROC(), AUPRC(), PerProteinAUROC()):
        found = interval(metric, perfect, seed=0)
        assert (found.low, found.value, found.high) == (1, 1, 1)


def test_a_score_without_information_has_no_wide_interval_of_its_calibration_error() -> None:
    scored = simulated(seed=0)
    found = interval(ALL_METRICS["ece"](), rescored(scored, np.zeros(len(scored))), seed=0)
    assert found.low < 1e-12
    assert found.high < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, 0.7], ids=["pairs scatter", "proteins scatter too"])
@pytest.mark.parametrize(("name", "n_effects"), [("auroc", 2), ("per_protein_auroc", 1)])
def test_intervals_cover_the_truth_of_a_simulated_world(
    name: str, n_effects: int, effect: float
) -> None:
    # Pairs of one protein share its effect, so that it does not set them apart.
    truth = norm.cdf(1 / np.sqrt(2 * (n_effects * effect**2 + 1)))
    tables = [
        simulated(seed=seed, n_proteins=150, n_pairs=1000, effect=effect) for seed in range(250)
    ]
    found = [interval(ALL_METRICS[name](), table, seed=0) for table in tables]
    covered = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.93 <= covered <= 0.98
    width = np.mean([each.high - each.low for each in found])
    assert width == pytest.approx(2 * 1.96 * np.std([each.value for each in found]), rel=0.15)


@pytest.mark.slow
def test_standard_errors_match_the_scatter_of_every_metric(metric: MetricWithInfluence) -> None:
    make = calibrated if metric.name in CALIBRATION_METRICS else simulated
    tables = [make(seed=seed, n_proteins=100, n_pairs=800) for seed in range(60)]
    found = [metric.influence(table) for table in tables]
    errors = [each.standard_error(table) for each, table in zip(found, tables, strict=True)]
    scatter = np.std([each.value for each in found])
    # That of a calibrated score is an error for which a bin may lie on either side.
    highest = 2.0 if metric.name == "ece" else 1.5
    assert 0.8 < np.sqrt(np.mean(np.square(errors))) / scatter < highest


def test_the_bootstrap_is_as_wide_as_its_docstring_says() -> None:
    scored = simulated(seed=0, n_proteins=60, n_pairs=500, effect=0)
    error = AUROC().influence(scored).standard_error(scored)
    scatter = bootstrap(AUROC(), scored, n_resamples=200, seed=0).values.std()
    assert 1.2 < scatter / error < 2.0


def test_a_metric_without_influence_gets_the_percentiles_of_its_resamples() -> None:
    scored, metric = simulated(seed=0), MeanJointScore()
    found = interval(metric, scored, level=0.8, n_resamples=60, seed=1)
    values = bootstrap(metric, scored, n_resamples=60, seed=1).values
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, [0.1, 0.9])))


def test_samples_without_a_class_are_drawn_again_and_counted() -> None:
    ids = np.array(["A", "B", "C", "D"])
    scored = ScoredPairs(ids, ids, np.array([1, 0, 0, 0]), np.array([1.0, 2.0, 0.0, 0.5]))
    found = bootstrap(AUROC(), scored, n_resamples=50, seed=0)
    assert found.n_redrawn > 5
    assert len(found.values) == 50


def test_bootstrap_gives_up_with_a_message() -> None:
    class Fickle:
        """Defined on the whole table and on no sample of it."""

        name = "fickle"

        def prepare(self, scored: ScoredPairs):  # noqa: ANN202
            def of_multiplicity(multiplicity: np.ndarray) -> float:
                if (multiplicity == 1).all():
                    return 0.5
                raise UndefinedMetricError("fickle is undefined here")

            return of_multiplicity

    with pytest.raises(UndefinedMetricError, match=r"fickle has no bootstrap interval: .* of 40"):
        interval(Fickle(), simulated(seed=0), n_resamples=2, seed=0)


def two_scorers(*, seed: int, shared: float, better: float = 0.0) -> tuple[ScoredPairs, ...]:
    """Scores of the same pairs with errors in common; the first has the stronger signal."""
    first = simulated(seed=seed, n_proteins=80, n_pairs=500)
    rng = np.random.default_rng(1000 + seed)
    own, errors = 0.7 * rng.normal(size=80), first.scores - first.labels
    other = own[first.left] + own[first.right] + rng.normal(size=500)
    mixed = shared * errors + np.sqrt(1 - shared**2) * other
    return first, rescored(first, mixed + (1 - better) * first.labels)


def difference(metric: MetricWithInfluence, first: ScoredPairs, second: ScoredPairs) -> Influence:
    return metric.influence(first) - metric.influence(second)


def test_the_influence_of_a_difference_finds_a_difference_that_two_intervals_miss() -> None:
    metric = AUROC()
    first, second = two_scorers(seed=0, shared=0.99, better=0.2)
    found = difference(metric, first, second)
    low, high = found.bounds(first, 0.95)
    alone = [interval(metric, each, seed=0) for each in (first, second)]
    assert found.value == pytest.approx(value(metric, first) - value(metric, second))
    assert 0 < low < found.value < high
    assert norm.cdf(found.value / found.standard_error(first)) > 0.97
    assert alone[0].low < alone[1].value < alone[0].high
    back = difference(metric, second, first).bounds(first, 0.95)
    assert back == pytest.approx((-high, -low), abs=1e-12)


def test_a_paired_bootstrap_finds_a_difference_that_two_intervals_miss() -> None:
    metric = MeanJointScore()
    first, second = two_scorers(seed=0, shared=0.99, better=0.2)
    ours, theirs = (
        bootstrap(metric, each, n_resamples=200, seed=0).values for each in (first, second)
    )
    low, high = np.quantile(ours - theirs, [0.025, 0.975])
    alone = [interval(metric, each, n_resamples=200, seed=0) for each in (first, second)]
    assert 0 < low < value(metric, first) - value(metric, second) < high
    assert (ours > theirs).mean() > 0.97
    assert alone[0].low < alone[1].value < alone[0].high


def test_scores_do_not_differ_from_themselves(metric: MetricWithInfluence) -> None:
    scored = calibrated(seed=0, n_pairs=500)
    found = difference(metric, scored, scored)
    assert (found.value, *found.bounds(scored, 0.95)) == (0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["auroc", "per_protein_auroc"])
def test_intervals_of_differences_cover_zero_where_scorers_are_alike(name: str) -> None:
    metric = ALL_METRICS[name]()
    assert isinstance(metric, MetricWithInfluence)
    scorers = [two_scorers(seed=seed, shared=0.7) for seed in range(250)]
    found = [difference(metric, *each).bounds(each[0], 0.95) for each in scorers]
    assert 0.93 <= np.mean([low <= 0 <= high for low, high in found]) <= 0.98


@pytest.mark.parametrize("level", [95.0, 0.0])
def test_levels_out_of_range_are_refused(level: float) -> None:
    with pytest.raises(ValueError, match=f"level must lie between 0 and 1, got {level:g}"):
        interval(AUROC(), simulated(seed=0), level=level, seed=0)
