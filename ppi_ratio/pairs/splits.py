"""Tables -> ``Split``: training, validation and test pairs, and what leaks between them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.leakage import (
    CLASSES,
    pair_classes,
    shared_clusters,
    shared_pairs,
    shared_proteins,
    without_cluster,
)
from ppi_ratio.pairs.table import PairTable, union
from ppi_ratio.sequences import IdIndex

PARTS = ("train", "validation", "test")
FIXED = "fixed tables"


@dataclass(frozen=True, eq=False)
class Split:
    """Three tables of pairs: for training, for validation and for the test.

    Make one with a function such as ``split_by_protein``, or with ``Split.from_tables`` from
    tables that were divided before. Only ``from_tables`` may leave validation or test empty.

    Attributes:
        train: pairs to learn from.
        validation: pairs that stop the training and scale the temperature.
        test: pairs to judge the model by.
        kind: how the pairs were divided, for instance ``by protein``.
        seed: seed of the split; ``None`` for given tables.
        dropped: number of pairs that are in no part, by reason.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> split = pr.split_by_pair(pairs, test_fraction=0.25, seed=0)
        >>> for name, part in split.parts.items():
        ...     print(f"{name}: {len(part) / len(pairs):.2f} of the pairs")
        train: 0.65 of the pairs
        validation: 0.10 of the pairs
        test: 0.25 of the pairs
        >>> split.leaks()
        []
    """

    train: PairTable
    validation: PairTable
    test: PairTable
    kind: str
    seed: int | None
    dropped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if len({part.directed for part in self.parts.values()}) > 1:
            kinds = ", ".join(f"{name} {part.directed}" for name, part in self.parts.items())
            raise ValueError(f"all parts of a split are directed, or no part is; directed: {kinds}")
        needed = PARTS[:1] if self.kind == FIXED else PARTS
        empty = [name for name in needed if not len(self.parts[name].joint)]
        if empty:
            counts = ", ".join(f"{name} {len(part):,}" for name, part in self.parts.items())
            raise InputError(
                f"no interaction in the {' and '.join(empty)} part of this split ({self.kind}; "
                f"pairs: {counts}); use larger fractions, more pairs or another seed"
            )

    @classmethod
    def from_tables(
        cls,
        *,
        train: PairTable,
        validation: PairTable | None = None,
        test: PairTable | None = None,
    ) -> "Split":
        """A split of tables that were divided before; no pair is removed, so look at ``leaks``.

        Args:
            train: pairs to learn from.
            validation: without it, training cannot stop early or scale the temperature.
            test: without it, there are no pairs to judge the model by.

        Examples:
            >>> import numpy as np
            >>> import ppi_ratio as pr
            >>> pairs, _ = pr.toy_data()
            >>> first_hundred = pairs.select(np.arange(100))
            >>> split = pr.Split.from_tables(train=pairs, test=first_hundred)
            >>> split.leaks()[0]
            '100 of 100 test pairs are train pairs, e.g. ...'
        """
        nothing = replace(train.select(np.zeros(len(train), dtype=bool)), name="no pairs")
        return cls(
            train,
            nothing if validation is None else validation,
            nothing if test is None else test,
            FIXED,
            None,
        )

    @property
    def parts(self) -> dict[str, PairTable]:
        """The three tables by name: ``train``, ``validation`` and ``test``."""
        return dict(zip(PARTS, (self.train, self.validation, self.test), strict=True))

    @property
    def directed(self) -> bool:
        """Whether (a, b) and (b, a) are different pairs."""
        return self.train.directed

    @property
    def joint(self) -> PairTable:
        """The interactions of all parts, none of which may be drawn as a non-pair."""
        return union([part.joint for part in self.parts.values()], name=f"{self.kind} split")

    @property
    def train_and_validation(self) -> PairTable:
        """The pairs of training and validation; with labels if both parts have labels."""
        parts = [part for part in (self.train, self.validation) if len(part)]
        if not all(part.is_labelled for part in parts):
            parts = [part.joint for part in parts]
        return union(parts, name=" and ".join(part.name for part in parts))

    @property
    def held_apart(self) -> frozenset[str]:
        """The proteins of the validation if training has none of them, else the empty set.

        Only interactions count. Where the split keeps the two groups of proteins apart, no
        interaction between the groups is in the data. This is no evidence against such
        interactions. A model that learns from both parts must not use pairs between the two
        groups as noise.
        """
        held_out = self.validation.joint.ids
        seen = self.train.joint.index.rows(held_out) >= 0
        return frozenset() if seen.any() else frozenset(held_out)

    def sorted(self) -> "Split":
        """The same parts with their pairs ordered by id, so that no result depends on row order."""
        return replace(self, **{name: part.sorted() for name, part in self.parts.items()})

    def summary(self) -> pd.DataFrame:
        """One row per part: interactions, non-pairs, proteins, and pairs of each class.

        C1, C2 and C3 count all pairs of the part of which training has both proteins, one or
        none.

        Examples:
            >>> import ppi_ratio as pr
            >>> pairs, _ = pr.toy_data()
            >>> split = pr.split_by_protein(pairs, seed=0, disjoint=True)
            >>> split.summary().columns.to_list()
            ['joint', 'non_pairs', 'proteins', 'C1', 'C2', 'C3']
            >>> bool(split.summary().loc["test", "C3"] == len(split.test))
            True
        """
        rows = []
        for name, part in self.parts.items():
            classes = pair_classes(self.train, part)
            rows.append(
                {
                    "part": name,
                    "joint": len(part.joint),
                    "non_pairs": len(part.non_pairs),
                    "proteins": len(part.ids),
                    **{label: int((classes == label).sum()) for label in CLASSES},
                }
            )
        return pd.DataFrame(rows).set_index("part")

    def leaks(self, clusters: Mapping[str, int] | None = None) -> list[str]:
        """What a part shares with an earlier part, in words; empty if it shares nothing.

        Shared pairs always count. Shared proteins count only in a split of given tables: a split
        drawn by this package shares the proteins that its kind allows, and ``summary`` counts the
        classes of its pairs.

        Args:
            clusters: cluster number by protein id; with it, proteins with relatives in an earlier
                part count too. Proteins without a cluster are counted, because relatives of these
                cannot be found.
        """
        found = []
        for first, second in (("train", "validation"), ("train", "test"), ("validation", "test")):
            known, judged = self.parts[first], self.parts[second]
            found += shared_pairs(known, judged, first, second)
            if self.kind == FIXED:
                found += shared_proteins(known, judged, first, second)
            if clusters is not None:
                found += shared_clusters(known, judged, first, second, clusters)
        if clusters is not None:
            for name, part in self.parts.items():
                found += without_cluster(part, name, clusters)
        return found

    def restrict_to(self, known: Iterable[str] | IdIndex) -> tuple["Split", tuple[str, ...]]:
        """The split without the pairs that have an unknown protein, and the unknown ids.

        Args:
            known: ids of the proteins to keep, for instance those with a vector.
        """
        index = known if isinstance(known, IdIndex) else IdIndex(known)
        restricted = {name: part.restrict_to(index) for name, part in self.parts.items()}
        tables = {name: table for name, (table, _) in restricted.items()}
        missing = sorted({name for _, ids in restricted.values() for name in ids})
        return replace(self, **tables), tuple(missing)

    def named_as(self, listed: IdIndex) -> "Split":
        """The split with the names of ``listed`` for ids in another spelling; see ``PairTable``."""
        return replace(self, **{name: part.named_as(listed) for name, part in self.parts.items()})

    def content_hash(self) -> str:
        """SHA-256 of the three tables, in hexadecimal; it does not depend on kind and seed."""
        text = "\n".join(f"{name} {part.content_hash()}" for name, part in self.parts.items())
        return hashlib.sha256(text.encode()).hexdigest()
