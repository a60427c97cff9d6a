r"""Rows of two ids and perhaps a label -> ``PairTable``: each pair once, in canonical order.

What happens to irregular rows, each counted and with up to three examples in ``PairTable.drops``:

| row | decision |
|---|---|
| fewer than two ids | left out |
| self pair | left out, or kept with ``self_pairs="keep"`` |
| the same pair again | kept once |
| undirected: the same pair in reverse | kept once, the smaller id on the left |
| directed: the same pair in reverse | another pair; ``PairTable.both_directions`` counts them |
| one pair with both labels | kept as joint: an observed interaction outranks a drawn non-pair |
| one protein under several ids | named by the shortest of them: ``P1`` for ``sp\|P1\|NAME`` |
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.sequences import IdIndex, one_spelling

LEFT, RIGHT, LABEL = "left", "right", "label"
NOTE = "note"  # of a candidate that cannot be scored: why
LINE, ROW = "line", "row"  # the columns that may number rows: lines of a file, rows of a frame

MALFORMED = "with fewer than two ids"
BELOW_SCORE = "below the minimal score"
SELF_PAIR = "self pairs"
REPEATED = "repeated"
REVERSED = "repeated in reverse"
CONFLICT = "with both labels (kept as joint)"
NO_VECTOR = "with an id that has no vector"

EXAMPLES = 3
UNUSABLE_ID = re.compile(r"^#|[\x00-\x1f\x7f]")

logger = logging.getLogger(__name__)

SelfPairs = Literal["drop", "keep"]
Side = Literal["left", "right", "both"]


@dataclass(frozen=True)
class Drop:
    """Rows left out of, or merged in, a table for one reason."""

    reason: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.count:,} {self.reason}, e.g. {self.examples[0]}"


@dataclass(frozen=True, eq=False)
class PairTable:
    """Distinct pairs of proteins, with a label where the source has one.

    Make one with ``read_pairs`` or ``PairTable.from_rows``, which keep the invariants: no pair
    twice, and in an undirected table ``left <= right``. Two tables with the same pairs have the
    same ``content_hash``, whatever their row order.

    Attributes:
        frame: columns ``left``, ``right`` and, if labelled, ``label``: 1 joint, 0 non-pair
            (int8). To be read, never changed.
        directed: whether (a, b) and (b, a) are different pairs.
        name: where the pairs came from, for messages.
        drops: what normalising left out.
    """

    frame: pd.DataFrame = field(repr=False)
    directed: bool
    name: str
    drops: tuple[Drop, ...] = ()

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
        """Normalise rows by the module's table; the order of first appearance is kept.

        ``rows`` has columns ``left``, ``right``, perhaps ``label`` (1 or 0), and perhaps
        ``line`` or ``row``, a number to name rows by. ``drops`` is what a reader left out before.

        Raises:
            InputError: if an id holds a control character or begins with ``#``.
        """
        rows = _tidy(rows, name)
        ids = _distinct_ids(rows)
        _check_ids(ids, name)
        if respelled := one_spelling(ids):
            rows = _renamed(rows, respelled)
            other, kept = min(respelled.items())
            logger.warning(
                "%s: %d ids are further spellings of a protein, e.g. %s of %s; each protein is "
                "named by its shortest id",
                name,
                len(respelled),
                other,
                kept,
            )
        drops = list(drops)
        incomplete = ((rows[LEFT] == "") | (rows[RIGHT] == "")).to_numpy()
        rows = _without(rows, incomplete, MALFORMED, drops)
        if self_pairs == "drop":
            rows = _without(rows, (rows[LEFT] == rows[RIGHT]).to_numpy(), SELF_PAIR, drops)
        rows = _merged(rows, directed, drops)
        columns = [LEFT, RIGHT, LABEL] if LABEL in rows else [LEFT, RIGHT]
        return cls(rows.loc[:, columns].reset_index(drop=True), directed, name, tuple(drops))

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def is_labelled(self) -> bool:
        return LABEL in self.frame

    @property
    def joint(self) -> "PairTable":
        """The interacting pairs: label 1, or every pair of an unlabelled table; no labels."""
        if not self.is_labelled:
            return self
        chosen = self.select((self.frame[LABEL] == 1).to_numpy())
        return replace(chosen, frame=chosen.frame[[LEFT, RIGHT]])

    @property
    def non_pairs(self) -> "PairTable":
        """The pairs labelled 0, with their labels; none in an unlabelled table."""
        if not self.is_labelled:
            return self.select(np.zeros(len(self), dtype=bool))
        return self.select((self.frame[LABEL] == 0).to_numpy())

    @cached_property
    def coded(self) -> tuple[np.ndarray, np.ndarray, pd.Index]:
        """Left and right ends as row numbers in the sorted distinct ids, and these ids."""
        return _coded(self.frame)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The distinct ids of both sides, sorted."""
        return tuple(self.coded[2].to_numpy(object))

    @cached_property
    def index(self) -> IdIndex:
        """Finds a protein among ``ids``, however its id is spelled."""
        return IdIndex(self.ids)

    @property
    def both_directions(self) -> int:
        """In a directed table, the number of protein pairs listed as (a, b) and as (b, a)."""
        left, right, ids = self.coded
        distinct = left != right
        forward = pair_keys(left, right, len(ids))[distinct]
        backward = pair_keys(right, left, len(ids))[distinct]
        return int(np.isin(forward, backward).sum()) // 2

    def degrees(self, side: Side) -> pd.Series:
        """In how many joint pairs each protein stands, on one side or on both together.

        Proteins that stand in none are not listed. A self pair counts twice under ``both``.

        Raises:
            ValueError: if one side of an undirected table is asked for; there the sides only
                reflect the alphabet.
        """
        if side != "both" and not self.directed:
            raise ValueError(f"{self.name} is undirected: its degrees are those of side 'both'")
        joint = self.joint.frame
        ends = {LEFT: [joint[LEFT]], RIGHT: [joint[RIGHT]], "both": [joint[LEFT], joint[RIGHT]]}
        return pd.concat(ends[side]).value_counts().sort_index().rename("degree")

    def select(self, mask: np.ndarray) -> "PairTable":
        """The rows where ``mask`` is true, or of these row numbers; ``drops`` stay behind."""
        return replace(self, frame=self.frame.iloc[mask].reset_index(drop=True), drops=())

    def sorted(self) -> "PairTable":
        """The same pairs ordered by id, so that nothing hangs on the order of the source."""
        left, right, ids = self.coded
        order = np.argsort(pair_keys(left, right, len(ids)))
        return replace(self, frame=self.frame.iloc[order].reset_index(drop=True))

    def restrict_to(self, known: Iterable[str] | IdIndex) -> tuple["PairTable", tuple[str, ...]]:
        """The pairs whose two ids are known, and the ids that are not.

        ``drops`` goes on counting: pairs left out here are added to it.
        """
        index = known if isinstance(known, IdIndex) else IdIndex(known)
        left, right, ids = self.coded
        unknown = index.rows(ids) < 0
        drops = list(self.drops)
        kept = _without(self.frame, unknown[left] | unknown[right], NO_VECTOR, drops)
        table = replace(self, frame=kept.reset_index(drop=True), drops=tuple(drops))
        return table, tuple(ids[unknown])

    def content_hash(self) -> str:
        """SHA-256 of the directedness and the sorted rows, in hexadecimal."""
        columns = [column.astype(str).tolist() for _, column in self.sorted().frame.items()]
        kind = "directed" if self.directed else "undirected"
        text = "\n".join(map("\t".join, zip(*columns, strict=True)))
        return hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()

    def summary(self) -> str:
        """What is in the table and what was left out, for people; two lines at most."""
        kind = "directed" if self.directed else "undirected"
        counts = f"{len(self):,} {kind} pairs of {len(self.ids):,} proteins"
        if self.is_labelled:
            counts += f": {len(self.joint):,} joint, {len(self.non_pairs):,} non-pairs"
        if self.directed:
            counts += f"; {self.both_directions:,} in both directions"
        if not self.drops:
            return f"{self.name}: {counts}"
        return f"{self.name}: {counts}\n  left out: " + "; ".join(map(str, self.drops))


