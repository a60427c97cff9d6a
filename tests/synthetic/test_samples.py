"""Learning a ratio from plain samples of laws whose truth is known."""

import dataclasses
import math

import numpy as np
import pytest

import ppi_ratio as pr
from ppi_ratio.objectives import Objective
from ppi_ratio.synthetic import gaussian
from ppi_ratio.synthetic.samples import SAMPLE_TRAINER, SampleRatio, learn_ratio
from ppi_ratio.training.settings import TrainerSettings

LAW = gaussian(2, 1.0)
CRITIC = pr.Separable(rank=8, hidden=(32,), dropout=0, input_dropout=0)
TRAINER = dataclasses.replace(SAMPLE_TRAINER, max_epochs=15, learning_rate=5e-3)


BRIEF = dataclasses.replace(TRAINER, max_epochs=1)


def learned(
    objective: Objective, *, seed: int = 0, trainer: TrainerSettings = TRAINER
) -> SampleRatio:
    x, y, _ = LAW.sample(3000, np.random.default_rng(0))
    return learn_ratio(x, y, critic=CRITIC, objective=objective, seed=seed, trainer=trainer)


@pytest.fixture(scope="module")
def anchor() -> SampleRatio:
    return learned(pr.InfoNCEAnchor(beta=1.0))


@pytest.fixture(scope="module")
def infonce() -> SampleRatio:
    return learned(pr.InfoNCE())


def held_out() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return LAW.sample(2000, np.random.default_rng(1))


def test_scores_of_the_anchor_are_the_true_log_ratios(anchor: SampleRatio) -> None:
    x, y, truth = held_out()
    scores = anchor.log_ratio(x, y)
    assert np.corrcoef(scores, truth)[0, 1] > 0.95
    assert scores.mean() == pytest.approx(truth.mean(), abs=0.15)
    np.testing.assert_array_equal(scores, anchor.raw_score(x, y))


def test_what_infonce_leaves_free_is_removed_for_each_right(infonce: SampleRatio) -> None:
    x, y, truth = held_out()
    scores = infonce.log_ratio(x, y)
    assert np.corrcoef(scores, truth)[0, 1] > 0.95
    assert scores.mean() == pytest.approx(truth.mean(), abs=0.15)
    assert not np.allclose(scores, infonce.raw_score(x, y), atol=0.1)


@pytest.mark.parametrize("name", ["anchor", "infonce"])
def test_estimates_are_near_the_truth_and_infonce_below_its_cap(
    name: str, request: pytest.FixtureRequest
) -> None:
    x, y, truth = held_out()
    estimates = request.getfixturevalue(name).estimates(x, y)
    for value in dataclasses.astuple(estimates):
        assert value == pytest.approx(truth.mean(), abs=0.2)
    assert estimates.own < math.log(TRAINER.batch_size)
    assert estimates.per_right >= estimates.normalised  # Jensen


def test_same_seed_same_ratio_and_another_seed_another() -> None:
    x, y, _ = held_out()
    first, second, other = (
        learned(pr.NCE(), seed=seed, trainer=BRIEF).log_ratio(x, y) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_sides_may_differ_in_width_and_scale() -> None:
    x, y, _ = LAW.sample(3000, np.random.default_rng(0))
    wide = np.concatenate([1000 * x + 5, np.zeros((len(x), 3))], axis=1)
    ratio = learn_ratio(
        wide, y, critic=CRITIC, objective=pr.InfoNCEAnchor(beta=1.0), seed=0, trainer=TRAINER
    )
    x, y, truth = held_out()
    wide = np.concatenate([1000 * x + 5, np.zeros((len(x), 3))], axis=1)
    assert np.corrcoef(ratio.log_ratio(wide, y), truth)[0, 1] > 0.95


def test_objective_with_no_estimate_of_its_own_has_none() -> None:
    x, y, _ = held_out()
    assert math.isnan(learned(pr.LeastSquares(), trainer=BRIEF).estimates(x, y).own)
