"""Rows of two ids -> ``PairTable``: distinct protein pairs, with labels if the source has them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.kinds import TwoKinds
from ppi_ratio.pairs.rows import (
    LABEL,
    LEFT,
    NO_VECTOR,
    RIGHT,
    Drop,
    SelfPairs,
    coded,
    distinct_ids,
    normalised,
    pair_keys,
    renamed,
    without,
)
from ppi_ratio.sequences import IdIndex, one_spelling

Side = Literal["left", "right", "both"]


@dataclass(frozen=True, eq=False)
class PairTable:
    """A table of distinct protein pairs, with labels if the source has them.

    Make one with ``read_pairs`` or ``PairTable.from_rows``. Both make sure that no pair is in the
    table twice, and that ``left <= right`` in an undirected table.

    Attributes:
        frame: columns ``left``, ``right`` and, if labelled, ``label`` (int8): 1 for an
            interaction (a joint pair), 0 for a non-pair. Do not change it.
        directed: whether (a, b) and (b, a) are different pairs.
        name: where the pairs came from, for messages.
        drops: rows that were left out or merged, by reason.
        sequences: residues by id, if the source held sequences instead of ids.

    Examples:
        >>> import pandas as pd
        >>> import ppi_ratio as pr
        >>> rows = pd.DataFrame({"left": ["P2", "P1", "P3"], "right": ["P1", "P2", "P4"]})
        >>> pairs = pr.PairTable.from_rows(rows, directed=False, name="example")
        >>> len(pairs), pairs.ids
        (2, ('P1', 'P2', 'P3', 'P4'))
        >>> print(pairs.drops[0])
        1 repeated in reverse, e.g. P1 P2
    """

    frame: pd.DataFrame = field(repr=False)
    directed: bool
    name: str
    drops: tuple[Drop, ...] = ()
    sequences: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if list(self.frame.columns) not in ([LEFT, RIGHT], [LEFT, RIGHT, LABEL]):
            raise ValueError(
                f"{self.name}: a PairTable has the columns left, right and perhaps label, "
                f"got {', '.join(map(str, self.frame.columns))}"
            )

    @classmethod
    def from_rows(
        cls,
        rows: pd.DataFrame,
        *,
        directed: bool,
        name: str,
        self_pairs: SelfPairs = "drop",
        drops: Iterable[Drop] = (),
    ) -> "PairTable":
        """Make a table from rows: each pair once, in the order of first appearance.

        Args:
            rows: columns ``left``, ``right``, perhaps ``label`` (1 or 0), and perhaps ``line`` or
                ``row``, the number that examples of dropped rows show.
            directed: whether (a, b) and (b, a) are different pairs.
            name: where the rows came from, for messages.
            self_pairs: whether pairs of a protein with itself stay: ``keep`` or ``drop``.
            drops: rows that were left out before, by reason.

        Raises:
            InputError: if an id holds a control character or begins with ``#``, or if a label is
                neither 1 nor 0.

        Examples:
            >>> import pandas as pd
            >>> import ppi_ratio as pr
            >>> rows = pd.DataFrame({"left": ["P2", "P1"], "right": ["P1", "P2"]})
            >>> len(pr.PairTable.from_rows(rows, directed=True, name="kinase and substrate"))
            2
        """
        frame, dropped = normalised(rows, directed=directed, name=name, self_pairs=self_pairs)
        return cls(frame, directed, name, (*drops, *dropped))

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def is_labelled(self) -> bool:
        """Whether the table has labels."""
        return LABEL in self.frame

    @property
    def joint(self) -> "PairTable":
        """The interactions, without labels: pairs of label 1, or all pairs of a table without."""
        if not self.is_labelled:
            return self
        chosen = self.select((self.frame[LABEL] == 1).to_numpy())
        return replace(chosen, frame=chosen.frame[[LEFT, RIGHT]])

    @property
    def non_pairs(self) -> "PairTable":
        """The pairs of label 0, with their labels; empty if the table has no labels."""
        if not self.is_labelled:
            return self.select(np.zeros(len(self), dtype=bool))
        return self.select((self.frame[LABEL] == 0).to_numpy())

    @cached_property
    def coded(self) -> tuple[np.ndarray, np.ndarray, pd.Index]:
        """The left ids, the right ids, each as its position in the sorted ids, and these ids."""
        return coded(self.frame)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The distinct ids of both sides, in sorted order."""
        return tuple(self.coded[2].to_numpy(object))

    @cached_property
    def index(self) -> IdIndex:
        """Finds a protein among ``ids``, however its id is spelled."""
        return IdIndex(self.ids)

    @cached_property
    def kinds(self) -> TwoKinds | None:
        """The two kinds of proteins, if nearly every interaction has one of each; else None.

        None of a directed table, whose columns tell the kinds apart.

        Examples:
            >>> import pandas as pd
            >>> import ppi_ratio as pr
            >>> every = [(f"V{v}", f"H{h}") for v in range(6) for h in range(15)]
            >>> rows = pd.DataFrame(every, columns=["left", "right"])
            >>> pairs = pr.PairTable.from_rows(rows, directed=False, name="virus and host")
            >>> print(pairs.kinds.describe())
            all 90 interactions have one protein of each of two kinds, ...
        """
        return None if self.directed else TwoKinds.of(*self.joint.coded)

    @property
    def both_directions(self) -> int:
        """How many pairs of proteins a directed table has as (a, b) and as (b, a)."""
        left, right, ids = self.coded
        distinct = left != right
        forward = pair_keys(left, right, len(ids))[distinct]
        backward = pair_keys(right, left, len(ids))[distinct]
        return int(np.isin(forward, backward).sum()) // 2

    def degrees(self, side: Side) -> pd.Series:
        """The number of interactions of each protein.

        Proteins without interactions are not listed. A self pair counts twice under ``both``.

        Args:
            side: ``left`` or ``right`` counts the pairs that have the protein on that side;
                ``both`` counts both sides together.

        Raises:
            ValueError: if one side of an undirected table is asked for. There the side of a
                protein only follows from the alphabet.

        Examples:
            >>> import pandas as pd
            >>> import ppi_ratio as pr
            >>> rows = pd.DataFrame({"left": ["P1", "P1"], "right": ["P2", "P3"]})
            >>> pairs = pr.PairTable.from_rows(rows, directed=False, name="example")
            >>> pairs.degrees("both").to_dict()
            {'P1': 2, 'P2': 1, 'P3': 1}
        """
        if side != "both" and not self.directed:
            raise ValueError(f"{self.name} is undirected; ask for the degrees of side 'both'")
        joint = self.joint.frame
        ends = {LEFT: [joint[LEFT]], RIGHT: [joint[RIGHT]], "both": [joint[LEFT], joint[RIGHT]]}
        return pd.concat(ends[side]).value_counts().sort_index().rename("degree")

    def select(self, mask: np.ndarray) -> "PairTable":
        """The rows where ``mask`` is true, or the rows of these numbers; ``drops`` is empty."""
        return replace(self, frame=self.frame.iloc[mask].reset_index(drop=True), drops=())

    def sorted(self) -> "PairTable":
        """The same pairs ordered by id, so that no result depends on the order of the source."""
        left, right, ids = self.coded
        order = np.argsort(pair_keys(left, right, len(ids)))
        return replace(self, frame=self.frame.iloc[order].reset_index(drop=True))

    def restrict_to(self, known: Iterable[str] | IdIndex) -> tuple["PairTable", tuple[str, ...]]:
        """The pairs whose two proteins are known, and the ids that are not known.

        Args:
            known: ids of the proteins to keep, for instance those with a vector or a cluster.

        Returns:
            The table, whose ``drops`` also counts the pairs left out here; and the unknown ids.

        Examples:
            >>> import ppi_ratio as pr
            >>> pairs, vectors = pr.toy_data()
            >>> kept, missing = pairs.restrict_to(vectors.ids[:60])
            >>> len(kept) < len(pairs), missing[0]
            (True, 'P060')
        """
        index = known if isinstance(known, IdIndex) else IdIndex(known)
        left, right, ids = self.coded
        unknown = index.rows(ids) < 0
        drops = list(self.drops)
        kept = without(self.frame, unknown[left] | unknown[right], NO_VECTOR, drops)
        table = replace(self, frame=kept.reset_index(drop=True), drops=tuple(drops))
        return table, tuple(ids[unknown])

    def named_as(self, listed: IdIndex) -> "PairTable":
        """The table with the names of ``listed`` for ids that it finds in another spelling.

        Args:
            listed: ids, with the differences in spelling that do not count as its ``match``.

        Raises:
            InputError: if an id may be two proteins.

        Examples:
            >>> import pandas as pd
            >>> import ppi_ratio as pr
            >>> from ppi_ratio.sequences import IdIndex
            >>> rows = pd.DataFrame({"left": ["P10001.1"], "right": ["P10002"]})
            >>> pairs = pr.PairTable.from_rows(rows, directed=False, name="example")
            >>> pairs.named_as(IdIndex(["P10001", "P10002"], match=["version"])).ids
            ('P10001', 'P10002')
        """
        names = listed.replaced(self.ids) if listed.match else {}
        if not names:
            return self
        had_self = bool((self.frame[LEFT] == self.frame[RIGHT]).any())
        frame, drops = normalised(
            renamed(self.frame, names),
            directed=self.directed,
            name=self.name,
            self_pairs="keep" if had_self else "drop",
        )
        return replace(self, frame=frame, drops=(*self.drops, *drops))

    def content_hash(self) -> str:
        """SHA-256 of the sorted rows and of ``directed``, in hexadecimal.

        Tables with the same pairs have the same hash, in whatever order the rows are.
        """
        columns = [column.astype(str).tolist() for _, column in self.sorted().frame.items()]
        kind = "directed" if self.directed else "undirected"
        text = "\n".join(map("\t".join, zip(*columns, strict=True)))
        return hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()

    def summary(self) -> str:
        """What is in the table and what was left out, in one or two lines.

        Examples:
            >>> import ppi_ratio as pr
            >>> pairs, _ = pr.toy_data()
            >>> print(pairs.summary())
            toy data: ... undirected pairs of 90 proteins
              left out: ...
        """
        kind = "directed" if self.directed else "undirected"
        counts = f"{len(self):,} {kind} pairs of {len(self.ids):,} proteins"
        if self.is_labelled:
            counts += f": {len(self.joint):,} interactions, {len(self.non_pairs):,} non-pairs"
        if self.directed:
            counts += f"; {self.both_directions:,} in both directions"
        if not self.drops:
            return f"{self.name}: {counts}"
        return f"{self.name}: {counts}\n  left out: " + "; ".join(map(str, self.drops))


