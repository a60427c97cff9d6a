"""A table of interactions and the name of a law -> a table of non-pairs."""

import logging
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.kinds import oriented
from ppi_ratio.pairs.leakage import CLASSES, known_keys
from ppi_ratio.pairs.noise.ends import Ends
from ppi_ratio.pairs.noise.laws import NOISE_LAWS
from ppi_ratio.pairs.rows import LABEL, LEFT, RIGHT
from ppi_ratio.pairs.table import PairTable, union
from ppi_ratio.sequences import IdIndex

logger = logging.getLogger(__name__)


def draw_non_pairs(
    joint: PairTable, *, law: str, per_joint: int, known: PairTable | None, seed: int
) -> PairTable:
    """Draw non-pairs: pairs of the same proteins that are not known to interact.

    No self pair is drawn, no pair twice and no known interaction. If too few pairs are left to
    draw from, the result is shorter and a warning is logged. ``evaluate`` draws separate non-pairs
    for the classes C1, C2 and C3; this function does not.

    Args:
        joint: the interactions to draw non-pairs for; labelled non-pairs in it are ignored.
        law: how proteins are drawn, a key of ``NOISE_LAWS``.
        per_joint: number of non-pairs per interaction, at least 1.
        known: further interactions that must not be drawn; pass all that are known.
        seed: seed of the draw.

    Returns:
        A table with label 0 throughout.

    Raises:
        InputError: if ``joint`` has no interaction, or only one of the tables is directed.
        ValueError: if there is no such law, or ``per_joint`` is below 1.

    Examples:
        With ``degree_matched``, each protein has as many non-pairs as interactions:

        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> drawn = pr.draw_non_pairs(pairs, law="degree_matched", per_joint=1, known=None, seed=0)
        >>> interactions, non_pairs = pairs.frame, drawn.frame
        >>> sum(interactions.eq("P000").any(axis=1)) == sum(non_pairs.eq("P000").any(axis=1))
        True
    """
    _check(law, per_joint, joint, known)
    if joint.kinds is not None:
        logger.warning("%s: %s", joint.name, joint.kinds.advice())
    left, right, ids = joint.joint.coded
    left_pool = right_pool = np.arange(len(ids))
    is_second = kinds_of(joint, known)
    if is_second is not None:
        left, right = oriented(left, right, is_second)
        left_pool, right_pool = np.unique(left), np.unique(right)
    ends = Ends(
        left=left,
        right=right,
        left_pool=left_pool,
        right_pool=right_pool,
        ordered=joint.directed or is_second is not None,
        n_ids=len(ids),
        known=known_keys(joint, known),
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
    two_kinds: bool = False,
) -> PairTable:
    """Draw non-pairs for each of the classes C1, C2 and C3 separately.

    Each class gets ``per_joint`` non-pairs per interaction of the class. The law is followed
    within the class: with ``degree_matched``, a protein has ``per_joint`` times as many C2
    non-pairs as C2 interactions.

    Args:
        joint: the interactions to draw non-pairs for.
        seen: proteins of the training interactions. Of a C1 pair both proteins are seen, of a C2
            pair one, of a C3 pair none. For a test part, ``split.train.joint.ids``.
        law: how proteins are drawn, a key of ``NOISE_LAWS``.
        per_joint: number of non-pairs per interaction, at least 1.
        known: further interactions that must not be drawn. For a test part, ``split.joint``.
        seed: seed of the draw.
        two_kinds: whether interactions have one protein of each of two kinds (``pairs.kinds``), so
            that non-pairs have too. The test part of a split by protein cannot tell: most of its
            pairs have one protein that was held out.

    Raises:
        InputError: if ``joint`` has no interaction, or only one of the tables is directed.
        ValueError: if there is no such law, or ``per_joint`` is below 1.
    """
    _check(law, per_joint, joint, known)
    left, right, ids = joint.joint.coded
    keys = known_keys(joint, known)
    is_seen = IdIndex(seen).rows(ids) >= 0
    is_second = kinds_of(joint, known) if two_kinds else None
    if is_second is not None:
        left, right = oriented(left, right, is_second)
    elif not joint.directed:  # put the seen protein of a C2 pair on the left, so that pairs stay C2
        turned = is_seen[right] & ~is_seen[left]
        left, right = np.where(turned, right, left), np.where(turned, left, right)
    rng = np.random.default_rng(seed)
    drawn = []
    for left_seen, right_seen in ((True, True), (True, False), (False, True), (False, False)):
        chosen = (is_seen[left] == left_seen) & (is_seen[right] == right_seen)
        if not chosen.any():
            continue
        left_pool, right_pool = (
            np.flatnonzero(is_seen == side) for side in (left_seen, right_seen)
        )
        if is_second is not None:
            left_pool = np.intersect1d(left_pool, left)
            right_pool = np.intersect1d(right_pool, right)
        ends = Ends(
            left=left[chosen],
            right=right[chosen],
            left_pool=left_pool,
            right_pool=right_pool,
            ordered=joint.directed or is_second is not None or left_seen != right_seen,
            n_ids=len(ids),
            known=keys,
            both_ways=not joint.directed,
        )
        drawn.append(NOISE_LAWS[law](ends, per_joint, rng))
        name = f"{joint.name}, {CLASSES[2 - left_seen - right_seen]}"
        _warn_if_short(len(drawn[-1][0]), per_joint * int(chosen.sum()), law, name)
    lefts, rights = (np.concatenate(side) for side in zip(*drawn, strict=True))
    return _table((lefts, rights), ids, joint, law)


def kinds_of(joint: PairTable, known: PairTable | None) -> np.ndarray | None:
    """Which proteins of ``joint`` are of the second of two kinds; None if there are not two."""
    tables = [joint.joint] if known is None else [joint.joint, known.joint]
    kinds = tables[0].kinds if len(tables) == 1 else union(tables, name=joint.name).kinds
    if kinds is None:
        return None
    return kinds.are_second(joint.joint.coded[2].to_numpy())


def _check(law: str, per_joint: int, joint: PairTable, known: PairTable | None) -> None:
    if law not in NOISE_LAWS:
        raise ValueError(f"no noise law {law!r}; known ones: {', '.join(NOISE_LAWS)}")
    if per_joint < 1:
        raise ValueError(f"per_joint must be at least 1, got {per_joint}")
    if not len(joint.joint):
        raise InputError(f"{joint.name} has no interaction to draw non-pairs for")
    if known is not None and known.directed != joint.directed:
        raise InputError(f"{joint.name} and {known.name}: one is directed, the other not")


def _warn_if_short(n_drawn: int, wanted: int, law: str, name: str) -> None:
    if n_drawn < wanted:
        logger.warning(
            "%s: only %d of %d %s non-pairs could be drawn; any other would repeat a pair or be "
            "a known interaction",
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
