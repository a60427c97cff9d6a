import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import beta
from simulated_pairs import calibrated, rescored, selected, simulated
from sklearn import metrics as sklearn_metrics
from sklearn.linear_model import LogisticRegression

from ppi_ratio.evaluation.metrics import (
    BrierScore,
    BrierSkill,
    CalibrationSlope,
    ExpectedCalibrationError,
    LogLoss,
    ScoredPairs,
    UndefinedMetricError,
    reliability_curve,
    value,
)


def probabilities(scored: ScoredPairs) -> np.ndarray:
    return expit(scored.scores + logit(scored.labels.mean()))


def test_losses_are_those_of_scikit_learn_after_the_prior_shift() -> None:
    scored = simulated(seed=0)
    p = probabilities(scored)
    brier = sklearn_metrics.brier_score_loss(scored.labels, p)
    share = scored.labels.mean()
    assert value(BrierScore(), scored) == pytest.approx(brier)
    assert value(BrierSkill(), scored) == pytest.approx(1 - brier / (share * (1 - share)))
    assert value(LogLoss(), scored) == pytest.approx(sklearn_metrics.log_loss(scored.labels, p))


def test_a_score_without_information_predicts_the_prevalence() -> None:
    scored = simulated(seed=0)
    constant, share = rescored(scored, np.zeros(len(scored))), scored.prevalence
    assert value(ExpectedCalibrationError(), constant) == pytest.approx(0, abs=1e-12)
    assert value(BrierSkill(), constant) == pytest.approx(0, abs=1e-12)
    assert value(BrierScore(), constant) == pytest.approx(share * (1 - share))
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert value(LogLoss(), constant) == pytest.approx(entropy)


def test_calibration_error_is_the_mean_gap_of_bins_of_equal_size() -> None:
    scored = simulated(seed=1, n_pairs=300)
    bins = np.argsort(scored.scores).reshape(15, 20)
    gaps = scored.labels[bins].mean(1) - probabilities(scored)[bins].mean(1)
    assert value(ExpectedCalibrationError(), scored) == pytest.approx(np.abs(gaps).mean())


def test_tied_pairs_are_spread_over_bins_in_proportion() -> None:
    # The two bins cut three ties into halves; the average over orders is 1.5 of each label.
    labels = np.array([1, 1, 0, 1, 0, 1, 0, 0])
    scores = np.array([2.0, 2.0, 0.0, 0.0, 0.0, 0.0, -2.0, -2.0])
    ids = np.arange(8)
    p = expit(2.0)
    gap = abs((2 + 1) - (2 * p + 2 * 0.5)) + abs((0 + 1) - (2 * (1 - p) + 2 * 0.5))
    found = value(ExpectedCalibrationError(bins=2), ScoredPairs(ids, ids, labels, scores))
    assert found == pytest.approx(gap / 8)


def test_log_ratios_are_calibrated_and_overconfident_ones_are_not() -> None:
    scored = calibrated(seed=0)
    doubled = rescored(scored, 2 * scored.scores)
    by_chance = np.sqrt(2 * 0.25 * 0.75 * 15 / (np.pi * len(scored)))
    assert value(ExpectedCalibrationError(), scored) < 1.3 * by_chance
    assert value(ExpectedCalibrationError(), doubled) > 3 * by_chance
    for loss in (BrierScore(), LogLoss()):
        assert value(loss, scored) < value(loss, doubled)


@pytest.mark.parametrize(("factor", "constant"), [(1, 0), (2, 3), (0.5, -1e4), (-1, 0)])
def test_calibration_slope_is_the_factor_that_corrects_log_ratios(
    factor: float, constant: float
) -> None:
    scored = calibrated(seed=0)
    own = value(CalibrationSlope(), scored)
    assert own == pytest.approx(1, abs=0.1)
    moved = rescored(scored, factor * scored.scores + constant)
    assert value(CalibrationSlope(), moved) == pytest.approx(own / factor, rel=1e-8)


