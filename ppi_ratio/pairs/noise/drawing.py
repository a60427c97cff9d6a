"""A table of joint pairs and the name of a law -> a table of non-pairs, and what is lacking."""

import logging
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.leakage import CLASSES, coded_keys
from ppi_ratio.pairs.noise.ends import Ends
from ppi_ratio.pairs.noise.laws import NOISE_LAWS
from ppi_ratio.pairs.rows import LABEL, LEFT, RIGHT
from ppi_ratio.pairs.table import PairTable
from ppi_ratio.sequences import IdIndex

logger = logging.getLogger(__name__)


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
        known=_known_keys(joint, known),
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
    known_keys = _known_keys(joint, known)
    is_seen = IdIndex(seen).rows(ids) >= 0
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


def _known_keys(joint: PairTable, known: PairTable | None) -> np.ndarray:
    """Sorted keys, in the codes of the joint pairs of ``joint``, of those of both tables."""
    own = joint.joint
    tables = [own] if known is None else [own, known.joint]
    return np.unique(np.concatenate([coded_keys(table, own) for table in tables]))


def _check(law: str, per_joint: int, joint: PairTable, known: PairTable | None) -> None:
    if law not in NOISE_LAWS:
        raise ValueError(f"no noise law {law!r}; known ones: {', '.join(NOISE_LAWS)}")
    if per_joint < 1:
        raise ValueError(f"per_joint must be at least 1, got {per_joint}")
    if not len(joint.joint):
        raise InputError(f"{joint.name} has no joint pair to draw non-pairs for")
    if known is not None and known.directed != joint.directed:
        raise InputError(f"{joint.name} and {known.name}: one is directed, the other not")


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
