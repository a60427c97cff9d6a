"""Log ratios -> probabilities that pairs interact: one rule for each of two questions.

Let r = p(x, y) / (q(x) q(y)) be the ratio of a pair, where q draws the proteins of noise pairs.
Known partners stay in the noise, so the noise law is the law of *all* pairs. Among all pairs drawn
like noise let a share π interact, and let w(x, y) be the share of interactions at the pair. The
interactions then have the law p = q q w / π. Hence r = w / π, and

    w = π r                                                             ``Rule.among_all_pairs``

This is the probability in a screen, where the pairs asked about are all pairs of some proteins.
A ratio above 1 / π cannot be right at this π; the probability is then 1.

A benchmark or a short list is another population: interactions mixed with non-pairs, at a
prevalence m of one's choice. Non-pairs are noise pairs that do not interact, with the law
q q (1 - w) / (1 - π). The ratio against *them*, and Bayes' rule, give

    r' = r (1 - π) / (1 - π r),   P = sigmoid(log r' + logit m)         ``Rule.in_a_mixture``

Where π r is small, r' = r, and at m = π the two rules agree. A model that learned from labelled
non-pairs has log r' as its score already; only the second rule applies to it, with π r = 0.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import expit, logit

from ppi_ratio.errors import ConfigError

DEFAULT_PRIOR = 0.01
LARGE = 700.0  # nats; exp of more is no finite number
MAX_SHARE = 0.99  # largest w in r': an estimate above it says no more than that w is near 1


@dataclass(frozen=True)
class Rule:
    """How probabilities follow from the log ratios of a model; see the module for the derivation.

    Attributes:
        prior: share π of interactions among all pairs that are drawn like the model's noise.
        prevalence: share of interactions in a table of interactions and non-pairs; None if the
            pairs asked about are all pairs.
        noise_is_all_pairs: False if the model learned from labelled non-pairs.

    Raises:
        ConfigError: if a share is not strictly between 0 and 1.
    """

    prior: float = DEFAULT_PRIOR
    prevalence: float | None = None
    noise_is_all_pairs: bool = True

    def __post_init__(self) -> None:
        for name, share in (("prior", self.prior), ("prevalence", self.prevalence)):
            if share is not None and not 0 < share < 1:
                raise ConfigError(f"the {name} is a share strictly between 0 and 1, not {share}")

    def __call__(self, log_ratio: Float[np.ndarray, " pair"]) -> Float[np.ndarray, " pair"]:
        """Probability of each pair, in float32; NaN where the log ratio is NaN.

        The sums are in double precision: float32 would lose digits of the odds of a small prior.
        """
        exact = log_ratio.astype(np.float64)
        if not self.noise_is_all_pairs:
            found = in_a_mixture(exact, self._share_of_the_table)
        elif self.prevalence is None:
            found = among_all_pairs(exact, self.prior)
        else:
            found = in_a_mixture(exact, self.prevalence, prior=self.prior)
        return found.astype(np.float32)

    @property
    def _share_of_the_table(self) -> float:
        return self.prior if self.prevalence is None else self.prevalence

    def describe(self) -> str:
        """The rule in words, for messages."""
        if self.noise_is_all_pairs and self.prevalence is None:
            return f"probability = prior x ratio, at most 1; {self.prior:g} of all pairs interact"
        return (
            f"probability in a table of which {self._share_of_the_table:g} are interactions and "
            "the rest non-pairs"
        )


def among_all_pairs(
    log_ratio: Float[np.ndarray, " pair"], prior: float
) -> Float[np.ndarray, " pair"]:
    """min(1, prior · ratio): the probability where the pairs asked about are all pairs."""
    return np.exp(np.minimum(log_ratio + np.log(prior), 0.0))


def in_a_mixture(
    log_ratio: Float[np.ndarray, " pair"], prevalence: float, *, prior: float = 0.0
) -> Float[np.ndarray, " pair"]:
    """sigmoid(log r' + logit(prevalence)): the probability among interactions and non-pairs."""
    return expit(against_non_pairs(log_ratio, prior) + logit(prevalence))


def against_non_pairs(
    log_ratio: Float[np.ndarray, " pair"], prior: float | Float[np.ndarray, " pair"]
) -> Float[np.ndarray, " pair"]:
    """Log ratios against all pairs -> log ratios r' against non-pairs, in nats; ``(pair,)``.

    Args:
        log_ratio: against noise that keeps interactions, in nats.
        prior: share of interactions among the pairs of the noise law, at least 0 and below 1; a
            number, or one for each pair.
    """
    w = np.minimum(prior * np.exp(np.minimum(log_ratio, LARGE)), MAX_SHARE)
    return log_ratio + np.log1p(-np.minimum(prior, MAX_SHARE)) - np.log1p(-w)