def labelled_table(joint: PairTable, non_pairs: PairTable) -> PairTable:
    """One labelled table: the joint pairs of one, then every pair of the other as non-pairs.

    Raises:
        ValueError: if one is directed and the other not, or if they share a pair.
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
        raise InputError(f"{non_pairs.name} holds joint pairs of {joint.name}: {table.drops[0]}")
    return table


def union(tables: Sequence[PairTable], *, name: str) -> PairTable:
    """The pairs of all tables, each once; of two labels the module's table says which is kept.

    Args:
        tables: directed all or none, labelled all or none.
        name: of the new table.
    """
    rows = pd.concat([table.frame for table in tables], ignore_index=True)
    rows = _renamed(rows, one_spelling(_distinct_ids(rows)))
    table = PairTable.from_rows(rows, directed=tables[0].directed, name=name, self_pairs="keep")
    return replace(table, drops=())


def pair_keys(left: np.ndarray, right: np.ndarray, n_ids: int) -> np.ndarray:
    """One int64 per ordered pair of codes; keys sort as the pairs do."""
    return left.astype(np.int64) * n_ids + right


def pair_examples(rows: pd.DataFrame, mask: np.ndarray) -> tuple[str, ...]:
    """The first few rows where ``mask`` is true, as ``A B (line 7)``."""
    numbered = next((column for column in (LINE, ROW) if column in rows), None)
    return tuple(
        " ".join(name or "''" for name in (row[LEFT], row[RIGHT]))
        + (f" ({numbered} {row[numbered]})" if numbered else "")
        for row in rows.loc[mask].head(EXAMPLES).to_dict(orient="records")
    )


def _tidy(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Ids as stripped strings and labels as int8."""
    tidy = rows.assign(
        **{side: rows[side].fillna("").astype("str").str.strip() for side in (LEFT, RIGHT)}
    )
    if LABEL in tidy:
        if not np.isin(tidy[LABEL], [0, 1]).all():
            raise InputError(f"{name}: labels are 1 for joint and 0 for non-pair, nothing else")
        tidy[LABEL] = tidy[LABEL].astype(np.int8)
    return tidy


