"""Pairs -> the share of interactions among all pairs, which their non-pairs are a part of."""

from collections.abc import Iterable

import numpy as np

from ppi_ratio.pairs.kinds import oriented
from ppi_ratio.pairs.leakage import known_keys
from ppi_ratio.pairs.noise.drawing import kinds_of
from ppi_ratio.pairs.rows import LEFT, RIGHT
from ppi_ratio.pairs.table import PairTable
from ppi_ratio.sequences import IdIndex


def shares_of_interactions(
    table: PairTable, *, seen: Iterable[str], known: PairTable | None, two_kinds: bool = False
) -> np.ndarray:
    """How many of all pairs of the class of a pair (C1, C2 or C3) are known to interact.

    All pairs are drawn as noise is: left and right independently, each protein in proportion to
    its interactions in ``table``, within the class. The share is exact; no pair is drawn.
    Interactions that nobody knows make it too small.

    Args:
        table: interactions, and perhaps non-pairs.
        seen: proteins of the training interactions.
        known: further interactions, which were no non-pairs either.
        two_kinds: as for ``draw_non_pairs_within_classes``.

    Returns:
        One share for each row of ``table``, equal within a class; shape ``(pair,)``.
    """
    joint = table.joint
    left, right, ids = joint.coded
    first, second = np.divmod(known_keys(joint, known), max(len(ids), 1))
    first, second = first[first != second], second[first != second]
    index = IdIndex(seen)
    is_seen = index.rows(ids) >= 0
    is_second = kinds_of(joint, known) if two_kinds else None
    rows_seen = [index.rows(table.frame[side].to_numpy()) >= 0 for side in (LEFT, RIGHT)]
    if is_second is not None:
        left, right = oriented(left, right, is_second)
        first, second = oriented(first, second, is_second)
        turned = np.append(is_second, False)[joint.index.rows(table.frame[LEFT].to_numpy())]
        rows_seen = [np.where(turned, *rows_seen[::-1]), np.where(turned, *rows_seen)]
    elif not table.directed:  # both orders of a pair, so that every law is that of ordered pairs
        left, right = np.concatenate([left, right]), np.concatenate([right, left])
        first, second = np.concatenate([first, second]), np.concatenate([second, first])
    shares = np.zeros(len(table))
    for classes in ((True, True), (True, False), (False, True), (False, False)):
        chosen = (is_seen[left] == classes[0]) & (is_seen[right] == classes[1])
        lefts, rights = (
            np.bincount(side[chosen], minlength=len(ids)).astype(float) for side in (left, right)
        )
        of_all = lefts.sum() * rights.sum() - lefts @ rights
        if of_all > 0:
            rows = (rows_seen[0] == classes[0]) & (rows_seen[1] == classes[1])
            shares[rows] = lefts[first] @ rights[second] / of_all
    return shares
