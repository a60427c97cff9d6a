"""Tables -> ``Split``: what to learn from, to choose by and to judge by, and what leaks."""

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
)
from ppi_ratio.pairs.table import PairTable, union
from ppi_ratio.sequences import IdIndex

PARTS = ("train", "validation", "test")
FIXED = "fixed tables"


@dataclass(frozen=True, eq=False)
class Split:
    """Three tables of pairs. Only tables that somebody else divided may lack one but the first.

    Attributes:
        kind: how the pairs were divided, e.g. ``by protein``.
        seed: of the division, ``None`` for fixed tables.
        dropped: pairs that are in no part, by reason.
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
            raise ValueError(f"all parts of a split are directed, or none is; directed: {kinds}")
        needed = PARTS[:1] if self.kind == FIXED else PARTS
        empty = [name for name in needed if not len(self.parts[name].joint)]
        if empty:
            counts = ", ".join(f"{name} {len(part):,}" for name, part in self.parts.items())
            raise InputError(
                f"no joint pair in the {' and '.join(empty)} part of this split ({self.kind}; "
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
        """A split that somebody else made; nothing is removed, so look at ``leaks``.

        Without validation pairs, training cannot stop early or scale the temperature. Without
        test pairs, nothing is kept to judge the model by.
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
        return dict(zip(PARTS, (self.train, self.validation, self.test), strict=True))

    @property
    def directed(self) -> bool:
        return self.train.directed

    @property
    def joint(self) -> PairTable:
        """The joint pairs of all parts: what must not be drawn as a non-pair."""
        return union([part.joint for part in self.parts.values()], name=f"{self.kind} split")

    @property
    def train_and_validation(self) -> PairTable:
        """The pairs of both parts, without labels unless both have them."""
        parts = [part for part in (self.train, self.validation) if len(part)]
        if not all(part.is_labelled for part in parts):
            parts = [part.joint for part in parts]
        return union(parts, name=" and ".join(part.name for part in parts))

    @property
    def held_apart(self) -> frozenset[str]:
        """The proteins of joint validation pairs if training has none of them, else none.

        That none of them is joint with a training protein was then decided by who divided the
        proteins, and says nothing about the two. What learns from both parts at once must not
        take them as noise to each other.
        """
        held_out = self.validation.joint.ids
        seen = self.train.joint.index.rows(held_out) >= 0
        return frozenset() if seen.any() else frozenset(held_out)

    def summary(self) -> pd.DataFrame:
        """One row per part: joint pairs, non-pairs, proteins, and pairs of each class.

        Classes are those of all pairs of the part, counted against the training table.
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
        """What a part shares with an earlier one, in words; empty if nothing.

        Shared pairs always count. Shared proteins count in fixed tables, by any row, joint or
        not: nobody said what these tables hold apart. A split that was drawn here shares the
        proteins it was asked to share; ``summary`` counts them by class. With ``clusters``, the
        cluster number by id, relatives count too.
        """
        found = []
        for first, second in (("train", "validation"), ("train", "test"), ("validation", "test")):
            known, judged = self.parts[first], self.parts[second]
            found += shared_pairs(known, judged, first, second)
            if self.kind == FIXED:
                found += shared_proteins(known, judged, first, second)
            if clusters is not None:
                found += shared_clusters(known, judged, first, second, clusters)
        return found

    def restrict_to(self, known: Iterable[str] | IdIndex) -> tuple["Split", tuple[str, ...]]:
        """The same split without pairs that have an id that is not known, and these ids."""
        index = known if isinstance(known, IdIndex) else IdIndex(known)
        restricted = {name: part.restrict_to(index) for name, part in self.parts.items()}
        tables = {name: table for name, (table, _) in restricted.items()}
        missing = sorted({name for _, ids in restricted.values() for name in ids})
        return replace(self, **tables), tuple(missing)

    def content_hash(self) -> str:
        """SHA-256 of the three tables, in hexadecimal; kind and seed do not enter."""
        text = "\n".join(f"{name} {part.content_hash()}" for name, part in self.parts.items())
        return hashlib.sha256(text.encode()).hexdigest()
