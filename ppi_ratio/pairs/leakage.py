"""Two tables of pairs -> what one gives away of the other: pairs, proteins, sequence clusters.

Classes of pairs are those of Park & Marcotte (Nature Methods 9:1134, 2012): C1 both proteins seen,
C2 one, C3 none; they are never to be pooled.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ppi_ratio.pairs.rows import LEFT, RIGHT, pair_keys
from ppi_ratio.pairs.table import PairTable
from ppi_ratio.sequences import IdIndex, looked_up

CLASSES = ("C1", "C2", "C3")


def pair_classes(train: PairTable, pairs: PairTable | pd.DataFrame) -> np.ndarray:
    """``C1``, ``C2`` or ``C3`` of each row: both, one or none of its proteins were seen.

    Seen is what stands in a joint pair of ``train``, on either side: the contrast learns from
    joint pairs alone. To count non-pairs too, as suits a classifier trained on labels, pass a
    training table without labels. ``pairs`` is a table, or a frame with columns ``left`` and
    ``right``.
    """
    frame = pairs.frame if isinstance(pairs, PairTable) else pairs
    return classes_of(frame[LEFT].to_numpy(), frame[RIGHT].to_numpy(), train.joint.ids)


def classes_of(left: np.ndarray, right: np.ndarray, seen: Iterable[str]) -> np.ndarray:
    """The same of each pair of two ids, by the ids that were seen, however they are spelled."""
    index = IdIndex(seen)
    return class_names(*(index.rows(side) >= 0 for side in (left, right)))


def class_names(left_seen: np.ndarray, right_seen: np.ndarray) -> np.ndarray:
    """The class of each pair, by whether its left and its right were seen; ``(pair,)``."""
    return np.array(CLASSES)[2 - left_seen.astype(int) - right_seen]


def shared_pairs(known: PairTable, judged: PairTable, first: str, second: str) -> list[str]:
    """Pairs of both tables, in words; of directed tables, those turned round as well.

    ``first`` and ``second`` are what the tables are called, here and below.
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
    """Proteins of both tables, and in how many judged pairs they stand, in words."""
    left, right, ids = judged.coded
    shared = IdIndex(known.ids).rows(ids) >= 0
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
    """Proteins of the judged table alone that have a relative in the known one, in words."""
    theirs = zip(known.ids, looked_up(clusters, known.ids), strict=True)
    relatives = {cluster: name for name, cluster in reversed([*theirs]) if cluster is not None}
    new = judged.coded[2][IdIndex(known.ids).rows(judged.ids) < 0]
    numbers = looked_up(clusters, new)
    related = [
        (name, relatives[cluster])
        for name, cluster in zip(new, numbers, strict=True)
        if cluster is not None and cluster in relatives
    ]
    if not related:
        return []
    n_unknown = numbers.count(None)
    unknown = f"; {n_unknown:,} have no cluster" if n_unknown else ""
    return [
        f"{len(related):,} of {len(new):,} {second} proteins that are no {first} proteins share a "
        f"sequence cluster with one, e.g. {' with '.join(related[0])}{unknown}"
    ]


def coded_keys(pairs: PairTable, others: PairTable) -> np.ndarray:
    """Keys, in the codes of ``others``, of the pairs whose two proteins stand there too."""
    left, right, own = pairs.coded
    rows = IdIndex(others.ids).rows(own)
    left, right = rows[left], rows[right]
    inside = (left >= 0) & (right >= 0)
    if not pairs.directed:
        left, right = np.minimum(left, right), np.maximum(left, right)
    return pair_keys(left[inside], right[inside], len(others.ids))
