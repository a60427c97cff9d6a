"""The first row of a table of pairs -> which of its columns hold ids, labels and scores.

Two columns hold ids: the columns that the user's ``PairColumns`` names; else the columns whose
names are the two sides of a pair (``names.py``); else the first two, if nothing speaks against them
(``doubts.py``).

A first row is a header if its names are the two sides of a pair, or if its fields are written
unlike all ids below, such as ``protein`` above ``P12345``. A row whose fields appear below as ids
is no header. A comment line just above the first row is a header if its names are the two sides of
a pair.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.pairs.doubts import LOOKED_AT, check_places
from ppi_ratio.pairs.fields import Rows
from ppi_ratio.pairs.names import LABELS, SCORES, first_named, plain, sides_of
from ppi_ratio.pairs.rows import ROW
from ppi_ratio.pairs.values import labels_of

logger = logging.getLogger(__name__)

SCORE_NAMES = SCORES
PREAMBLE = 20  # most lines that may stand above a header
MIN_BELOW = 5  # rows below a header that is known by how its fields are written


@dataclass(frozen=True)
class PairColumns:
    """Which columns of a table to read.

    A column is given by its name, if the file has a header, or by its position, counted from 0.
    ``PairColumns.parse`` reads a text such as ``"bait,prey"``, where positions count from 1.

    Attributes:
        left, right: the columns of the two ids.
        label: the column of labels; without it, the table has no labels.
        score: the column of scores, for ``min_score``.

    Examples:
        >>> import pandas as pd
        >>> import ppi_ratio as pr
        >>> table = pd.DataFrame({"study": [1, 1], "bait": ["P1", "P2"], "prey": ["P3", "P3"]})
        >>> columns = pr.PairColumns(left="bait", right="prey")
        >>> pr.read_pairs(table, directed=True, columns=columns).ids
        ('P1', 'P2', 'P3')
    """

    left: str | int
    right: str | int
    label: str | int | None = None
    score: str | int | None = None

    @classmethod
    def parse(cls, text: str) -> "PairColumns":
        """Columns from a text: two or three names, or numbers from 1, with commas between.

        Raises:
            ConfigError: if the text has another number of columns, or a number below 1.

        Examples:
            >>> import ppi_ratio as pr
            >>> pr.PairColumns.parse("2,3,1") == pr.PairColumns(1, 2, label=0)
            True
            >>> pr.PairColumns.parse("bait,prey").right
            'prey'
        """
        parts = [part.strip() for part in text.split(",")]
        if len(parts) not in (2, 3) or not all(parts) or "0" in parts:
            raise ConfigError(
                f"`columns`: {text!r} does not name two columns of ids, and perhaps one of labels; "
                "give names, or numbers from 1, such as 2,3 or bait,prey,label"
            )
        return cls(*(int(part) - 1 if part.isdecimal() else part for part in parts))


@dataclass(frozen=True)
class Layout:
    """Positions of the columns with ids, labels and scores.

    Attributes:
        left, right: the columns of the two ids.
        label: the column of labels, if one is known to hold them.
        score: the column of scores, if one is known to hold them.
        third: the third column, if neither label nor score is known.
        others: columns that may turn out to hold labels, by their values.
        further: pairs of columns whose names say that they hold ids too.
        header: names of the columns, if there is a header.
        asked_for: whether the user named the columns, so that no other one is looked at.
    """

    left: int
    right: int
    label: int | None = None
    score: int | None = None
    third: int | None = None
    others: tuple[int, ...] = ()
    further: tuple[tuple[int, int], ...] = ()
    header: tuple[str, ...] | None = None
    asked_for: bool = False

    def title(self, position: int) -> str:
        """What messages call a column: its name, or its number from 1."""
        if self.header is None or position >= len(self.header):
            return f"column {position + 1}"
        return f"column {self.header[position]!r}"


def find_layout(rows: Rows, columns: PairColumns | str | None) -> tuple[Layout, Rows]:
    """The columns with ids, labels and scores, and the rows below the header.

    Raises:
        InputError: if the table is empty, if ``columns`` names a column that is not there, or if
            the first two columns do not look like ids.
        ConfigError: if the text of ``columns`` is not of the form of ``PairColumns.parse``.
    """
    columns = PairColumns.parse(columns) if isinstance(columns, str) else columns
    header = rows.columns
    if header is None and len(rows):
        if sides_of(rows.comment) or _holds(rows.comment, columns):
            header = rows.comment
        else:
            rows = _below_preamble(rows)
            if _holds(rows.row(0), columns) or _is_header(rows, columns):
                header, rows = tuple(rows.row(0)), rows.after_first()
    if not len(rows):
        raise InputError(f"{rows.name}: no pair in it; expected one pair of ids per line")
    if rows.columns is None and header is not None and len(header) < len(rows.row(0)):
        if columns is None or _named(columns):
            raise _row_names(header, rows)
        header = None  # whose names stand above other columns
    layout = _recognised(header, rows) if columns is None else _asked_for(columns, header, rows)
    return layout, rows


def _below_preamble(rows: Rows) -> Rows:
    """The rows from the header on, if short lines such as a date and a notice stand above it."""
    if rows.unit == ROW or 2 * len(rows.row(0)) > rows.width:
        return rows
    for number in range(1, min(PREAMBLE, len(rows))):
        names = rows.row(number)
        if 2 * len(names) > rows.width:
            below = rows.from_row(number)
            if not (sides_of(names) and _is_header(below, None)):
                break
            logger.info(
                "%s: %d lines above the header are not read, e.g. %.40r",
                *(rows.name, number, " ".join(rows.row(0))),
            )
            return below
    return rows


def _named(columns: PairColumns | None) -> set[str]:
    """The columns that the user gave by name."""
    given = vars(columns).values() if columns else ()
    return {column for column in given if isinstance(column, str)}


def _holds(names: Sequence[str], columns: PairColumns | None) -> bool:
    """Whether a column that the user gave by name is among the names."""
    return bool(_named(columns) & set(names))


def _is_header(rows: Rows, columns: PairColumns | None) -> bool:
    first, below = rows.row(0), rows.after_first()
    by_name = sides_of(first)
    if not len(below):
        return bool(by_name) and all(len(plain(first[side])) > 1 for side in by_name[0])
    sides = next(iter(by_name), (0, 1))
    if columns is not None:
        sides = tuple(side for side in (columns.left, columns.right) if isinstance(side, int))
    if _named(columns) or min(sides) < 0 or max(sides) >= min(len(first), below.width):
        return False
    names = {first[side] for side in sides}
    ids = [below.column(side) for side in sides]
    if any(each.isin(names).any() for each in ids):
        return False  # the names are ids: proteins may be called P1 and P2
    if not by_name:
        return _has_label_name(first, below) or _is_written_unlike(
            names, [each.iloc[:LOOKED_AT] for each in ids]
        )
    # Names of one letter are ids if all ids have one letter, as in made-up tables
    return all(len(plain(name)) > 1 for name in names) or any(
        bool((each.str.len() > 1).any()) for each in ids
    )


def _has_label_name(first: Sequence[str], below: Rows) -> bool:
    """Whether a column of labels has its name in the first row."""
    place = first_named(dict(enumerate(first)), LABELS)
    return place is not None and bool(labels_of(below.column(place)).notna().all())


def _is_written_unlike(names: set[str], ids: Sequence[pd.Series]) -> bool:
    """Whether none of the ids is written like one of the names."""
    if len(ids[0]) < MIN_BELOW:
        return False
    shapes = {_shape(name) for side in ids for name in side.unique()}
    return all(
        any(letter.isalpha() for letter in name) and _shape(name) not in shapes for name in names
    )


def _shape(name: str) -> str:
    """How an id is written: its kinds of characters in their order, ``A0_A`` for ``P1_YEAST``."""
    kinds = re.sub(r"[^\W\d_]+", lambda found: _case(found.group()), name)
    return re.sub(r"\d+", "0", kinds)


def _case(letters: str) -> str:
    if letters.isupper():
        return "A"
    return "a" if letters.islower() else "Aa"


def _recognised(header: tuple[str, ...] | None, rows: Rows) -> Layout:
    found = [] if header is None else sides_of(header)
    if not found:
        if rows.columns is not None and rows.width < 2:
            raise InputError(f"{rows.name}: has {rows.width} columns; expected two columns of ids")
        check_places(rows)
    # A frame always has column names; without known names they say nothing
    names = None if rows.columns is not None and not found else header
    sides = found[0] if found else (0, 1)
    return _layout(sides, names, rows, tuple(found[1:]))


def _layout(
    sides: tuple[int, int],
    names: tuple[str, ...] | None,
    rows: Rows,
    further: tuple[tuple[int, int], ...] = (),
) -> Layout:
    ids = {*sides, *(side for pair in further for side in pair)}
    others = {i: name for i, name in enumerate(names or ()) if i not in ids}
    label, score = first_named(others, LABELS), first_named(others, SCORES)
    width = len(names) if names else rows.width
    free = tuple(i for i in range(width) if i not in ids and i not in (label, score))
    third = 2 if label is None and score is None and 2 in free else None
    return Layout(*sides, label, score, third, free, further, names)


def _asked_for(columns: PairColumns, header: tuple[str, ...] | None, rows: Rows) -> Layout:
    def position(wanted: str | int) -> int:
        if isinstance(wanted, str):
            if header is None or wanted not in header:
                found = ", ".join(header or rows.row(0))
                raise InputError(f"{rows.name}: no column {wanted!r}; its header has: {found}")
            return header.index(wanted)
        if not 0 <= wanted < rows.width:
            raise InputError(
                f"{rows.name}: no column {wanted + 1}, counted from 1; its rows have {rows.width} "
                "fields at most"
            )
        return wanted

    named = _layout((position(columns.left), position(columns.right)), header, rows)
    return Layout(
        named.left,
        named.right,
        None if columns.label is None else position(columns.label),
        named.score if columns.score is None else position(columns.score),
        header=header,
        asked_for=True,
    )


def _row_names(header: tuple[str, ...], rows: Rows) -> InputError:
    """Tables with row names have a header that is one field shorter than their rows."""
    likely = ",".join(str(side + 2) for side in next(iter(sides_of(header)), (0, 1)))
    return InputError(
        f"{rows.name}: its header names {len(header)} columns, but {rows.unit} {rows.numbers[0]} "
        f"has {len(rows.row(0))} fields; write the table without row names, or give the columns "
        f"by number: `columns` {likely}"
    )
