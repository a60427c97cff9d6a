"""Ends of joint pairs -> drawn non-pairs: one function for each law, and the dict of them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from ppi_ratio.pairs.noise.ends import Ends
from ppi_ratio.pairs.noise.swaps import Swaps

TRAINING_NOISE: Mapping[str, str] = MappingProxyType(
    {
        "degree_weighted": (
            "both sides drawn alone, each protein as often as it stands in the training pairs: "
            "p(left) p(right); known pairs may come up"
        )
    }
)
MIXING_ROUNDS = 20  # each offers every pair a swap
FEW_PAIRS = 256  # below, more rounds: they cost nothing
ENUMERABLE = 2**20  # so many pairs are listed one by one
MAX_DRAWS = 2**21  # of a round of trials
MIN_YIELD = 0.01  # share of a round that must be new for another one

Drawn = tuple[np.ndarray, np.ndarray]
NoiseLaw = Callable[[Ends, int, np.random.Generator], Drawn]


def uniform(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """Every pair of proteins of the table alike, whatever their roles."""
    wanted = per_joint * len(ends.left)
    return _drawn_from(ends.left_pool, ends.right_pool, ends, wanted, rng)


def role_matched(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """A protein that stands on the left, and one that stands on the right, each alike.

    Where pairs have no order this is ``uniform``.
    """
    wanted = per_joint * len(ends.left)
    if not ends.ordered:
        return _drawn_from(ends.left_pool, ends.right_pool, ends, wanted, rng)
    return _drawn_from(np.unique(ends.left), np.unique(ends.right), ends, wanted, rng)


def degree_weighted(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """Either side drawn alone, a protein as often as it stands there in the joint pairs.

    So meet the other pairs of a training batch, but for known, self and repeated pairs, which are
    drawn again. Degrees are those of the joint pairs on average only, and hubs, whose partners
    are mostly known, come short; ``degree_matched`` and ``rewired`` give every protein its own.
    """
    wanted = per_joint * len(ends.left)
    lefts, rights = ends.left, ends.right
    if not ends.ordered:
        lefts = rights = np.concatenate([ends.left, ends.right])
    pools = np.unique(lefts), np.unique(rights)
    if len(pools[0]) * len(pools[1]) > max(ENUMERABLE, 4 * wanted):
        return _weighted_trials(lefts, rights, ends, wanted, rng)
    left, right = ends.all_admissible(*pools)
    n_lefts, n_rights = (np.bincount(side, minlength=ends.n_ids) for side in (lefts, rights))
    # Exponential clocks of rate w ring in the order of draws by weight without replacement
    times = rng.exponential(size=len(left)) / (n_lefts[left] * n_rights[right])
    rows = np.argsort(times)[:wanted]
    return left[rows], right[rows]


def degree_matched(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """Every protein ``per_joint`` times as often as in the joint pairs, on its own side.

    A random matching of the ends (the configuration model), its inadmissible and repeated
    pairs resolved by swapping ends with random other pairs. What no swap resolves is left out,
    so hubs that lack partners come short.
    """
    left, right = np.repeat(ends.left, per_joint), np.repeat(ends.right, per_joint)
    if ends.ordered:
        right = rng.permutation(right)
    else:
        left, right = rng.permutation(np.concatenate([left, right])).reshape(2, -1)
    bad = Swaps(left, right, ends, rng).mend(shake=False)
    return left[~bad], right[~bad]


def rewired(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """The joint network, ``per_joint`` times over, after many double edge swaps.

    Maslov & Sneppen (2002), Science 296, 910. Every protein keeps its degree exactly, on its own
    side, and the last joint pair is swapped away too. Only if no swap does that, as where a hub
    has too few proteins that are no partners, pairs are left out and come short.
    """
    left, right = np.tile(ends.left, per_joint), np.tile(ends.right, per_joint)
    swaps = Swaps(left, right, ends, rng)
    for _ in range(MIXING_ROUNDS + FEW_PAIRS // len(left)):
        swaps.mix()
    bad = swaps.mend(shake=True)
    return left[~bad], right[~bad]


NOISE_LAWS: dict[str, NoiseLaw] = {
    "uniform": uniform,
    "role_matched": role_matched,
    "degree_weighted": degree_weighted,
    "degree_matched": degree_matched,
    "rewired": rewired,
}


def _drawn_from(
    left_pool: np.ndarray,
    right_pool: np.ndarray,
    ends: Ends,
    wanted: int,
    rng: np.random.Generator,
) -> Drawn:
    """Up to ``wanted`` distinct admissible pairs of the two pools, every set of them alike."""
    n_pairs = len(left_pool) * len(right_pool) // (1 if ends.ordered else 2)
    n_free = n_pairs - len(ends.known) - len(left_pool)  # at least so many are admissible
    if n_free < 2 * wanted:  # then the last ones would be long in coming by trial
        left, right = ends.all_admissible(left_pool, right_pool)
        rows = rng.permutation(len(left))[:wanted]
        return left[rows], right[rows]
    left = right = np.empty(0, dtype=np.int64)
    while len(left) < wanted:
        n_more = 2 * (wanted - len(left)) * n_pairs // n_free + 16
        drawn = rng.choice(left_pool, n_more), rng.choice(right_pool, n_more)
        left, right = _joined((left, right), drawn, ends)
    return left[:wanted], right[:wanted]


def _weighted_trials(
    lefts: np.ndarray, rights: np.ndarray, ends: Ends, wanted: int, rng: np.random.Generator
) -> Drawn:
    """Up to ``wanted`` distinct admissible pairs of ends, in the order in which they come up.

    It gives up where nearly all that comes up has come up before.
    """
    left = right = np.empty(0, dtype=np.int64)
    share = 1.0
    while len(left) < wanted and share >= MIN_YIELD:
        n_more = min(int(2 * (wanted - len(left)) / share) + 1024, MAX_DRAWS)
        n_before = len(left)
        drawn = rng.choice(lefts, n_more), rng.choice(rights, n_more)
        left, right = _joined((left, right), drawn, ends)
        share = (len(left) - n_before) / n_more
    return left[:wanted], right[:wanted]


def _joined(drawn: Drawn, more: Drawn, ends: Ends) -> Drawn:
    """Both together, without what may not be drawn or stood before."""
    fit = ends.admissible(*more)
    left = np.concatenate([drawn[0], more[0][fit]])
    right = np.concatenate([drawn[1], more[1][fit]])
    first = ends.first(left, right)
    return left[first], right[first]
