"""Joint pairs -> non-pairs to judge scores with, drawn by a named law.

Which non-pairs a score meets decides what its AUROC means: against ``uniform`` ones, knowing the
degree of proteins is enough for a high one; against ``degree_matched`` ones it is worth nothing.
A log ratio against the product of marginals, log p(x, y) / (p(x) p(y)), has the degrees divided
out and is the right score for the latter; for the former it lacks log p(x) / u(x) of either side.
So name the law beside every number.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from ppi_ratio.pairs.splits import CLASSES
from ppi_ratio.pairs.table import LABEL, LEFT, RIGHT, PairTable, pair_keys

logger = logging.getLogger(__name__)

TRAINING_NOISE: Mapping[str, str] = MappingProxyType(
    {
        "degree_weighted": (
            "both sides drawn alone, each protein as often as it stands in the training pairs: "
            "p(left) p(right); known pairs may come up"
        )
    }
)
MIN_TRIALS = 1024  # swaps tried in a round, so that the last bad pairs meet many partners
PATIENCE = 10  # rounds that may pass without mending a pair


@dataclass(frozen=True, eq=False)
class Ends:
    """The joint pairs that non-pairs are drawn beside, as codes.

    Attributes:
        left, right: the ends of each joint pair.
        left_pool, right_pool: sorted codes of what may stand on each side under ``uniform``; the
            same ones if not ``ordered``.
        ordered: whether the sides differ: in directed tables, and where one side is seen and
            the other not.
        n_ids: codes are below this.
        known: sorted keys of the pairs that may not be drawn.
        both_ways: whether (a, b) stands for (b, a) too.
    """

    left: np.ndarray
    right: np.ndarray
    left_pool: np.ndarray
    right_pool: np.ndarray
    ordered: bool
    n_ids: int
    known: np.ndarray
    both_ways: bool

    def keys(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """One number per pair, the same for both orders where these are one pair."""
        if self.both_ways:
            left, right = np.minimum(left, right), np.maximum(left, right)
        return pair_keys(left, right, self.n_ids)

    def admissible(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """True where a pair may be drawn: neither known nor a self pair."""
        return (left != right) & ~_among(self.keys(left, right), self.known)


NoiseLaw = Callable[[Ends, int, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def uniform(ends: Ends, per_joint: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of proteins of the table alike, whatever their roles."""
    wanted = per_joint * len(ends.left)
    return _drawn_from(ends.left_pool, ends.right_pool, ends, wanted, rng)


