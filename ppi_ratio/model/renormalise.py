"""Log ratios of many pairs -> log ratios whose ratio has mean 1 over random pairs of the proteins.

The density ratio p(x, y) / (p(x) p(y)) has mean 1 over independent draws of x and y. A model is
normalised over draws of its training proteins. Over other proteins its mean ratio may differ from
1, mostly because these proteins are more alike than the training proteins. The mean of several
log ratios of a pair, from several models, is not normalised either. Both are corrected with the
mean ratio of random pairs of the proteins at hand. No label is used.
"""

import logging

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.kinds import oriented, second_kind

logger = logging.getLogger(__name__)

N_DRAWN = 32_768  # random pairs; the log of their mean ratio is off by some thousandths of a nat
MAX_SHARE_OF_ONE = 0.2  # of a side; with more of one protein, the pairs are no random sample


def random_pairs(
    left: np.ndarray, right: np.ndarray, *, directed: bool, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw left and right proteins independently of each other, without self pairs.

    Args:
        left: left protein of each pair, as id or row number, ``(pair,)``.
        right: right protein of each pair.
        directed: if False, each side is drawn from the proteins of both sides, unless the pairs
            run between two kinds of proteins (``pairs.kinds``): then one of each kind is drawn.
        seed: seed of the draws.

    Raises:
        InputError: if all pairs are of one protein with itself, or there are no pairs.
    """
    if not directed:
        left, right = _undirected_sides(left, right)
    if not len(left) or (np.concatenate([left, right]) == left[0]).all():
        raise InputError(
            "cannot renormalise: the pairs are all of one protein, and noise takes two or more"
        )
    share = max(np.unique(side, return_counts=True)[1].max() / len(side) for side in (left, right))
    if share > MAX_SHARE_OF_ONE:
        logger.warning(
            "renormalised, although one protein is %.0f %% of a side of the pairs: among the "
            "partners of one protein the mean ratio need not be one",
            100 * share,
        )
    rng = np.random.default_rng(seed)
    lefts, rights = (side[rng.integers(len(side), size=N_DRAWN)] for side in (left, right))
    apart = lefts != rights
    return lefts[apart], rights[apart]


def _undirected_sides(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The proteins of the two kinds of proteins, or twice those of both sides."""
    both = np.concatenate([left, right])
    codes, distinct = pd.factorize(both)
    first, second = np.split(codes, 2)
    is_second = second_kind(first, second, len(distinct))
    if is_second is None:
        return both, both
    first, second = oriented(first, second, is_second)
    return np.asarray(distinct)[first], np.asarray(distinct)[second]


def against_noise(log_ratio: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Shift log ratios so that the mean ratio over ``noise`` becomes 1; in nats, ``(pair,)``.

    Args:
        log_ratio: log ratios of the pairs.
        noise: log ratios of random pairs of their proteins, ``(draw,)``.
    """
    return log_ratio - (logsumexp(noise) - np.log(len(noise))).astype(log_ratio.dtype)
