r"""Rows of two ids and perhaps a label -> each pair once, in canonical order, and what was dropped.

Irregular rows are treated as follows. ``PairTable.drops`` counts them by reason, with up to three
examples each.

| row | decision |
|---|---|
| fewer than two ids | left out |
| self pair (a protein with itself) | left out, or kept with ``self_pairs="keep"`` |
| a pair that came before | kept once |
| undirected: a pair that came before in reverse | kept once, the smaller id on the left |
| directed: a pair that came before in reverse | another pair; see ``PairTable.both_directions`` |
| one pair with both labels | kept as an interaction, which was observed; the non-pair was drawn |
| one protein under several ids | named by the shortest of them: ``P1`` for ``sp\|P1\|NAME`` |
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.sequences import one_spelling

LEFT, RIGHT, LABEL = "left", "right", "label"
NOTE = "note"  # why a candidate cannot be scored
LINE, ROW = "line", "row"  # columns with the line of a file, or the row of a frame

MALFORMED = "with fewer than two ids"
SPREADSHEET = "with a spreadsheet error such as #REF! instead of an id or label"
BELOW_SCORE = "below the minimal score"
WITHOUT_SCORE = "without a score"
SELF_PAIR = "self pairs"
REPEATED = "repeated"
REVERSED = "repeated in reverse"
CONFLICT = "with both labels (kept as interactions)"
NO_VECTOR = "with an id that has no vector"

EXAMPLES = 3
UNUSABLE_ID = re.compile(r"^#|[\x00-\x1f\x7f]")

logger = logging.getLogger(__name__)

SelfPairs = Literal["drop", "keep"]


@dataclass(frozen=True)
class Drop:
    """Rows that were left out or merged for one reason.

    Attributes:
        reason: the reason, in words.
        count: number of rows.
        examples: up to three of them, as ``A B (line 7)``.
    """

    reason: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.count:,} {self.reason}, e.g. {self.examples[0]}"


def normalised(
    rows: pd.DataFrame, *, directed: bool, name: str, self_pairs: SelfPairs
) -> tuple[pd.DataFrame, list[Drop]]:
    """Each pair once, as ``PairTable.from_rows`` has it, and what was left out or merged."""
    rows = _tidy(rows, name)
    ids = distinct_ids(rows)
    _check_ids(ids, name)
    if respelled := one_spelling(ids):
        rows = renamed(rows, respelled)
        other, kept = min(respelled.items())
        logger.warning(
            "%s: %d ids are further spellings of a protein, e.g. %s of %s; each protein is "
            "named by its shortest id",
            name,
            len(respelled),
            other,
            kept,
        )
    drops: list[Drop] = []
    incomplete = ((rows[LEFT] == "") | (rows[RIGHT] == "")).to_numpy()
    rows = without(rows, incomplete, MALFORMED, drops)
    if self_pairs == "drop":
        rows = without(rows, (rows[LEFT] == rows[RIGHT]).to_numpy(), SELF_PAIR, drops)
    rows = _merged(rows, directed, drops)
    columns = [LEFT, RIGHT, LABEL] if LABEL in rows else [LEFT, RIGHT]
    return rows.loc[:, columns].reset_index(drop=True), drops


def pair_keys(left: np.ndarray, right: np.ndarray, n_ids: int) -> np.ndarray:
    """One int64 per ordered pair of codes; keys have the same order as the pairs."""
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
            raise InputError(f"{name}: a label is 1 (interaction) or 0 (non-pair), nothing else")
        tidy[LABEL] = tidy[LABEL].astype(np.int8)
    return tidy


def distinct_ids(rows: pd.DataFrame) -> list[str]:
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


def renamed(rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """The same rows, with the ids that are keys of ``names`` replaced by their values."""
    if not names:
        return rows
    return rows.assign(
        **{side: rows[side].map(lambda name: names.get(name, name)) for side in (LEFT, RIGHT)}
    )


def without(rows: pd.DataFrame, mask: np.ndarray, reason: str, drops: list[Drop]) -> pd.DataFrame:
    """The rows where ``mask`` is false; the other rows are added to ``drops``."""
    if not mask.any():
        return rows
    drops.append(Drop(reason, int(mask.sum()), pair_examples(rows, mask)))
    return rows.loc[~mask]


def _merged(rows: pd.DataFrame, directed: bool, drops: list[Drop]) -> pd.DataFrame:
    """Each pair once, at its first row.

    The counts do not depend on the order of rows. Say that n rows hold one pair, with o distinct
    combinations of orientation and label. Then n - o rows are repeated. One row is a label
    conflict if both labels occur. The rest of the n - 1 rows are repeated in reverse.
    """
    left, right, ids = coded(rows)
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
        without(rows, mask, reason, drops)
    merged = rows.assign(**{LEFT: ids.take(low).array, RIGHT: ids.take(high).array})
    if label is not None:
        merged[LABEL] = pd.Series(label).groupby(key).transform("max").to_numpy()
    return merged.loc[~again]


def coded(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """Left and right ids, each as its position in the sorted distinct ids, and these ids."""
    codes, ids = pd.factorize(pd.concat([rows[LEFT], rows[RIGHT]]), sort=True)
    return codes[: len(rows)], codes[len(rows) :], pd.Index(ids)
