"""The first row of a table of pairs -> which of its columns hold ids, labels and scores.

Two columns hold ids: the columns that the user's ``PairColumns`` names; else the columns with two
names of ``SIDE_NAMES``, in any case and punctuation; else the first two. A first row with such
names is a header, unless the names appear below it as ids.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.fields import Rows

_NOUNS = (
    *("protein", "uniprot", "uniprotid", "gene", "interactor", "idinteractor"),
    *("id", "entry", "accession", "node", "p"),
)
SIDE_NAMES = (
    ("left", "right"),
    *((noun + first, noun + second) for noun in _NOUNS for first, second in ("ab", "12")),
    ("source", "target"),
    ("ligand", "receptor"),
    ("kinase", "substrate"),
    ("enzyme", "substrate"),
    ("query", "text"),
    ("a", "b"),
    ("x", "y"),
)
LABEL_NAMES = ("label", "labels", "interaction", "interacts", "interacting", "y", "class")
SCORE_NAMES = ("combinedscore", "score", "weight", "confidence", "miscore", "intactmiscore")


@dataclass(frozen=True)
class PairColumns:
    """Which columns of a table to read.

    A column is given by its name, if the file has a header, or by its position, counted from 0.

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


@dataclass(frozen=True)
class Layout:
    """Positions of the columns with ids, labels and scores.

    Attributes:
        left, right: the columns of the two ids.
        label: the column of labels, if one is known to hold them.
        score: the column of scores, if one is known to hold them.
        third: the third column, if neither label nor score is known.
        header: names of the columns, if there is a header.
    """

    left: int
    right: int
    label: int | None = None
    score: int | None = None
    third: int | None = None
    header: tuple[str, ...] | None = None

    def title(self, position: int) -> str:
        """What messages call a column: its name, or its number from 1."""
        if self.header is None or position >= len(self.header):
            return f"column {position + 1}"
        return f"column {self.header[position]!r}"


def find_layout(rows: Rows, columns: PairColumns | None) -> tuple[Layout, Rows]:
    """The columns with ids, labels and scores, and the rows below the header.

    Raises:
        InputError: if the table is empty, or ``columns`` names a column that is not there.
    """
    header = rows.columns
    if header is None and len(rows) and (_uses_names(columns) or _is_header(rows)):
        header, rows = tuple(rows.row(0)), rows.after_first()
    if not len(rows):
        raise InputError(f"{rows.name}: no pair in it; expected one pair of ids per line")
    layout = _recognised(header, rows) if columns is None else _asked_for(columns, header, rows)
    if rows.columns is None and header is not None and (columns is None or _uses_names(columns)):
        _check_widths(header, rows)
    return layout, rows


def _uses_names(columns: PairColumns | None) -> bool:
    return columns is not None and any(isinstance(c, str) for c in vars(columns).values())


def _is_header(rows: Rows) -> bool:
    first = rows.row(0)
    sides = _sides(first)
    if sides is None:
        return False
    names = {first[side] for side in sides}
    below = rows.after_first()
    ids = [below.column(side) for side in sides]
    if any(each.isin(names).any() for each in ids):
        return False  # the names are ids: proteins may be called P1 and P2
    # Names of one letter are ids if all ids have one letter, as in made-up tables
    return all(len(_plain(name)) > 1 for name in names) or any(
        bool((each.str.len() > 1).any()) for each in ids
    )


def _recognised(header: tuple[str, ...] | None, rows: Rows) -> Layout:
    sides = None if header is None else _sides(header)
    named = sides is not None
    if sides is None:
        if rows.columns is not None and rows.width < 2:
            raise InputError(f"{rows.name}: has {rows.width} columns; expected two columns of ids")
        sides = (0, 1)
    others = {i: name for i, name in enumerate(header or ()) if i not in sides}
    label, score = _first_named(others, LABEL_NAMES), _first_named(others, SCORE_NAMES)
    width = len(header) if named and header else rows.width
    unnamed = label is None and score is None and 2 not in sides and width > 2
    # A frame always has column names; without known names they say nothing
    return Layout(*sides, label, score, 2 if unnamed else None, header if named else None)


def _asked_for(columns: PairColumns, header: tuple[str, ...] | None, rows: Rows) -> Layout:
    def position(wanted: str | int) -> int:
        if isinstance(wanted, str):
            if header is None or wanted not in header:
                found = ", ".join(header or ())
                raise InputError(f"{rows.name}: no column {wanted!r}; its header has: {found}")
            return header.index(wanted)
        if not 0 <= wanted < rows.width:
            raise InputError(
                f"{rows.name}: no column at position {wanted}; its rows have {rows.width} "
                "fields at most, counted from 0"
            )
        return wanted

    return Layout(
        position(columns.left),
        position(columns.right),
        None if columns.label is None else position(columns.label),
        None if columns.score is None else position(columns.score),
        header=header,
    )


def _check_widths(header: tuple[str, ...], rows: Rows) -> None:
    """Refuse tables with row names, whose header is one field shorter than their rows."""
    first = rows.row(0)
    if len(first) > len(header):
        raise InputError(
            f"{rows.name}: its header names {len(header)} columns, but {rows.unit} "
            f"{rows.numbers[0]} has {len(first)} fields; write the table without row names, or "
            "give the columns by position"
        )


def _sides(names: Sequence[str]) -> tuple[int, int] | None:
    plain = [_plain(name) for name in names]
    for left, right in SIDE_NAMES:
        if left in plain and right in plain:
            return plain.index(left), plain.index(right)
    return None


def _first_named(names: Mapping[int, str], known: Collection[str]) -> int | None:
    return next((i for i, name in names.items() if _plain(name) in known), None)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
