"""Columns that may not hold what their place says -> a refusal that names the likely reading.

A table without known names of columns is read by place: two ids come first. Some tables begin with
a row number, a label or the id of the interaction, or have a word or a weight between the two ids.
Read by place they would pair what is no pair.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.fields import Rows
from ppi_ratio.pairs.values import finite_numbers, labels_of

LOOKED_AT = 2000  # rows that are looked at
MIN_ROWS = 3  # a shorter table shows no pattern
MIN_REPEATED = 3  # repeated ids from which one column may be said to follow from another
SIF_TYPES = frozenset(("pp", "pd", "pr", "rc", "cr", "gl", "interacts", "interacts-with"))
FEW_TYPES = 10  # distinct words of a column that says how two proteins interact


class _Column(NamedTuple):
    """The first values of one column.

    Attributes:
        text: the values, empty ones left out.
        distinct: the distinct values.
    """

    text: pd.Series
    distinct: frozenset[str]

    @classmethod
    def of(cls, rows: Rows, position: int) -> "_Column":
        text = rows.column(position)
        text = text.loc[text != ""]
        return cls(text, frozenset(text))

    @property
    def is_numeric(self) -> bool:
        return bool(finite_numbers(self.text).notna().all())

    @property
    def has_fractions(self) -> bool:
        return self.is_numeric and bool(self.text.str.contains(r"[.,eE%]").any())

    def shares(self, other: "_Column") -> bool:
        return bool(self.distinct & other.distinct)


def check_places(rows: Rows) -> None:
    """Refuse a table whose first two columns do not look like two ids.

    Raises:
        InputError: naming the column, what it looks like and the columns that look like ids.
    """
    rows = rows.first(LOOKED_AT).after_first()  # the first row may be a header
    if rows.width < 2:
        return
    columns = [_Column.of(rows, position) for position in range(min(rows.width, 4))]
    if any(len(column.text) < MIN_ROWS for column in columns[:2]):
        return
    first, second, *others = columns
    third = others[0] if others else None
    if _counts_up(first.text) and not first.shares(second):
        if third is not None:
            raise _refusal(rows, 1, "row numbers", (2, 3))
        if not second.is_numeric:
            raise _refusal(rows, 1, "row numbers", ())
    if third is None or len(third.text) < MIN_ROWS:
        return
    if _is_label(first, third.shares(second)) and not first.shares(second):
        raise _refusal(rows, 1, "labels", (2, 3), label=1)
    if _is_type(second, first, third):
        raise _refusal(rows, 2, "the kind of interaction", (1, 3))
    if any(each.shares(first) or each.shares(second) for each in others) and (
        _follow_from_each_other(first, second)
    ):
        sides = (2, 3) if third.shares(second) else (1, 3 if third.shares(first) else 4)
        raise _refusal(rows, 2, "another name of the protein in column 1", sides)
    if _is_weight(second, first, third):
        raise _refusal(rows, 2, "weights", (1, 3))
    if len(first.distinct) == len(first.text) and _is_apart(first, second, third):
        raise _refusal(rows, 1, "ids of interactions", (2, 3))


def _counts_up(text: pd.Series) -> bool:
    if not text.str.fullmatch(r"\d{1,12}").all() or len(text) < MIN_ROWS:
        return False
    return bool((np.diff(text.astype(np.int64)) == 1).all())


def _is_label(column: _Column, is_before_ids: bool) -> bool:
    """Whether a column has two values that read as labels, or that stand before two ids."""
    if len(column.distinct) != 2:
        return False
    return is_before_ids or bool(labels_of(column.text).notna().all())


def _is_type(second: _Column, first: _Column, third: _Column) -> bool:
    if second.shares(first) or second.shares(third) or third.is_numeric:
        return False
    few = len(second.distinct) <= FEW_TYPES < len(second.text)
    known = {word.lower() for word in second.distinct} <= SIF_TYPES
    many = len(third.distinct) > 2 * len(second.distinct)
    return known or (few and many and third.shares(first))


def _is_weight(second: _Column, first: _Column, third: _Column) -> bool:
    if second.has_fractions:
        return not first.has_fractions
    numeric = (second.is_numeric, first.is_numeric, third.is_numeric)
    return numeric == (True, False, False) and third.shares(first)


def _is_apart(first: _Column, second: _Column, third: _Column) -> bool:
    """Whether the second and third column have values in common, and the first has none of them."""
    return second.shares(third) and not first.shares(second) and not first.shares(third)


def _follow_from_each_other(first: _Column, second: _Column) -> bool:
    """Whether each value of one column always stands beside the same value of the other."""
    if first.shares(second) or len(first.text) != len(second.text):
        return False
    both = pd.DataFrame({"first": first.text, "second": second.text}).drop_duplicates()
    if both["first"].duplicated().any() or both["second"].duplicated().any():
        return False
    counts = first.text.value_counts()
    return int((counts > 1).sum()) >= MIN_REPEATED


def _refusal(
    rows: Rows, place: int, what: str, ids: tuple[int, ...], label: int | None = None
) -> InputError:
    values = ", ".join(rows.column(place - 1)[:MIN_ROWS])
    likely = ",".join(map(str, (*ids, *(() if label is None else (label,)))))
    advice = (
        f"name the columns to read: `columns` {likely}"
        if ids
        else ("write two ids per line, or name the columns to read (`columns`)")
    )
    return InputError(
        f"{rows.name}: column {place} ({values}, ...) looks like {what}, not like ids; {advice}"
    )
