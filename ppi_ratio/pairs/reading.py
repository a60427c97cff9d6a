"""Files and frames of interactions -> ``PairTable`` to learn from, or candidates to score.

``columns.py`` finds the columns. A label is 1/0, 1.0/0.0 or true/false. If no header says where
labels or scores are, the third column decides:

- all values read as labels: the column holds labels;
- other numbers: the column holds scores, and the user must give ``min_score``;
- text: the column is ignored.
"""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.columns import Layout, PairColumns, find_layout
from ppi_ratio.pairs.fields import Rows, read_rows
from ppi_ratio.pairs.rows import (
    BELOW_SCORE,
    CONFLICT,
    LABEL,
    LEFT,
    LINE,
    MALFORMED,
    NOTE,
    RIGHT,
    Drop,
    SelfPairs,
    pair_examples,
)
from ppi_ratio.pairs.table import PairTable

TOO_FEW_IDS = "fewer than two ids"
JOINT_LABELS, NON_PAIR_LABELS = ("1", "1.0", "true"), ("0", "0.0", "false")
LABEL_FORMS = "1/0, 1.0/0.0 or true/false"

MALFORMED_ALLOWED = 5  # rows with fewer than two ids that are always accepted
MALFORMED_SHARE = 0.01  # share of such rows that is accepted

logger = logging.getLogger(__name__)


def read_pairs(
    source: Path | str | pd.DataFrame,
    *,
    directed: bool,
    min_score: float | None = None,
    self_pairs: SelfPairs = "drop",
    columns: PairColumns | None = None,
) -> PairTable:
    r"""Read a table of interactions, with its non-pairs if it has labels.

    Each pair is kept once. What was left out or merged is in ``drops`` of the result.

    Args:
        source: a text file with tabs, commas, semicolons or white space, plain or gzip; a Parquet
            file; or a frame. The first two columns hold ids unless a header says otherwise.
        directed: whether (a, b) and (b, a) are different pairs, as for a kinase and its substrate.
        min_score: rows with at least this score are interactions; other rows are left out, because
            a low score does not make a non-pair. Without a header, the third column is the score.
        self_pairs: whether pairs of a protein with itself stay: ``keep`` or ``drop``.
        columns: which columns to read, if the header does not say.

    Returns:
        The table of distinct pairs.

    Raises:
        FileNotFoundError: if nothing is at ``source``.
        InputError: if ``source`` is not a table of pairs, or if it is unclear what its third
            column means.

    Examples:
        >>> from pathlib import Path
        >>> import ppi_ratio as pr
        >>> _ = Path("pairs.tsv").write_text("P1\tP2\t900\nP2\tP1\t900\nP3\tP4\t150\n")
        >>> pairs = pr.read_pairs("pairs.tsv", directed=False, min_score=700)
        >>> pairs.frame
          left right
        0   P1    P2
        >>> [drop.reason for drop in pairs.drops]
        ['below the minimal score', 'repeated in reverse']
    """
    rows = read_rows(source)
    layout, rows = find_layout(rows, columns)
    table = _ids(rows, layout)
    drops: list[Drop] = []
    table = _complete(table, rows, drops)
    if min_score is not None:
        table = _cut(table, rows, layout, min_score, drops)
    labels = _training_labels(table.index, rows, layout, cut=min_score is not None)
    if labels is not None:
        table[LABEL] = labels
    pairs = PairTable.from_rows(
        table, directed=directed, name=rows.name, self_pairs=self_pairs, drops=drops
    )
    if not len(pairs):
        reasons = "; ".join(map(str, pairs.drops))
        raise InputError(f"{rows.name}: no pair is left of {len(rows)} rows ({reasons})")
    for drop in pairs.drops:
        if drop.reason in (MALFORMED, CONFLICT):
            logger.warning("%s: %s", rows.name, drop)
    return pairs


def read_candidates(
    source: Path | str | pd.DataFrame, *, columns: PairColumns | None = None
) -> pd.DataFrame:
    """Read pairs to be scored: one row for each row of the source, in the order of the source.

    Returns:
        Columns ``left`` and ``right`` as in the source; ``line``, the line of the file or the row
        of the frame, from 1; ``note``, why the row cannot be scored, or empty; and, if the source
        has labels, ``label`` (Int8), missing where it is neither 1 nor 0.

    Raises:
        FileNotFoundError: if nothing is at ``source``.
        InputError: if ``source`` cannot be read as a table, or has no row.
    """
    rows = read_rows(source)
    layout, rows = find_layout(rows, columns)
    table = _ids(rows, layout).rename(columns={rows.unit: LINE})
    incomplete = (table[LEFT] == "") | (table[RIGHT] == "")
    table[NOTE] = pd.Series(np.where(incomplete, TOO_FEW_IDS, ""), dtype="str")
    position = layout.third if layout.label is None else layout.label
    if position is not None:
        labels = _labels(rows.column(position))
        readable = labels.loc[~incomplete].notna()
        if layout.label is not None or (readable.all() and readable.any()):
            table[LABEL] = labels.astype("Int8")
    return table


