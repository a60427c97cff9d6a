"""A table to judge by and its training table -> checks of what the two tables share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ppi_ratio.auditing.id_checks import spelling_check
from ppi_ratio.auditing.pair_index import PairIndex
from ppi_ratio.auditing.results import EXAMPLES, Check, Severity
from ppi_ratio.errors import InputError
from ppi_ratio.pairs import CLASSES, LABEL, LEFT, RIGHT, PairTable, class_names
from ppi_ratio.pairs.rows import pair_keys
from ppi_ratio.sequences import IdIndex, Proteins, looked_up, sequence_hash
from ppi_ratio.sequences.clusters import word_clusters

MANY_RELATIVES = 0.1  # share of the unseen proteins with a relative in training
MANY_SIMILAR = 0.05  # share of the pairs that are similar to a training pair
CLASS_MEANING = {
    "C1": "both proteins are in the training table",
    "C2": "one protein is in the training table",
    "C3": "no protein is in the training table",
}


@dataclass(frozen=True, eq=False)
class TestedAndTraining:
    """A table to judge by, with its training table.

    Attributes:
        pairs: the table to judge by.
        training: the table that the model learned from. Interactions and non-pairs both count,
            because a classifier learns from both.
        proteins: sequences, to recognise a training protein under another id.
    """

    pairs: PairTable
    training: PairTable
    proteins: Proteins | None = None

    @cached_property
    def seen(self) -> np.ndarray:
        """True for the proteins of ``pairs.ids`` that are in training."""
        theirs, ours = (self._hashes(table.ids) for table in (self.training, self.pairs))
        return IdIndex(self.training.ids, theirs).rows(self.pairs.ids, ours) >= 0

    def clusters(self) -> dict[str, int]:
        """Sequence cluster by id, for the proteins of both tables that have a sequence."""
        assert self.proteins is not None
        ids = sorted({*self.pairs.ids, *self.training.ids})
        rows = IdIndex(self.proteins.ids).rows(ids)
        found = [name for name, row in zip(ids, rows, strict=True) if row >= 0]
        return word_clusters(self.proteins.select(found))

    def _hashes(self, ids: Sequence[str]) -> list[str] | None:
        if self.proteins is None:
            return None
        found = looked_up(self.proteins.sequences, ids)
        return ["" if residues is None else sequence_hash(residues) for residues in found]

    @cached_property
    def rows(self) -> np.ndarray:
        """Row in ``pairs`` of each training pair; -1 if ``pairs`` does not have it."""
        return PairIndex(self.pairs).rows(self.training.frame)


def leak_checks(tables: TestedAndTraining) -> Iterator[Check]:
    """Checks of the pairs and proteins that were seen in training.

    Raises:
        InputError: if one table is directed and the other not.
    """
    pairs, training = tables.pairs, tables.training
    if pairs.directed != training.directed:
        raise InputError(f"{pairs.name} and {training.name}: one is directed, the other not")
    rows = tables.rows
    shared = np.unique(rows[rows >= 0])
    yield Check(
        "training_pairs",
        Severity.WARNING if len(shared) else Severity.OK,
        "pairs that are training pairs too; remove them from one of the tables",
        len(shared),
        len(pairs),
        examples=_examples(pairs, shared),
    )
    conflicts = np.unique(rows[(rows >= 0) & (_labels(training) != _labels(pairs)[rows])])
    yield Check(
        "training_conflicts",
        Severity.WARNING if len(conflicts) else Severity.OK,
        "training pairs that have the other label in this table",
        len(conflicts),
        len(pairs),
        examples=_examples(pairs, conflicts),
    )
    yield from _class_checks(pairs, tables.seen)
    unseen = pairs.coded[2][~tables.seen]
    what = "proteins that are not in the training table, but are there"
    yield from spelling_check("training_otherwise_spelled", training.index, unseen, what)


def relative_checks(tables: TestedAndTraining, clusters: Mapping[str, int]) -> Iterator[Check]:
    """Checks of relatives in training.

    Relatives of a protein without a cluster cannot be found. Where no training protein or no
    unseen protein has a cluster, relatives are not counted at all.
    """
    pairs, training = tables.pairs, tables.training
    index = IdIndex(clusters)
    listed = index if tables.proteins is None else IdIndex(tables.proteins.ids)
    codes = np.append(pd.factorize(np.array([*clusters.values()]))[0], -1)
    ours, theirs = (codes[index.rows(table.ids)] for table in (pairs, training))
    unseen = ~tables.seen
    missing = theirs < 0
    yield Check(
        "training_without_sequence",
        Severity.WARNING if missing.any() else Severity.OK,
        "training proteins without a sequence, so that relatives of these cannot be found",
        int(missing.sum()),
        len(theirs),
        examples=listed.examples(training.coded[2][missing], EXAMPLES),
    )
    if missing.all() or (unseen.any() and (ours[unseen] < 0).all()):
        return
    related = unseen & (ours >= 0) & np.isin(ours, theirs[theirs >= 0])
    unknown = bool(missing.any() or (ours[unseen] < 0).any())
    yield Check(
        "training_relatives",
        _graded(related, unseen, MANY_RELATIVES, unknown),
        "proteins that are not in training, but share a sequence cluster with a training protein"
        + (", as far as both have a sequence" if unknown else ""),
        int(related.sum()),
        int(unseen.sum()),
        examples=tuple(pairs.coded[2][related][:EXAMPLES]),
    )
    similar = _similar(tables, ours, theirs)
    yield Check(
        "training_homologs",
        _graded(similar, np.ones(len(pairs)), MANY_SIMILAR, unknown),
        "pairs that are not in training, but have the two clusters of a training interaction",
        int(similar.sum()),
        len(pairs),
        examples=_examples(pairs, np.flatnonzero(similar)),
    )


def _class_checks(pairs: PairTable, seen: np.ndarray) -> Iterator[Check]:
    left, right, ids = pairs.coded
    yield Check(
        "training_proteins",
        Severity.NOTE if seen.any() else Severity.OK,
        "proteins that are in the training table, in interactions or non-pairs",
        int(seen.sum()),
        len(ids),
        examples=tuple(ids[seen][:EXAMPLES]),
    )
    classes = class_names(seen[left], seen[right])
    for name in CLASSES:
        count = int((classes == name).sum())
        yield Check(
            name,
            Severity.NOTE if count and name != "C3" else Severity.OK,
            f"pairs of which {CLASS_MEANING[name]} (Park & Marcotte 2012)",
            count,
            len(pairs),
        )


def _similar(tables: TestedAndTraining, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """True for pairs whose two clusters have an interaction in training; not for training pairs."""
    training, pairs = tables.training, tables.pairs
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
    similar = (keys[1] >= 0) & np.isin(keys[1], keys[0])
    rows = tables.rows
    similar[rows[rows >= 0]] = False
    return similar


def _labels(table: PairTable) -> np.ndarray:
    return table.frame[LABEL].to_numpy() if table.is_labelled else np.ones(len(table), dtype=int)


def _graded(found: np.ndarray, among: np.ndarray, many: float, unknown: bool) -> Severity:
    if not found.any():
        return Severity.NOTE if unknown else Severity.OK
    return Severity.WARNING if found.sum() > many * among.sum() else Severity.NOTE


def _examples(pairs: PairTable, rows: np.ndarray) -> tuple[str, ...]:
    frame = pairs.frame.iloc[rows[:EXAMPLES]]
    return tuple(" ".join(ids) for ids in frame[[LEFT, RIGHT]].to_numpy())
