"""Probabilities of both rules, against a law of pairs that is known exactly."""

import numpy as np
import pytest

from ppi_ratio.errors import ConfigError
from ppi_ratio.model.probability import (
    MAX_SHARE,
    Rule,
    against_non_pairs,
    among_all_pairs,
    in_a_mixture,
)


class World:
    """Proteins of unequal degrees; of all pairs that noise draws, the share w(x, y) interacts."""

    def __init__(self, density: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        marginal = rng.dirichlet(np.ones(40))
        self.noise = np.outer(marginal, marginal)
        self.w = density * rng.beta(0.3, 1, size=self.noise.shape)
        self.prior = float((self.noise * self.w).sum())
        self.log_ratio = np.log(self.w / self.prior)  # p / (q q), where p = q q w / prior

    @property
    def non_pairs(self) -> np.ndarray:
        return self.noise * (1 - self.w) / (1 - self.prior)


@pytest.fixture(params=[0.98, 0.3, 0.001], ids=["dense", "medium", "sparse"])
def world(request: pytest.FixtureRequest) -> World:
    return World(request.param, seed=3)


def test_among_all_pairs_the_probability_is_the_share_that_interacts(world: World) -> None:
    np.testing.assert_allclose(among_all_pairs(world.log_ratio, world.prior), world.w)


@pytest.mark.parametrize("prevalence", [0.001, 0.5, 0.9])
def test_in_a_mixture_the_probability_is_the_share_of_interactions(
    world: World, prevalence: float
) -> None:
    interactions = prevalence * world.noise * world.w / world.prior
    expected = interactions / (interactions + (1 - prevalence) * world.non_pairs)
    found = in_a_mixture(world.log_ratio, prevalence, prior=world.prior)
    np.testing.assert_allclose(found, expected)


def test_the_rules_agree_on_the_population_itself(world: World) -> None:
    """A mixture at prevalence = prior is the population of all pairs."""
    mixed = in_a_mixture(world.log_ratio, world.prior, prior=world.prior)
    np.testing.assert_allclose(mixed, among_all_pairs(world.log_ratio, world.prior))


def test_ratios_to_non_pairs_are_those_of_the_laws(world: World) -> None:
    expected = np.log(world.noise * world.w / world.prior / world.non_pairs)
    np.testing.assert_allclose(against_non_pairs(world.log_ratio, world.prior), expected)


def test_a_ratio_above_one_over_the_prior_has_probability_one_and_keeps_its_rank() -> None:
    log_ratio = np.array([-800.0, 0.0, 4.0, 4.7, 30.0, 800.0])
    np.testing.assert_array_equal(among_all_pairs(log_ratio, 0.01)[3:], 1)
    moved = against_non_pairs(log_ratio, 0.01)
    assert np.isfinite(moved).all()
    assert (np.diff(moved) > 0).all()
    largest = np.log(0.99 / (1 - MAX_SHARE))
    np.testing.assert_allclose((moved - log_ratio)[3:], largest)


def test_a_row_without_a_score_has_no_probability() -> None:
    for rule in (Rule(), Rule(0.1, 0.5), Rule(0.1, noise_is_all_pairs=False)):
        assert np.isnan(rule(np.array([np.nan], dtype=np.float32))).all()
        assert rule(np.array([0.5], dtype=np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(0.02), "prior x ratio, at most 1; 0.02 of all pairs interact"),
        (Rule(0.02, 0.5), "in a table of which 0.5 are interactions"),
        (Rule(0.02, noise_is_all_pairs=False), "in a table of which 0.02 are interactions"),
    ],
)
def test_a_rule_says_what_it_does(rule: Rule, words: str) -> None:
    assert words in rule.describe()


def test_shares_outside_the_open_interval_are_refused() -> None:
    with pytest.raises(ConfigError, match="the prevalence is a share strictly between 0 and 1"):
        Rule(0.1, 1.5)