def _ids(rows: Rows, layout: Layout) -> pd.DataFrame:
    return pd.DataFrame(
        {
            LEFT: rows.column(layout.left),
            RIGHT: rows.column(layout.right),
            rows.unit: rows.numbers,
        }
    )


def _complete(table: pd.DataFrame, rows: Rows, drops: list[Drop]) -> pd.DataFrame:
    """The rows with two ids; if too many rows lack one, the file is no table of pairs."""
    incomplete = ((table[LEFT] == "") | (table[RIGHT] == "")).to_numpy()
    count = int(incomplete.sum())
    if not count:
        return table
    if count > max(MALFORMED_ALLOWED, MALFORMED_SHARE * len(table)):
        first = rows.numbers[incomplete][0]
        raise InputError(
            f"{rows.name}: not a table of pairs: {count} of {len(table)} rows have fewer than "
            f"two ids, first {rows.unit} {first}; expected two ids per {rows.unit}, with a tab, "
            "comma, semicolon or white space between them"
        )
    drops.append(Drop(MALFORMED, count, pair_examples(table, incomplete)))
    return table.loc[~incomplete]


def _cut(
    table: pd.DataFrame, rows: Rows, layout: Layout, min_score: float, drops: list[Drop]
) -> pd.DataFrame:
    """The rows whose score is at least ``min_score``."""
    position = layout.third if layout.score is None else layout.score
    if position is None:
        raise InputError(
            f"{rows.name}: `min_score` was given, but the table has no column of scores"
        )
    text = rows.column(position).loc[table.index]
    scores = _numbers(text)
    if scores.isna().any():
        fault = _first_fault(text, scores, rows)
        raise InputError(f"{rows.name}: {layout.title(position)} holds scores, but {fault}")
    below = (scores < min_score).to_numpy()
    if below.any():
        drops.append(Drop(BELOW_SCORE, int(below.sum()), pair_examples(table, below)))
    return table.loc[~below]


def _training_labels(index: pd.Index, rows: Rows, layout: Layout, *, cut: bool) -> pd.Series | None:
    """Labels of the rows of ``index``; ``None`` if the table has no labels."""
    if layout.label is not None:
        text = rows.column(layout.label).loc[index]
        labels = _labels(text)
        if labels.isna().any():
            raise InputError(
                f"{rows.name}: {layout.title(layout.label)} holds labels, but "
                f"{_first_fault(text, labels, rows)}; labels are {LABEL_FORMS}"
            )
        return labels.astype(np.int8)
    if cut:
        return None
    if layout.score is not None:
        raise _unclear_scores(rows, layout, layout.score, rows.column(layout.score).loc[index])
    if layout.third is None:
        return None
    return _labels_of_third(rows.column(layout.third).loc[index], rows, layout, layout.third)


def _labels_of_third(
    text: pd.Series, rows: Rows, layout: Layout, position: int
) -> pd.Series | None:
    """Labels of a column that no header names; ``None`` if it holds text to be ignored."""
    labels = _labels(text)
    if layout.header is not None:
        if set(labels) == {0, 1}:
            raise InputError(
                f"{rows.name}: {layout.title(position)} reads as labels, but its name does not "
                "say so; call the column 'label', or name the columns to read"
            )
        return None
    if labels.notna().all():
        return labels.astype(np.int8)
    numbers = _numbers(text)
    if numbers.notna().all():
        raise _unclear_scores(rows, layout, position, text)
    readable = labels.notna() | numbers.notna()
    if 2 * readable.sum() <= (text != "").sum():
        return None
    fault = _first_fault(text, numbers.where(labels.isna(), 0), rows)
    raise InputError(
        f"{rows.name}: {layout.title(position)} holds labels or scores, but {fault}; correct the "
        f"value, or name the columns to read (also if this {rows.unit} is a header)"
    )


def _unclear_scores(rows: Rows, layout: Layout, position: int, text: pd.Series) -> InputError:
    strange = text.loc[~_labels(text).notna()].tolist()
    value = strange[0] if strange else text.iloc[0]
    return InputError(
        f"{rows.name}: {layout.title(position)} holds numbers that are no labels, e.g. {value!r}; "
        "if they are scores, give the lowest score of an interaction (`min_score`); "
        "to ignore the column, name the columns to read"
    )


def _first_fault(text: pd.Series, values: pd.Series, rows: Rows) -> str:
    """Row number and text of the first value that could not be read."""
    row = int(values.index[values.isna().to_numpy()][0])
    return f"{rows.unit} {rows.numbers[row]} has {text[row]!r}"


def _labels(text: pd.Series) -> pd.Series:
    """1.0, 0.0, or missing where the text is no label."""
    plain = text.str.lower()
    joint, non_pair = plain.isin(JOINT_LABELS), plain.isin(NON_PAIR_LABELS)
    return pd.Series(np.select([joint, non_pair], [1.0, 0.0], np.nan), index=text.index)


def _numbers(text: pd.Series) -> pd.Series:
    """Finite numbers; missing where the text is no finite number."""
    numbers = np.asarray(pd.to_numeric(text, errors="coerce"), dtype=float)
    return pd.Series(np.where(np.isfinite(numbers), numbers, np.nan), index=text.index)
