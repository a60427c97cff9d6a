"""Log ratios of many pairs -> the same against the noise of their own proteins.

A density ratio p(x, y) / (p(x) p(y)) has mean one over the products of its marginals. A model is
normalised over those of its training proteins. Over other proteins its mean ratio may be another,
mostly because these are more alike than proteins of all kinds are; a mean of several log ratios is
no log ratio either before it is normalised. Both are put right by what pairs drawn from the
marginals of the pairs at hand have on average. No label is read.
"""

import logging

import numpy as np
from scipy.special import logsumexp

from ppi_ratio.errors import InputError

logger = logging.getLogger(__name__)

N_DRAWN = 32_768  # their log mean is off by some thousandths of a nat
MOST_OF_ONE = 0.2  # of a side of the pairs that are still of a population


def drawn_apart(
    left: np.ndarray, right: np.ndarray, *, directed: bool, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of independent draws from the lefts and from the rights, none of a protein with itself.

    Args:
        left: ids or row numbers, ``(pair,)``.
        right: the same of the other side.
        directed: if not, a protein is drawn for either side wherever it stands.
        seed: of the draws.

    Raises:
        InputError: if all pairs are of one protein with itself, or there are none.
    """
    if not directed:
        left = right = np.concatenate([left, right])
    if not len(left) or (np.concatenate([left, right]) == left[0]).all():
        raise InputError(
            "cannot renormalise: the pairs are all of one protein, and noise takes two or more"
        )
    share = max(np.unique(side, return_counts=True)[1].max() / len(side) for side in (left, right))
    if share > MOST_OF_ONE:
        logger.warning(
            "renormalised, although one protein is %.0f %% of a side of the pairs: among the "
            "partners of one protein the mean ratio need not be one",
            100 * share,
        )
    rng = np.random.default_rng(seed)
    lefts, rights = (side[rng.integers(len(side), size=N_DRAWN)] for side in (left, right))
    apart = lefts != rights
    return lefts[apart], rights[apart]


def against_noise(log_ratio: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Log ratios so that the mean ratio over ``noise`` becomes one, in nats; ``(pair,)``.

    Args:
        log_ratio: of the pairs.
        noise: of pairs drawn from their marginals, ``(draw,)``.
    """
    return log_ratio - (logsumexp(noise) - np.log(len(noise))).astype(log_ratio.dtype)