def role_matched(
    ends: Ends, per_joint: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A protein that stands on the left, and one that stands on the right, each alike.

    Where pairs have no order this is ``uniform``.
    """
    wanted = per_joint * len(ends.left)
    if not ends.ordered:
        return _drawn_from(ends.left_pool, ends.right_pool, ends, wanted, rng)
    return _drawn_from(np.unique(ends.left), np.unique(ends.right), ends, wanted, rng)


def degree_matched(
    ends: Ends, per_joint: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
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
    bad, idle = _bad(left, right, ends), 0
    while bad.any() and idle < PATIENCE:
        before = bad.sum()
        _swap_ends(left, right, bad, ends, rng)
        bad = _bad(left, right, ends)
        idle = 0 if bad.sum() < before else idle + 1
    return left[~bad], right[~bad]


NOISE_LAWS: dict[str, NoiseLaw] = {
    "uniform": uniform,
    "role_matched": role_matched,
    "degree_matched": degree_matched,
}


def draw_non_pairs(
    joint: PairTable, *, law: str, per_joint: int, known: PairTable | None, seed: int
) -> PairTable:
    """Distinct non-pairs among the proteins of the joint pairs; no self pair, no known pair.

    To judge C1, C2 and C3 pairs of a split apart use ``draw_non_pairs_within_classes``: non-pairs
    drawn for C2 pairs alone would have both, one or none of their proteins seen.

    ``law`` is a key of ``NOISE_LAWS``. Non-pairs that ``joint`` holds already are passed over.
    The joint pairs of ``known`` are not drawn either, so pass all that is known. Where there are
    fewer than ``per_joint`` admissible ones per joint pair, those there are come back, and a
    warning is logged.

    Raises:
        ValueError: if there is no such law or no joint pair.
    """
    _check(law, per_joint, joint, known)
    left, right, ids = joint.joint.coded
    everyone = np.arange(len(ids))
    ends = Ends(
        left=left,
        right=right,
        left_pool=everyone,
        right_pool=everyone,
        ordered=joint.directed,
        n_ids=len(ids),
        known=_known_keys(ids, joint, known),
        both_ways=not joint.directed,
    )
    drawn = NOISE_LAWS[law](ends, per_joint, np.random.default_rng(seed))
    _warn_if_short(len(drawn[0]), per_joint * len(left), law, joint.name)
    return _table(drawn, ids, joint, law)


def draw_non_pairs_within_classes(
    joint: PairTable,
    *,
    seen: Iterable[str],
    law: str,
    per_joint: int,
    known: PairTable | None,
    seed: int,
) -> PairTable:
    """The same for each of the classes C1, C2 and C3 apart, ``per_joint`` times its joint pairs.

    Both, one or none of the proteins of a pair are among ``seen``, the proteins of the training
    pairs. The law is followed within the class: with ``degree_matched``, a protein stands in
    ``per_joint`` times as many C2 non-pairs as C2 joint pairs. For the test part of a split
    ``seen`` is ``split.train.joint.ids`` and ``known`` is ``split.joint``.

    Raises:
        ValueError: if there is no such law or no joint pair.
    """
    _check(law, per_joint, joint, known)
    left, right, ids = joint.joint.coded
    known_keys = _known_keys(ids, joint, known)
    is_seen = ids.isin(list(seen))
    if not joint.directed:  # the seen protein of a C2 pair on the left, so that it stays C2
        turned = is_seen[right] & ~is_seen[left]
        left, right = np.where(turned, right, left), np.where(turned, left, right)
    rng = np.random.default_rng(seed)
    drawn = []
    for left_seen, right_seen in ((True, True), (True, False), (False, True), (False, False)):
        chosen = (is_seen[left] == left_seen) & (is_seen[right] == right_seen)
        if not chosen.any():
            continue
        ends = Ends(
            left=left[chosen],
            right=right[chosen],
            left_pool=np.flatnonzero(is_seen == left_seen),
            right_pool=np.flatnonzero(is_seen == right_seen),
            ordered=joint.directed or left_seen != right_seen,
            n_ids=len(ids),
            known=known_keys,
            both_ways=not joint.directed,
        )
        drawn.append(NOISE_LAWS[law](ends, per_joint, rng))
        name = f"{joint.name}, {CLASSES[2 - left_seen - right_seen]}"
        _warn_if_short(len(drawn[-1][0]), per_joint * int(chosen.sum()), law, name)
    lefts, rights = (np.concatenate(side) for side in zip(*drawn, strict=True))
    return _table((lefts, rights), ids, joint, law)


def _drawn_from(
    left_pool: np.ndarray,
    right_pool: np.ndarray,
    ends: Ends,
    wanted: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Up to ``wanted`` distinct admissible pairs of the two pools, every set of them alike."""
    n_pairs = len(left_pool) * len(right_pool) // (1 if ends.ordered else 2)
    n_free = n_pairs - len(ends.known) - len(left_pool)  # at least so many are admissible
    if n_free < 2 * wanted:  # then the last ones would be long in coming by trial
        left, right = (grid.ravel() for grid in np.meshgrid(left_pool, right_pool, indexing="ij"))
        chosen = ends.admissible(left, right) & (ends.ordered | (left < right))
        rows = np.flatnonzero(chosen)
        rows = rng.permutation(rows)[:wanted]
        return left[rows], right[rows]
    left = right = np.empty(0, dtype=np.int64)
    while len(left) < wanted:
        n_more = 2 * (wanted - len(left)) * n_pairs // n_free + 16
        more_left, more_right = rng.choice(left_pool, n_more), rng.choice(right_pool, n_more)
        fit = ends.admissible(more_left, more_right)
        left = np.concatenate([left, more_left[fit]])
        right = np.concatenate([right, more_right[fit]])
        first = ~pd.Series(ends.keys(left, right)).duplicated().to_numpy()
        left, right = left[first], right[first]
    return left[:wanted], right[:wanted]


def _bad(left: np.ndarray, right: np.ndarray, ends: Ends) -> np.ndarray:
    """True for pairs that are inadmissible or stood before."""
    again = pd.Series(ends.keys(left, right)).duplicated().to_numpy()
    return ~ends.admissible(left, right) | again


def _swap_ends(
    left: np.ndarray, right: np.ndarray, bad: np.ndarray, ends: Ends, rng: np.random.Generator
) -> None:
    """Swap right ends of bad pairs with those of random good ones, in place, where that mends.

    A swap is taken only if both new pairs are admissible and new, so that bad pairs never
    become more.
    """
    rows = np.flatnonzero(bad)
    rows = rng.permutation(np.tile(rows, -(-MIN_TRIALS // len(rows))))
    partners = rng.permutation(np.flatnonzero(~bad))[: len(rows)]
    rows = rows[: len(partners)]
    a, b, c, d = left[rows], right[rows], left[partners], right[partners]
    if not ends.ordered:
        turned = rng.random(len(rows)) < 0.5
        c, d = np.where(turned, d, c), np.where(turned, c, d)
    first, second = ends.keys(a, d), ends.keys(c, b)
    standing = np.sort(ends.keys(left, right))
    fits = ends.admissible(a, d) & ends.admissible(c, b)
    fits &= ~_among(first, standing) & ~_among(second, standing)
    fits[fits] = ~pd.Series(rows[fits]).duplicated().to_numpy()  # one swap for a bad pair
    proposed = np.column_stack([first, second])[fits].ravel()  # both new pairs of a swap adjoin
    unique = ~pd.Series(proposed).duplicated().to_numpy().reshape(-1, 2)
    fits[fits] = unique.all(axis=1)
    left[rows[fits]], right[rows[fits]] = a[fits], d[fits]
    left[partners[fits]], right[partners[fits]] = c[fits], b[fits]


def _known_keys(ids: pd.Index, joint: PairTable, known: PairTable | None) -> np.ndarray:
    """Sorted keys, in the codes of ``ids``, of the joint pairs of both tables."""
    keys = []
    for table in (joint, known):
        if table is None:
            continue
        left, right, own = table.joint.coded
        rows = ids.get_indexer(own)
        left, right = rows[left], rows[right]
        inside = (left >= 0) & (right >= 0)
        keys.append(pair_keys(left[inside], right[inside], len(ids)))
    return np.unique(np.concatenate(keys))


def _among(keys: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """True where a key stands in a sorted array."""
    if not len(ordered):
        return np.zeros(len(keys), dtype=bool)
    places = np.searchsorted(ordered, keys).clip(max=len(ordered) - 1)
    return ordered[places] == keys


def _check(law: str, per_joint: int, joint: PairTable, known: PairTable | None) -> None:
    if law not in NOISE_LAWS:
        raise ValueError(f"no noise law {law!r}; known ones: {', '.join(NOISE_LAWS)}")
    if per_joint < 1:
        raise ValueError(f"per_joint must be at least 1, got {per_joint}")
    if not len(joint.joint):
        raise ValueError(f"{joint.name} has no joint pair to draw non-pairs for")
    if known is not None and known.directed != joint.directed:
        raise ValueError(f"{joint.name} and {known.name}: one is directed, the other not")


def _warn_if_short(n_drawn: int, wanted: int, law: str, name: str) -> None:
    if n_drawn < wanted:
        logger.warning(
            "%s: only %d of %d %s non-pairs could be drawn; the others would repeat a pair or "
            "be known ones",
            name,
            n_drawn,
            wanted,
            law,
        )


def _table(
    drawn: tuple[np.ndarray, np.ndarray], ids: pd.Index, joint: PairTable, law: str
) -> PairTable:
    left, right = drawn
    if not joint.directed:
        left, right = np.minimum(left, right), np.maximum(left, right)
    frame = pd.DataFrame({LEFT: ids[left], RIGHT: ids[right]})
    frame[LABEL] = np.zeros(len(frame), dtype=np.int8)
    return PairTable(frame, joint.directed, f"{law} non-pairs of {joint.name}")
