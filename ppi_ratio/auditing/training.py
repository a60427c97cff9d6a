"""A table to judge by and one to learn from -> checks of what the first shares with the second."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ppi_ratio.auditing.pair_index import PairIndex
from ppi_ratio.auditing.results import EXAMPLES, Check, Severity
from ppi_ratio.errors import InputError
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairTable
from ppi_ratio.pairs.leakage import CLASSES
from ppi_ratio.pairs.table import pair_keys
from ppi_ratio.sequences import IdIndex, Proteins
from ppi_ratio.sequences.clusters import word_clusters

MANY_RELATIVES = 0.1  # share of unseen proteins
MANY_ALIKE = 0.05  # share of pairs
CLASS_MEANING = {
    "C1": "both proteins stand in the training table",
    "C2": "one protein stands in the training table",
    "C3": "no protein stands in the training table",
}


@dataclass(frozen=True, eq=False)
class Against:
    """A table beside its training table.

    Attributes:
        pairs: the table to judge by.
        training: the table learned from; each of its rows counts, joint or not, since a
            classifier learns from both.
    """

    pairs: PairTable
    training: PairTable

    @property
    def seen(self) -> np.ndarray:
        """True for the proteins of ``pairs`` that stand in training; by code."""
        return IdIndex(self.training.ids).rows(self.pairs.ids) >= 0

    def clusters(self, proteins: Proteins) -> dict[str, int]:
        """Sequence cluster of each protein of either table that has a sequence."""
        ids = sorted({*self.pairs.ids, *self.training.ids})
        rows = IdIndex(proteins.ids).rows(ids)
        found = [name for name, row in zip(ids, rows, strict=True) if row >= 0]
        return word_clusters(proteins.select(found))

    @property
    def rows(self) -> np.ndarray:
        """Row in ``pairs`` of each training pair, -1 where it is no such pair."""
        return PairIndex(self.pairs).rows(self.training.frame)


def leak_checks(both: Against) -> Iterator[Check]:
    """Pairs and proteins that were seen in training.

    Raises:
        ValueError: if one table is directed and the other not.
    """
    pairs, training = both.pairs, both.training
    if pairs.directed != training.directed:
        raise InputError(f"{pairs.name} and {training.name}: one is directed, the other not")
    rows = both.rows
    shared = np.unique(rows[rows >= 0])
    yield Check(
        "training_pairs",
        Severity.WARNING if len(shared) else Severity.OK,
        "pairs that are training pairs too; take them out of one of the tables",
        len(shared),
        len(pairs),
        examples=_examples(pairs, shared),
    )
    other = np.unique(rows[(rows >= 0) & (_labels(training) != _labels(pairs)[rows])])
    yield Check(
        "training_conflicts",
        Severity.WARNING if len(other) else Severity.OK,
        "training pairs that have the other label here",
        len(other),
        len(pairs),
        examples=_examples(pairs, other),
    )
    yield from _class_checks(pairs, both.seen)


def relative_checks(both: Against, clusters: Mapping[str, int]) -> Iterator[Check]:
    """Unseen proteins that have a relative in training; those without a cluster have none."""
    pairs, training = both.pairs, both.training
    codes = pd.Series(pd.factorize(np.array([*clusters.values()]))[0], index=[*clusters])
    ours, theirs = (
        codes.reindex(table.ids, fill_value=-1).to_numpy() for table in (pairs, training)
    )
    unseen = ~both.seen
    related = unseen & (ours >= 0) & np.isin(ours, theirs[theirs >= 0])
    yield Check(
        "training_relatives",
        _graded(related, unseen, MANY_RELATIVES),
        "proteins that training has not, but whose sequence shares a cluster with one that it has",
        int(related.sum()),
        int(unseen.sum()),
        examples=tuple(pairs.coded[2][related][:EXAMPLES]),
    )
    alike = _alike(both, ours, theirs)
    yield Check(
        "training_homologs",
        _graded(alike, np.ones(len(pairs)), MANY_ALIKE),
        "pairs that are no training pairs, but whose two clusters are those of a joint one",
        int(alike.sum()),
        len(pairs),
        examples=_examples(pairs, np.flatnonzero(alike)),
    )


def _class_checks(pairs: PairTable, seen: np.ndarray) -> Iterator[Check]:
    left, right, ids = pairs.coded
    yield Check(
        "training_proteins",
        Severity.NOTE if seen.any() else Severity.OK,
        "proteins that stand in the training table, in joint pairs or non-pairs",
        int(seen.sum()),
        len(ids),
        examples=tuple(ids[seen][:EXAMPLES]),
    )
    classes = np.array(CLASSES)[2 - seen[left] - seen[right].astype(int)]
    for name in CLASSES:
        count = int((classes == name).sum())
        yield Check(
            name,
            Severity.NOTE if count and name != "C3" else Severity.OK,
            f"pairs of which {CLASS_MEANING[name]} (Park & Marcotte 2012)",
            count,
            len(pairs),
        )


def _alike(both: Against, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """True for pairs whose clusters are joined in training, without training pairs themselves."""
    training, pairs = both.training, both.pairs
    joint = _labels(training) == 1
    known = theirs[training.coded[0][joint]], theirs[training.coded[1][joint]]
    asked = ours[pairs.coded[0]], ours[pairs.coded[1]]
    n_clusters = int(max(ours.max(initial=0), theirs.max(initial=0))) + 1
    keys = []
    for first, second in (known, asked):
        if not pairs.directed:
            first, second = np.minimum(first, second), np.maximum(first, second)
        clustered = (first >= 0) & (second >= 0)
        keys.append(np.where(clustered, pair_keys(first, second, n_clusters), -1))
    alike = (keys[1] >= 0) & np.isin(keys[1], keys[0])
    rows = both.rows
    alike[rows[rows >= 0]] = False
    return alike


def _labels(table: PairTable) -> np.ndarray:
    return table.frame[LABEL].to_numpy() if table.is_labelled else np.ones(len(table), dtype=int)


def _graded(found: np.ndarray, among: np.ndarray, many: float) -> Severity:
    if not found.any():
        return Severity.OK
    return Severity.WARNING if found.sum() > many * among.sum() else Severity.NOTE


def _examples(pairs: PairTable, rows: np.ndarray) -> tuple[str, ...]:
    frame = pairs.frame.iloc[rows[:EXAMPLES]]
    return tuple(" ".join(ids) for ids in frame[[LEFT, RIGHT]].to_numpy())
