"""``PairTable`` -> ``Split``: what to learn from, what to choose by, what to judge by.

By pair every test protein may be known from training; by protein each test pair has at least
one protein that training never saw. Classes of pairs are those of Park & Marcotte (Nature
Methods 9:1134, 2012): C1 both proteins seen, C2 one, C3 none; they are never to be pooled.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from ppi_ratio.pairs.table import LEFT, RIGHT, PairTable, pair_keys
from ppi_ratio.sequences import IdIndex

PARTS = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = range(3)
CLASSES = ("C1", "C2", "C3")
FIXED = "fixed tables"
BETWEEN = "between test and validation proteins"


@dataclass(frozen=True, eq=False)
class Split:
    """Three tables of pairs, each with at least one joint pair.

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
        empty = [name for name, part in self.parts.items() if not len(part.joint)]
        if empty:
            counts = ", ".join(f"{name} {len(part):,}" for name, part in self.parts.items())
            raise ValueError(
                f"no joint pair in the {' and '.join(empty)} part of this split ({self.kind}; "
                f"pairs: {counts}); use larger fractions, more pairs or another seed"
            )

    @classmethod
    def from_tables(cls, *, train: PairTable, validation: PairTable, test: PairTable) -> "Split":
        """A split that somebody else made; nothing is removed, so look at ``leaks``."""
        return cls(train, validation, test, FIXED, None)

    @property
    def parts(self) -> dict[str, PairTable]:
        return dict(zip(PARTS, (self.train, self.validation, self.test), strict=True))

    @property
    def directed(self) -> bool:
        return self.train.directed

    @property
    def joint(self) -> PairTable:
        """The joint pairs of all parts: what must not be drawn as a non-pair."""
        rows = pd.concat([part.joint.frame for part in self.parts.values()], ignore_index=True)
        table = PairTable.from_rows(
            rows, directed=self.directed, name=f"{self.kind} split", self_pairs="keep"
        )
        return replace(table, drops=())

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

    def leaks(self) -> list[str]:
        """What a part shares with an earlier one, in words; empty if nothing.

        Here a protein counts as shared by any row, joint or not. Shared proteins are part of a
        split by pair and, in C2 pairs, of a split by protein; shared pairs of none.
        """
        found = []
        for known, judged in (("train", "validation"), ("train", "test"), ("validation", "test")):
            found += _shared_pairs(self.parts[known], self.parts[judged], known, judged)
            found += _shared_proteins(self.parts[known], self.parts[judged], known, judged)
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


def split_by_pair(
    pairs: PairTable, *, test_fraction: float = 0.2, validation_fraction: float = 0.1, seed: int
) -> Split:
    """Divide the pairs at random; proteins are on all sides.

    This measures how well a table is filled in, not how well new proteins are met. The
    parts depend on the pairs and the seed, not on the order of rows.
    """
    pairs = pairs.sorted()
    sides = _drawn_sides(len(pairs), test_fraction, validation_fraction, seed)
    return _split(pairs, sides, "by pair", seed)


def split_by_protein(
    pairs: PairTable, *, test_fraction: float = 0.2, validation_fraction: float = 0.1, seed: int
) -> Split:
    """Hold proteins out: a test pair touches a test protein, a training pair no held-out one.

    Fractions are of the proteins, so about 1 - (1 - test_fraction)² of the pairs are tested.
    Pairs of a test and a validation protein are in no part: look at ``Split.dropped``. The
    parts depend on the pairs and the seed, not on the order of rows.
    """
    pairs = pairs.sorted()
    left, right, ids = pairs.coded
    side_of_protein = _drawn_sides(len(ids), test_fraction, validation_fraction, seed)
    # TEST > VALIDATION > TRAIN, so a pair belongs to the stricter of its two sides
    sides = np.maximum(side_of_protein[left], side_of_protein[right])
    mixed = (sides == TEST) & (
        np.minimum(side_of_protein[left], side_of_protein[right]) == VALIDATION
    )
    return _split(
        pairs.select(~mixed), sides[~mixed], "by protein", seed, {BETWEEN: int(mixed.sum())}
    )


def pair_classes(train: PairTable, pairs: PairTable | pd.DataFrame) -> np.ndarray:
    """``C1``, ``C2`` or ``C3`` of each row: both, one or none of its proteins were seen.

    Seen is what stands in a joint pair of ``train``, on either side: the contrast learns from
    joint pairs alone. To count non-pairs too, as suits a classifier trained on labels, pass a
    training table without labels. ``pairs`` is a table, or a frame with columns ``left`` and
    ``right``.
    """
    frame = pairs.frame if isinstance(pairs, PairTable) else pairs
    seen = train.joint.ids
    n_seen = frame[LEFT].isin(seen).to_numpy().astype(int) + frame[RIGHT].isin(seen).to_numpy()
    return np.array(CLASSES)[2 - n_seen]


def _drawn_sides(
    n_units: int, test_fraction: float, validation_fraction: float, seed: int
) -> np.ndarray:
    """TRAIN, VALIDATION or TEST for each unit (pairs, proteins, clusters), by lot."""
    for name, fraction in (("test", test_fraction), ("validation", validation_fraction)):
        if not 0 < fraction < 1:
            raise ValueError(f"{name}_fraction must lie between 0 and 1, got {fraction}")
    if test_fraction + validation_fraction >= 1:
        raise ValueError(
            f"test_fraction {test_fraction} and validation_fraction {validation_fraction} "
            "leave nothing to train on"
        )
    n_test, n_validation = round(test_fraction * n_units), round(validation_fraction * n_units)
    sides = np.full(n_units, TRAIN)
    sides[:n_test] = TEST
    sides[n_test : n_test + n_validation] = VALIDATION
    return np.random.default_rng(seed).permutation(sides)


def _split(
    pairs: PairTable,
    sides: np.ndarray,
    kind: str,
    seed: int,
    dropped: Mapping[str, int] = MappingProxyType({}),
) -> Split:
    train, validation, test = (
        replace(pairs.select(sides == side), name=f"{pairs.name} ({part})")
        for side, part in enumerate(PARTS)
    )
    left_out = {reason: count for reason, count in dropped.items() if count}
    return Split(train, validation, test, kind, seed, MappingProxyType(left_out))


def _shared_pairs(known: PairTable, judged: PairTable, first: str, second: str) -> list[str]:
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


def _shared_proteins(known: PairTable, judged: PairTable, first: str, second: str) -> list[str]:
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


def _keys(pairs: PairTable, ids: pd.Index) -> np.ndarray:
    left, right, own = pairs.coded
    rows = ids.get_indexer(own)
    return pair_keys(rows[left], rows[right], len(ids))
