"""Ends of interactions -> drawn non-pairs: one function per law, and the dict of laws."""

from collections.abc import Callable

import numpy as np

from ppi_ratio.pairs.noise.ends import Ends
from ppi_ratio.pairs.noise.swaps import Swaps

MIXING_ROUNDS = 20  # in each round, every pair is offered one swap
FEW_PAIRS = 256  # smaller tables get more rounds, which cost little
ENUMERABLE = 2**20  # up to this number, all possible pairs are listed
MAX_DRAWS = 2**21  # pairs drawn in one round
MIN_YIELD = 0.01  # drawing stops after a round with a smaller share of new pairs

Drawn = tuple[np.ndarray, np.ndarray]
NoiseLaw = Callable[[Ends, int, np.random.Generator], Drawn]


def uniform(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """Every pair of proteins of the table is equally likely, whatever the proteins' roles."""
    wanted = per_joint * len(ends.left)
    return _drawn_from(ends.left_pool, ends.right_pool, ends, wanted, rng)


def role_matched(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """Every pair of a protein from the left side and a protein from the right is equally likely.

    If pairs have no order, this law is ``uniform``.
    """
    wanted = per_joint * len(ends.left)
    if not ends.ordered:
        return _drawn_from(ends.left_pool, ends.right_pool, ends, wanted, rng)
    return _drawn_from(np.unique(ends.left), np.unique(ends.right), ends, wanted, rng)


def degree_weighted(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """Left and right drawn independently, each protein in proportion to its interactions there.

    This is the noise of a training batch, except that known, self and repeated pairs are drawn
    again. Proteins keep their degrees on average only. Hubs get too few non-pairs, because many
    pairs of a hub are known; ``degree_matched`` and ``rewired`` keep the degree of each protein.
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
    # Exponential times of rate w, sorted, give the order of weighted draws without replacement
    times = rng.exponential(size=len(left)) / (n_lefts[left] * n_rights[right])
    rows = np.argsort(times)[:wanted]
    return left[rows], right[rows]


def degree_matched(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """Every protein has ``per_joint`` times as many non-pairs as interactions, on each side.

    The ends of the interactions are matched at random (the configuration model). A known, self or
    repeated pair then swaps ends with a random other pair. Pairs that no swap resolves are left
    out, so a hub that interacts with most proteins gets too few non-pairs.
    """
    left, right = np.repeat(ends.left, per_joint), np.repeat(ends.right, per_joint)
    if ends.ordered:
        right = rng.permutation(right)
    else:
        left, right = rng.permutation(np.concatenate([left, right])).reshape(2, -1)
    bad = Swaps(left, right, ends, rng).mend(shake=False)
    return left[~bad], right[~bad]


def rewired(ends: Ends, per_joint: int, rng: np.random.Generator) -> Drawn:
    """The network of interactions, copied ``per_joint`` times, after many double edge swaps.

    Maslov & Sneppen (2002), Science 296, 910. Every protein keeps its degree on each side. No
    interaction stays: swaps go on until the last one is gone. If no swap removes a pair, it is
    left out; this happens if a hub interacts with most proteins.
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
"""The laws by which ``draw_non_pairs`` and ``evaluate`` draw non-pairs, by name.

- ``uniform``: every pair of proteins is equally likely.
- ``role_matched``: every pair of a left protein and a right protein is equally likely.
- ``degree_weighted``: left and right are drawn independently, in proportion to their interactions.
- ``degree_matched``: every protein has as many non-pairs as interactions, times
  ``per_joint`` (the configuration model).
- ``rewired``: the network of interactions after many double edge swaps (Maslov & Sneppen, 2002,
  Science 296, 910).

Examples:
    Under ``uniform``, proteins with many interactions are rarer in non-pairs than in interactions:

    >>> import pandas as pd
    >>> import ppi_ratio as pr
    >>> star = pd.DataFrame({"left": ["HUB"] * 6, "right": [f"P{n}" for n in range(6)]})
    >>> rest = pd.DataFrame({"left": list("ABCDEF"), "right": list("GHIJKL")})
    >>> pairs = pr.PairTable.from_rows(pd.concat([star, rest]), directed=False, name="star")
    >>> def of_hub(law):
    ...     drawn = pr.draw_non_pairs(pairs, law=law, per_joint=1, known=None, seed=0)
    ...     return int(drawn.frame.eq("HUB").any(axis=1).sum())
    >>> of_hub("degree_matched"), of_hub("uniform") < 6
    (6, True)
"""


def _drawn_from(
    left_pool: np.ndarray,
    right_pool: np.ndarray,
    ends: Ends,
    wanted: int,
    rng: np.random.Generator,
) -> Drawn:
    """Up to ``wanted`` distinct admissible pairs of the two pools; all sets are equally likely."""
    n_pairs = len(left_pool) * len(right_pool) // (1 if ends.ordered else 2)
    n_free = n_pairs - len(ends.known) - len(left_pool)  # at least so many are admissible
    if n_free < 2 * wanted:  # drawing at random would take long to find the last pairs
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
    """Up to ``wanted`` distinct admissible pairs of ends, in the order in which they are drawn.

    Drawing stops when nearly all drawn pairs have been drawn before.
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
    """All drawn pairs, without inadmissible and repeated ones."""
    fit = ends.admissible(*more)
    left = np.concatenate([drawn[0], more[0][fit]])
    right = np.concatenate([drawn[1], more[1][fit]])
    first = ends.first(left, right)
    return left[first], right[first]