def test_calibration_slope_is_not_moved_by_the_prevalence() -> None:
    scored = calibrated(seed=0, n_pairs=8000)
    kept = np.flatnonzero(scored.labels | (np.arange(len(scored)) % 9 == 0))
    assert value(CalibrationSlope(), selected(scored, kept)) == pytest.approx(1, abs=0.1)


def test_log_ratios_that_separate_the_labels_have_no_calibration_slope() -> None:
    scored = simulated(seed=0)
    for scores in (np.zeros(len(scored)), scored.labels.astype(float)):
        with pytest.raises(UndefinedMetricError, match="calibration_slope has no slope: the log"):
            value(CalibrationSlope(), rescored(scored, scores))


def test_huge_log_ratios_have_finite_losses() -> None:
    scored = simulated(seed=0)
    huge = rescored(scored, np.where(scored.labels, -800.0, 800.0))
    assert value(LogLoss(), huge) == pytest.approx(800, rel=0.01)
    assert value(BrierScore(), huge) == 1.0


def test_reliability_curve_rises_through_bins_of_equal_size() -> None:
    scored = simulated(seed=1, n_pairs=300)
    curve = reliability_curve(scored, 10)
    bins = np.argsort(scored.scores).reshape(10, 30)
    assert curve.predicted == pytest.approx(probabilities(scored)[bins].mean(1))
    assert curve.observed == pytest.approx(scored.labels[bins].mean(1))
    assert (curve.n_pairs == 30).all()
    error = (np.abs(curve.predicted - curve.observed) * curve.n_pairs).sum() / 300
    assert value(ExpectedCalibrationError(bins=10), scored) == pytest.approx(error)


def test_reliability_curve_has_jeffreys_intervals_closed_at_the_ends() -> None:
    ids, labels = np.arange(20), np.arange(20) >= 10
    curve = reliability_curve(ScoredPairs(ids, ids, labels, ids.astype(float)), 4)
    one_sided = beta.ppf(0.975, 0.5, 5.5)
    assert curve.observed.tolist() == [0, 0, 1, 1]
    assert curve.low == pytest.approx([0, 0, 1 - one_sided, 1 - one_sided])
    assert curve.high == pytest.approx([one_sided, one_sided, 1, 1])


def test_reliability_curve_has_no_more_bins_than_pairs() -> None:
    ids = np.arange(3)
    curve = reliability_curve(ScoredPairs(ids, ids, np.array([0, 0, 1]), np.arange(3.0)), 15)
    assert curve.observed.tolist() == [0, 0, 1]


def test_calibration_slope_is_logistic_regression_without_penalty() -> None:
    scored = calibrated(seed=1)
    scored = rescored(scored, 2 * scored.scores - 1)
    fitted = LogisticRegression(C=1e9, tol=1e-10).fit(scored.scores[:, None], scored.labels)
    assert value(CalibrationSlope(), scored) == pytest.approx(fitted.coef_[0, 0], abs=1e-3)


def test_slopes_that_are_not_determined_are_refused() -> None:
    scored = simulated(seed=0)
    constant = rescored(scored, np.zeros(len(scored)))
    perfect = rescored(scored, scored.labels.astype(float))
    for each in (constant, perfect, rescored(perfect, -perfect.scores)):
        with pytest.raises(UndefinedMetricError, match="calibration_slope has no slope"):
            value(CalibrationSlope(), each)
    ids = np.arange(2)
    joint = ScoredPairs(ids, ids, np.array([1, 1]), np.zeros(2))
    with pytest.raises(UndefinedMetricError, match="slope is undefined without non-pairs"):
        value(CalibrationSlope(), joint)
    with pytest.raises(UndefinedMetricError, match="reliability curve is undefined without non-"):
        reliability_curve(joint)


def test_calibration_without_bins_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 bin, got 0"):
        value(ExpectedCalibrationError(bins=0), simulated(seed=0))
    with pytest.raises(ValueError, match="at least 1 bin, got 0"):
        reliability_curve(simulated(seed=0), 0)