def labelled_table(joint: PairTable, non_pairs: PairTable) -> PairTable:
    """One table with labels: the interactions of one table and the pairs of another as non-pairs.

    Args:
        joint: its interactions get label 1.
        non_pairs: all its pairs get label 0, whatever its labels are.

    Raises:
        InputError: if one table is directed and the other not, or if they share a pair.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> drawn = pr.draw_non_pairs(pairs, law="degree_matched", per_joint=2, known=None, seed=0)
        >>> table = pr.labelled_table(pairs, drawn)
        >>> len(table.joint) == len(pairs), len(table.non_pairs) == len(drawn)
        (True, True)
    """
    if joint.directed != non_pairs.directed:
        raise InputError(f"{joint.name} and {non_pairs.name}: one is directed, the other not")
    parts = [
        joint.joint.frame.assign(**{LABEL: np.int8(1)}),
        non_pairs.frame[[LEFT, RIGHT]].assign(**{LABEL: np.int8(0)}),
    ]
    rows = pd.concat(parts, ignore_index=True)
    table = PairTable.from_rows(rows, directed=joint.directed, name=joint.name, self_pairs="keep")
    if table.drops:
        raise InputError(f"{non_pairs.name} holds interactions of {joint.name}: {table.drops[0]}")
    return table


def union(tables: Sequence[PairTable], *, name: str) -> PairTable:
    """The pairs of all tables, each once; a pair with both labels is an interaction.

    Args:
        tables: all of them directed or none, and all of them labelled or none.
        name: name of the new table.
    """
    rows = pd.concat([table.frame for table in tables], ignore_index=True)
    rows = renamed(rows, one_spelling(distinct_ids(rows)))
    table = PairTable.from_rows(rows, directed=tables[0].directed, name=name, self_pairs="keep")
    return replace(table, drops=())
