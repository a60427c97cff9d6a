"""Files and frames of any form -> ``Rows``: columns of stripped text, not yet interpreted."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import check_parquet
from ppi_ratio.io.text_files import CONTROL, open_text
from ppi_ratio.pairs.rows import LINE, ROW
from ppi_ratio.pairs.values import SPREADSHEET_ERROR

pc: Any = pyarrow.compute  # type checkers do not see its functions, which are made on import

PARQUET_SUFFIXES = (".parquet", ".pq")
DELIMITERS = ("\t", ",", ";")  # tried in this order; white space if none of them fits
QUOTED = re.compile(r'"[^"]*"')
SAMPLE = 200  # lines that are looked at to find the delimiter
FIELD_MARK = "\x1f"  # a character of CONTROL, which no accepted text holds


@dataclass(frozen=True, eq=False)
class Rows:
    """A table of text whose rows may differ in length.

    Attributes:
        name: the file, or ``table`` for a frame.
        unit: what ``numbers`` count, from 1: ``line`` of a file or ``row`` of a frame.
        numbers: number of each row.
        columns: column names of a frame; ``None`` for a text file, whose first row may be a
            header.
        comment: fields of the comment line just above the first row, which may be a header, if
            there are as many of them as in that row.
    """

    name: str
    unit: str
    numbers: np.ndarray
    columns: tuple[str, ...] | None
    _cells: pa.Array | pd.DataFrame = field(repr=False)
    comment: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def row(self, number: int) -> list[str]:
        """The fields of one row, without empty fields at its end."""
        if isinstance(self._cells, pd.DataFrame):
            cells = [_as_text(self._cells.iloc[[number], i])[0] for i in range(self.width)]
        else:
            cells = [cell.strip() for cell in self._cells[number].as_py()]
        while cells and not cells[-1]:
            cells.pop()
        return cells

    @property
    def width(self) -> int:
        """Number of fields of the longest row."""
        if isinstance(self._cells, pd.DataFrame):
            return self._cells.shape[1]
        return int(pc.max(pc.list_value_length(self._cells)).as_py() or 0) if len(self) else 0

    def column(self, position: int) -> pd.Series:
        """One column; empty text where a row is too short."""
        if isinstance(self._cells, pd.DataFrame):
            return pd.Series(_as_text(self._cells.iloc[:, position]))
        one = pc.list_slice(self._cells, position, position + 1, return_fixed_size_list=True)
        cells = pc.fill_null(one.flatten(), "")
        return pd.Series(pc.utf8_trim_whitespace(cells).to_pandas(), dtype="str")

    def after_first(self) -> "Rows":
        """All rows but the first."""
        return self.from_row(1)

    def from_row(self, number: int) -> "Rows":
        """All rows from this one on."""
        return replace(self, numbers=self.numbers[number:], _cells=self._cells[number:])

    def first(self, number: int) -> "Rows":
        """So many of the first rows."""
        return replace(self, numbers=self.numbers[:number], _cells=self._cells[:number])


def read_rows(source: Path | str | pd.DataFrame) -> Rows:
    """Read a text file, a Parquet file or a frame.

    Text is plain or gzip, with tabs, commas, semicolons or white space between fields. Blank lines
    and lines that begin with ``#`` are skipped. A quoted field may hold the delimiter, but no line
    break.

    Raises:
        FileNotFoundError: if nothing is at ``source``.
        InputError: if the file is neither readable text nor Parquet.
    """
    if isinstance(source, pd.DataFrame):
        return _frame_rows(source, "table")
    path = Path(source)
    if path.suffix.lower() in PARQUET_SUFFIXES and path.is_file():
        return _frame_rows(_read_parquet(path), str(path))
    with open_text(path) as text:
        return _text_rows(text.read(), str(path))


def _text_rows(text: str, name: str) -> Rows:
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise InputError(
            f"{name}: not a text file (character {found.group()!r} in line {line}); "
            "expected one pair per line"
        )
    if text.lstrip().startswith(("{", "[")):
        raise InputError(
            f"{name}: is JSON, not a table; write one pair of ids per line, with a tab between them"
        )
    lines = pa.array(text.split("\n"), type=pa.large_string())
    trimmed = pc.utf8_trim_whitespace(lines)
    comment = pc.and_(
        pc.starts_with(trimmed, "#"),
        pc.invert(pc.match_substring_regex(trimmed, f"^{SPREADSHEET_ERROR.pattern}")),
    )
    blank = pc.or_(pc.equal(trimmed, ""), comment)
    kept = np.flatnonzero(~blank.to_numpy(zero_copy_only=False))
    lines = lines.take(pa.array(kept))
    delimiter = _delimiter(lines[:SAMPLE].to_pylist())
    rows = Rows(name, LINE, kept + 1, None, _split(lines, delimiter, name, kept + 1))
    if not len(kept) or not kept[0]:
        return rows
    above = trimmed[int(kept[0]) - 1].as_py().lstrip("#")
    names = tuple(part.strip() for part in _fields(above, delimiter, name, int(kept[0])))
    return replace(rows, comment=names) if len(names) == len(rows.row(0)) else rows


def _delimiter(sample: Sequence[str]) -> str | None:
    """The first delimiter that fits most lines; ``None`` for white space.

    Semicolons come first if every line has the same number of them, and one of them before its
    first comma: there the commas are decimal signs or text.
    """
    bare = [QUOTED.sub('""', line) for line in sample]
    alike = len({line.count(";") for line in bare}) == 1
    if alike and all(";" in line.partition(",")[0] for line in bare) and _fits(";", sample):
        return ";"
    return next((delimiter for delimiter in DELIMITERS if _fits(delimiter, sample)), None)


def _fits(delimiter: str, sample: Sequence[str]) -> bool:
    """Whether a delimiter fits most lines.

    A comma or semicolon does not fit a line with white space before it, such as ``P1 P2 binds,
    weakly``, unless the field is quoted.
    """
    heads = [line.partition(delimiter)[0] for line in sample if delimiter in line]
    fitting = sum(
        delimiter == "\t" or head.startswith('"') or len(head.split()) <= 1 for head in heads
    )
    return 2 * fitting > len(sample)


def _split(lines: pa.Array, delimiter: str | None, name: str, numbers: np.ndarray) -> pa.Array:
    """Fields of each line, as a list array."""
    if pc.any(pc.match_substring(lines, '"')).as_py():
        texts = zip(lines.to_pylist(), numbers.tolist(), strict=True)
        fields = [FIELD_MARK.join(_fields(text, delimiter, name, n)) for text, n in texts]
        return pc.split_pattern(pa.array(fields, type=pa.large_string()), FIELD_MARK)
    if delimiter is None:
        return pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lines))
    return pc.split_pattern(lines, delimiter)


def _fields(line: str, delimiter: str | None, name: str, number: int) -> list[str]:
    """Fields of one line; each field may be quoted."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        if delimiter is None:
            line = " ".join(line.replace("\t", " ").split())
        return next(csv.reader([line], delimiter=delimiter or " ", skipinitialspace=True))
    except csv.Error as error:
        raise InputError(f"{name}: line {number} cannot be split into fields ({error})") from error


def _frame_rows(frame: pd.DataFrame, name: str) -> Rows:
    columns = tuple(str(column) for column in frame.columns)
    return Rows(name, ROW, np.arange(1, len(frame) + 1), columns, frame)


def _as_text(column: pd.Series) -> np.ndarray:
    """A column as stripped text: missing values become empty, whole numbers lose ``.0``."""
    missing = column.isna().to_numpy()
    if pd.api.types.is_float_dtype(column):
        numbers = column.fillna(0)
        if np.isfinite(numbers).all() and (numbers % 1 == 0).all():
            column = numbers.astype(np.int64)
    text = column.astype(object).where(~missing, "").astype(str).str.strip()
    return text.to_numpy(dtype=object)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        check_parquet(path)
        found = pyarrow.parquet.read_table(path)
        found.validate(full=True)  # otherwise, text that is not UTF-8 would fail later
        return found.to_pandas()
    except InputError:
        raise
    # Damaged metadata makes pandas raise many kinds of exceptions
    except Exception as error:
        reason = " ".join(str(error).splitlines()[:1])
        raise InputError(f"{path}: not a readable Parquet file ({reason})") from error
