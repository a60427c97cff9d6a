"""Files and frames of interactions -> ``PairTable`` to learn from, or candidates to score.

``columns.py`` finds the columns. If no name says where labels or scores are, their values decide:

- a column in which all values read as labels, both kinds among them, holds labels; so does a third
  column with one kind;
- a third column of other numbers holds scores, and the user must give ``min_score``;
- a column with two values that are no labels is asked about, so that no non-pair is taken for an
  interaction;
- other text is ignored.
"""

import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.io.text_files import open_text
from ppi_ratio.pairs.columns import Layout, PairColumns, find_layout
from ppi_ratio.pairs.fields import PARQUET_SUFFIXES, Rows, read_rows
from ppi_ratio.pairs.label_column import find_labels, first_fault
from ppi_ratio.pairs.residues import named_by_sequence
from ppi_ratio.pairs.rows import (
    BELOW_SCORE,
    CONFLICT,
    LABEL,
    LEFT,
    LINE,
    MALFORMED,
    NOTE,
    RIGHT,
    SPREADSHEET,
    WITHOUT_SCORE,
    Drop,
    SelfPairs,
    pair_examples,
    without,
)
from ppi_ratio.pairs.table import PairTable
from ppi_ratio.pairs.values import SPREADSHEET_ERROR, labels_of, numbers_of
from ppi_ratio.sequences import Proteins

TOO_FEW_IDS = "fewer than two ids"
SPREADSHEET_ID = "a spreadsheet error instead of an id"
NO_SCORE = ("", "-", ".", "na", "n/a", "nan", "null", "none")

MALFORMED_ALLOWED = 5  # rows with fewer than two ids that are always accepted
MALFORMED_SHARE = 0.01  # share of such rows that is accepted

logger = logging.getLogger(__name__)


