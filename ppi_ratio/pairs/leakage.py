"""Two tables of pairs -> the pairs, proteins and sequence clusters that both of them have.

Pairs have three classes (Park & Marcotte, Nature Methods 9:1134, 2012). Training has seen both
proteins of a C1 pair, one protein of a C2 pair and no protein of a C3 pair. Report metrics for
each class; never pool the classes.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ppi_ratio.pairs.rows import LEFT, RIGHT, pair_keys
from ppi_ratio.pairs.table import PairTable
from ppi_ratio.sequences import IdIndex, looked_up

CLASSES = ("C1", "C2", "C3")


def pair_classes(train: PairTable, pairs: PairTable | pd.DataFrame) -> np.ndarray:
    """``C1``, ``C2`` or ``C3`` for each pair: training saw both, one or none of its proteins.

    A protein was seen if an interaction of ``train`` has it, on either side, because a density
    ratio is learned from interactions alone. For a classifier that learns from labels, pass a
    training table without labels: all its pairs then count.

    Args:
        train: the training pairs.
        pairs: the pairs to classify: a table, or a frame with columns ``left`` and ``right``.
    """
    frame = pairs.frame if isinstance(pairs, PairTable) else pairs
    return classes_of(frame[LEFT].to_numpy(), frame[RIGHT].to_numpy(), train.joint.ids)


def classes_of(left: np.ndarray, right: np.ndarray, seen: Iterable[str]) -> np.ndarray:
    """``C1``, ``C2`` or ``C3`` for each pair of two ids, by the ids of the proteins seen."""
    index = IdIndex(seen)
    return class_names(*(index.rows(side) >= 0 for side in (left, right)))


def class_names(left_seen: np.ndarray, right_seen: np.ndarray) -> np.ndarray:
    """The class of each pair, by whether its left and its right protein were seen; ``(pair,)``."""
    return np.array(CLASSES)[2 - left_seen.astype(int) - right_seen]


def shared_pairs(known: PairTable, judged: PairTable, first: str, second: str) -> list[str]:
    """The pairs that both tables have, in words; in directed tables also the reversed pairs.

    Args:
        known: the earlier table, such as the training pairs.
        judged: the table to judge by.
        first: what the message calls ``known``.
        second: what the message calls ``judged``.
    """
    n_ids = len(judged.ids)
    judged_keys = pair_keys(*judged.coded[:2], n_ids)
    known_keys = coded_keys(known, judged)
    found = []
    again = np.isin(judged_keys, known_keys)
    if again.any():
        example = " ".join(judged.frame.loc[again, [LEFT, RIGHT]].iloc[0])
        found.append(
            f"{again.sum():,} of {len(judged):,} {second} pairs are {first} pairs, e.g. {example}"
        )
    if judged.directed:
        reversed_keys = judged_keys % n_ids * n_ids + judged_keys // n_ids
        turned = np.isin(reversed_keys, known_keys) & ~again
        if turned.any():
            example = " ".join(judged.frame.loc[turned, [LEFT, RIGHT]].iloc[0])
            found.append(
                f"{turned.sum():,} of {len(judged):,} {second} pairs are {first} pairs in the "
                f"other direction, e.g. {example}"
            )
    return found


def shared_proteins(known: PairTable, judged: PairTable, first: str, second: str) -> list[str]:
    """The proteins that both tables have, and the number of judged pairs with them, in words."""
    left, right, ids = judged.coded
    shared = known.index.rows(ids) >= 0
    if not shared.any():
        return []
    n_shared = shared[left].astype(int) + shared[right]
    return [
        f"{shared.sum():,} of {len(ids):,} {second} proteins are {first} proteins: both of "
        f"them in {np.sum(n_shared == 2):,}, one in {np.sum(n_shared == 1):,} of {len(judged):,} "
        f"{second} pairs"
    ]


def shared_clusters(
    known: PairTable, judged: PairTable, first: str, second: str, clusters: Mapping[str, int]
) -> list[str]:
    """Proteins of ``judged`` alone that share a cluster with a protein of ``known``, in words."""
    theirs = zip(known.ids, looked_up(clusters, known.ids), strict=True)
    relatives = {cluster: name for name, cluster in reversed([*theirs]) if cluster is not None}
    new = judged.coded[2][known.index.rows(judged.ids) < 0]
    numbers = looked_up(clusters, new)
    related = [
        (name, relatives[cluster])
        for name, cluster in zip(new, numbers, strict=True)
        if cluster is not None and cluster in relatives
    ]
    if not related:
        return []
    return [
        f"{len(related):,} of {len(new):,} {second} proteins that are not {first} proteins share a "
        f"sequence cluster with one, e.g. {' with '.join(related[0])}"
    ]


def without_cluster(table: PairTable, part: str, clusters: Mapping[str, int]) -> list[str]:
    """The proteins whose relatives cannot be found, in words; empty if all have a cluster."""
    index = IdIndex(clusters)
    missing = table.coded[2][index.rows(table.ids) < 0]
    if not len(missing):
        return []
    return [
        f"relatives of {len(missing):,} of {len(table.ids):,} {part} proteins cannot be found, "
        f"because these have no sequence, e.g. {index.example(missing)}"
    ]


def coded_keys(pairs: PairTable, others: PairTable) -> np.ndarray:
    """Keys of the pairs whose two proteins ``others`` has too, in the codes of ``others``."""
    left, right, own = pairs.coded
    if pairs is not others:
        rows = others.index.rows(own)
        left, right = rows[left], rows[right]
    inside = (left >= 0) & (right >= 0)
    if not pairs.directed:
        left, right = np.minimum(left, right), np.maximum(left, right)
    return pair_keys(left[inside], right[inside], len(others.ids))


def known_keys(joint: PairTable, known: PairTable | None) -> np.ndarray:
    """Sorted keys of the interactions of both tables, in the codes of those of ``joint``."""
    own = joint.joint
    tables = [own] if known is None else [own, known.joint]
    return np.unique(np.concatenate([coded_keys(table, own) for table in tables]))