def _distinct_ids(rows: pd.DataFrame) -> list[str]:
    """The ids of both sides, in no particular order."""
    return pd.concat([rows[LEFT], rows[RIGHT]]).unique().tolist()


def _check_ids(ids: Iterable[str], name: str) -> None:
    """Refuse ids that could not be written to a text file and read back."""
    unusable = next(filter(UNUSABLE_ID.search, ids), None)
    if unusable is not None:
        raise InputError(
            f"{name}: {unusable!r} cannot be an id; "
            "ids hold no control character and do not begin with '#'"
        )


def _renamed(rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """The same rows, ids that are keys of ``names`` replaced by what it has for them."""
    if not names:
        return rows
    return rows.assign(
        **{side: rows[side].map(lambda name: names.get(name, name)) for side in (LEFT, RIGHT)}
    )


def _without(rows: pd.DataFrame, mask: np.ndarray, reason: str, drops: list[Drop]) -> pd.DataFrame:
    """The rows where ``mask`` is false; the others are noted in ``drops``."""
    if not mask.any():
        return rows
    drops.append(Drop(reason, int(mask.sum()), pair_examples(rows, mask)))
    return rows.loc[~mask]


def _merged(rows: pd.DataFrame, directed: bool, drops: list[Drop]) -> pd.DataFrame:
    """Each pair once, where it first stands.

    The counts do not hang on row order: of n rows with one pair, which show o of the two
    orientations together with a label, n - o are repeated, one is a label conflict if both
    labels occur, and what is left of n - 1 is repeated in reverse.
    """
    left, right, ids = _coded(rows)
    flipped = np.zeros(len(rows), dtype=bool) if directed else left > right
    low, high = np.where(flipped, right, left), np.where(flipped, left, right)
    key = pair_keys(low, high, len(ids))
    again = pd.Series(key).duplicated().to_numpy()
    if LABEL in rows:
        label = rows[LABEL].to_numpy()
        relabelled = ~pd.Series(key * 2 + label).duplicated().to_numpy() & again
        oriented = (key * 2 + label) * 2 + flipped
    else:
        label, relabelled = None, np.zeros(len(rows), dtype=bool)
        oriented = key * 2 + flipped
    repeated = pd.Series(oriented).duplicated().to_numpy()
    for reason, mask in (
        (REPEATED, repeated),
        (REVERSED, again & ~repeated & ~relabelled),
        (CONFLICT, relabelled),
    ):
        _without(rows, mask, reason, drops)
    merged = rows.assign(**{LEFT: ids.take(low).array, RIGHT: ids.take(high).array})
    if label is not None:
        merged[LABEL] = pd.Series(label).groupby(key).transform("max").to_numpy()
    return merged.loc[~again]


def _coded(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    codes, ids = pd.factorize(pd.concat([rows[LEFT], rows[RIGHT]]), sort=True)
    return codes[: len(rows)], codes[len(rows) :], pd.Index(ids)
