"""Two tables of pairs -> what one gives away of the other: pairs, proteins, sequence clusters.

Classes of pairs are those of Park & Marcotte (Nature Methods 9:1134, 2012): C1 both proteins seen,
C2 one, C3 none; they are never to be pooled.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ppi_ratio.pairs.table import LEFT, RIGHT, PairTable, pair_keys

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
    """The same of each pair of two ids, by the distinct ids that were seen."""
    known = pd.Index(seen)
    n_seen = sum(pd.Index(side).isin(known).astype(int) for side in (left, right))
    return np.array(CLASSES)[2 - n_seen]


def shared_pairs(known: PairTable, judged: PairTable, first: str, second: str) -> list[str]:
    """Pairs of both tables, in words; of directed tables, those turned round as well.

    ``first`` and ``second`` are what the tables are called, here and below.
    """
    ids = pd.Index(sorted({*known.ids, *judged.ids}))
    known_keys, judged_keys = (_keys(part, ids) for part in (known, judged))
    found = []
    again = np.isin(judged_keys, known_keys)
    if again.any():
        example = " ".join(judged.frame.loc[again, [LEFT, RIGHT]].iloc[0])
        found.append(
            f"{again.sum():,} of {len(judged):,} {second} pairs are {first} pairs, e.g. {example}"
        )
    if judged.directed:
        reversed_keys = judged_keys % len(ids) * len(ids) + judged_keys // len(ids)
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
    shared = pd.Index(judged.ids).intersection(known.ids)
    if not len(shared):
        return []
    n_shared = sum(
        judged.frame[side].isin(shared.tolist()).to_numpy().astype(int) for side in (LEFT, RIGHT)
    )
    return [
        f"{len(shared):,} of {len(judged.ids):,} {second} proteins are {first} proteins: both of "
        f"them in {np.sum(n_shared == 2):,}, one in {np.sum(n_shared == 1):,} of {len(judged):,} "
        f"{second} pairs"
    ]


def shared_clusters(
    known: PairTable, judged: PairTable, first: str, second: str, clusters: Mapping[str, int]
) -> list[str]:
    """Proteins of the judged table alone that have a relative in the known one, in words."""
    relatives = {clusters[name]: name for name in reversed(known.ids) if name in clusters}
    new = sorted({*judged.ids} - {*known.ids})
    related = [name for name in new if clusters.get(name) in relatives]
    if not related:
        return []
    n_unknown = sum(name not in clusters for name in new)
    unknown = f"; {n_unknown:,} have no cluster" if n_unknown else ""
    return [
        f"{len(related):,} of {len(new):,} {second} proteins that are no {first} proteins share a "
        f"sequence cluster with one, e.g. {related[0]} with "
        f"{relatives[clusters[related[0]]]}{unknown}"
    ]


def _keys(pairs: PairTable, ids: pd.Index) -> np.ndarray:
    left, right, own = pairs.coded
    rows = ids.get_indexer(own)
    return pair_keys(rows[left], rows[right], len(ids))