def read_pairs(
    source: Path | str | pd.DataFrame,
    *,
    directed: bool,
    min_score: float | None = None,
    self_pairs: SelfPairs = "drop",
    columns: PairColumns | str | None = None,
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
        columns: which columns to read, if the header does not say; also a text such as
            ``"bait,prey"`` or ``"2,3,1"``, as of ``PairColumns.parse``.

    Returns:
        The table of distinct pairs. How the table was read is logged at level INFO.

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
    table, sequences = _ids(rows, layout)
    drops: list[Drop] = []
    table = _complete(table, rows, layout, drops)
    scores = None if min_score is None else _score_position(rows, layout)
    if scores is not None and min_score is not None:
        table = _cut(table, rows, layout, scores, min_score, drops)
    label, labels = find_labels(table.index, rows, layout, scores)
    if labels is not None:
        table[LABEL] = labels
    logger.info("%s", _how_read(rows, layout, label, scores, directed=directed))
    pairs = PairTable.from_rows(
        table, directed=directed, name=rows.name, self_pairs=self_pairs, drops=drops
    )
    pairs = replace(pairs, sequences=sequences)
    if not len(pairs):
        reasons = "; ".join(map(str, pairs.drops))
        raise InputError(f"{rows.name}: no pair is left of {len(rows)} rows ({reasons})")
    for drop in pairs.drops:
        if drop.reason in (MALFORMED, CONFLICT, SPREADSHEET, WITHOUT_SCORE):
            logger.warning("%s: %s", rows.name, drop)
    return pairs


def read_candidates(
    source: Path | str | pd.DataFrame, *, columns: PairColumns | str | None = None
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
    table = _ids(rows, layout)[0].rename(columns={rows.unit: LINE})
    incomplete = (table[LEFT] == "") | (table[RIGHT] == "")
    wrong = _has_spreadsheet_error(table)
    notes = np.select([incomplete, wrong], [TOO_FEW_IDS, SPREADSHEET_ID], "")
    table[NOTE] = pd.Series(notes, dtype="str")
    position = layout.third if layout.label is None else layout.label
    if position is not None:
        labels = labels_of(rows.column(position))
        readable = labels.loc[~incomplete].notna()
        if layout.label is not None or (readable.all() and readable.any()):
            table[LABEL] = labels.astype("Int8")
    logger.info("%s", _how_read(rows, layout, position if LABEL in table else None, None))
    skipped = np.flatnonzero(np.diff(rows.numbers) > 1)
    if len(skipped):
        n_skipped = int(rows.numbers[-1] - rows.numbers[0]) + 1 - len(rows)
        logger.warning(
            "%s: %d blank lines or comments get no row in the output, first line %d; %d rows are "
            "read",
            *(rows.name, n_skipped, rows.numbers[skipped[0]] + 1, len(rows)),
        )
    return table


def read_pair_sequences(path: Path, *, columns: PairColumns | str | None = None) -> Proteins | None:
    """The sequences of a table that holds them instead of ids; ``None`` of any other file.

    The ids are those that ``read_pairs`` and ``read_candidates`` make of the sequences.
    """
    with suppress(InputError):
        if path.suffix.lower() not in PARQUET_SUFFIXES:
            with open_text(path) as text:
                if next((line for line in text if line.strip()), ">").startswith(">"):
                    return None  # FASTA
        layout, rows = find_layout(read_rows(path), columns)
        sequences = _ids(rows, layout)[1]
        return Proteins(sequences) if sequences else None
    return None


def _ids(rows: Rows, layout: Layout) -> tuple[pd.DataFrame, dict[str, str]]:
    """The two ids of each row, and the residues of ids that were made from sequences."""
    sides = {LEFT: layout.left, RIGHT: layout.right}
    table = pd.DataFrame({side: rows.column(position) for side, position in sides.items()})
    header = layout.header
    names = {side: header[position] if header else "" for side, position in sides.items()}
    table, sequences = named_by_sequence(table.assign(**{rows.unit: rows.numbers}), names)
    if sequences:
        example = next(iter(sequences))
        logger.info(
            "%s: holds sequences instead of ids; %d ids are made from them, e.g. %s for %.20s...",
            *(rows.name, len(sequences), example, sequences[example]),
        )
    return table, sequences


def _complete(table: pd.DataFrame, rows: Rows, layout: Layout, drops: list[Drop]) -> pd.DataFrame:
    """The rows with two ids; if too many rows lack one, the file is no table of pairs."""
    wrong = _has_spreadsheet_error(table).to_numpy()
    if layout.label is not None:
        label = rows.column(layout.label)
        wrong = wrong | _is_spreadsheet_error(label).to_numpy()
    table = without(table, wrong, SPREADSHEET, drops)
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


def _has_spreadsheet_error(table: pd.DataFrame) -> pd.Series:
    """Whether a spreadsheet wrote an error such as ``#REF!`` instead of an id."""
    left, right = (_is_spreadsheet_error(pd.Series(table[side])) for side in (LEFT, RIGHT))
    return left | right


def _is_spreadsheet_error(text: pd.Series) -> pd.Series:
    begins = text.str.startswith("#")  # much faster than the match, and mostly False
    return begins & text.str.match(SPREADSHEET_ERROR) if begins.any() else begins


def _score_position(rows: Rows, layout: Layout) -> int:
    position = layout.third if layout.score is None else layout.score
    if position is None:
        raise InputError(
            f"{rows.name}: `min_score` was given, but the table has no column of scores"
        )
    return position


def _cut(
    table: pd.DataFrame,
    rows: Rows,
    layout: Layout,
    position: int,
    min_score: float,
    drops: list[Drop],
) -> pd.DataFrame:
    """The rows whose score is at least ``min_score``."""
    text = rows.column(position).loc[table.index]
    title = layout.title(position)
    if min_score <= 1 and text.str.endswith("%").any():
        raise InputError(
            f"{rows.name}: {title} holds percentages, e.g. {text.iloc[0]!r}, and `min_score` is "
            f"{min_score:g}; give it as a percentage too, such as 50"
        )
    scores = numbers_of(text, rows.name, title)
    missing = scores.isna().to_numpy()
    if missing.any() and layout.score is not None:
        missing = (
            missing & (text.str.lower().isin(NO_SCORE) | _is_spreadsheet_error(text)).to_numpy()
        )
    if layout.score is None or missing.all():
        missing = np.zeros_like(missing)
    if scores.loc[~missing].isna().any():
        fault = first_fault(text.loc[~missing], scores.loc[~missing], rows)
        raise InputError(f"{rows.name}: {title} holds scores, but {fault}")
    table, scores = without(table, missing, WITHOUT_SCORE, drops), scores.loc[~missing]
    return without(table, (scores < min_score).to_numpy(), BELOW_SCORE, drops)


def _how_read(
    rows: Rows,
    layout: Layout,
    label: int | None,
    scores: int | None,
    *,
    directed: bool | None = None,
) -> str:
    """One line on how a table was read: its columns by name and number, and one example."""
    used = {"left": layout.left, "right": layout.right, "label": label, "score": scores}
    used = {what: position for what, position in used.items() if position is not None}
    columns = ", ".join(f"{what} = {_numbered(layout, place)}" for what, place in used.items())
    cells = [*rows.row(0), *[""] * (max(used.values()) + 1)]
    example = " ".join(cells[position] for position in used.values())
    further = [" and ".join(_numbered(layout, side) for side in pair) for pair in layout.further]
    kinds = {None: "", True: "; directed", False: "; undirected"}
    return f"{rows.name}: {len(rows):,} rows; {columns}; e.g. {example}{kinds[directed]}" + (
        f"; not read: {'; '.join(further)}" if further else ""
    )


def _numbered(layout: Layout, position: int) -> str:
    name = "" if layout.header is None else f" {layout.header[position]!r}"
    return f"column {position + 1}{name}"
