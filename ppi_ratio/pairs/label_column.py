"""Columns beside the ids -> the column that holds labels, by its name or by its values.

A column that may hold labels and does not read as such is asked about. Otherwise a non-pair would
be taken for an interaction, and nobody would be told.
"""

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.pairs.columns import Layout
from ppi_ratio.pairs.doubts import LOOKED_AT
from ppi_ratio.pairs.fields import Rows
from ppi_ratio.pairs.names import NO_LABELS, POSSIBLE_LABELS, plain
from ppi_ratio.pairs.values import LABEL_FORMS, finite_numbers, labels_of, numbers_of

MAX_VALUES = 8  # distinct values up to which a column may hold labels
MIN_ROWS = 5  # in shorter tables any column may have two values


def find_labels(
    index: pd.Index, rows: Rows, layout: Layout, scores: int | None
) -> tuple[int | None, pd.Series | None]:
    """The column of labels and the labels of the rows of ``index``; ``None`` if there are none.

    Args:
        index: the rows that are kept.
        rows: the table.
        layout: its columns.
        scores: the column of scores that ``min_score`` was compared to, if it was given.
    """
    if layout.label is not None:
        text = rows.column(layout.label).loc[index]
        labels = labels_of(text)
        if labels.isna().any():
            raise InputError(
                f"{rows.name}: {layout.title(layout.label)} holds labels, but "
                f"{first_fault(text, labels, rows)}; labels are {LABEL_FORMS}"
            )
        return layout.label, labels.astype(np.int8)
    found, labels = _label_by_values(index, rows, layout, scores)
    if labels is not None:
        return found, labels.astype(np.int8)
    if scores is None and layout.score is not None and not layout.asked_for:
        _check_no_scores(rows, layout, layout.score, rows.column(layout.score).loc[index])
    if scores is None and layout.third is not None and layout.header is None:
        _check_no_scores(rows, layout, layout.third, rows.column(layout.third).loc[index])
    return None, None


def _label_by_values(
    index: pd.Index, rows: Rows, layout: Layout, scores: int | None
) -> tuple[int | None, pd.Series | None]:
    """The column that holds labels by its values, and the labels of the rows of ``index``.

    Raises:
        InputError: if several columns may, or if it is unclear what the two values of one mean.
    """
    found: dict[int, pd.Series] = {}
    for position in layout.others:
        if position == scores or rows.first(LOOKED_AT).column(position).nunique() > MAX_VALUES:
            continue
        name = "" if layout.header is None else layout.header[position]
        named, no_label = plain(name) in POSSIBLE_LABELS, bool(NO_LABELS.search(name.lower()))
        text = rows.column(position).loc[index]
        labels = labels_of(text)
        kinds = set(labels)
        if kinds == {0, 1} and name and not named and not no_label:
            raise InputError(
                f"{rows.name}: {layout.title(position)} reads as labels, but its name does not say "
                "so; call the column 'label', or name the columns to read "
                f"(`columns` {_names(layout, position)})"
            )
        if kinds <= {0, 1} and (named or (not name and (position == 2 or len(kinds) == 2))):
            found[position] = labels
        elif not no_label:
            _check_no_two_values(rows, layout, position, text)
    if len(found) > 1 and 2 not in found:
        raise InputError(
            f"{rows.name}: {' and '.join(map(layout.title, found))} both read as labels; name the "
            f"columns to read (`columns` {_names(layout, min(found))})"
        )
    return next(iter(found.items()), (None, None))


def _check_no_two_values(rows: Rows, layout: Layout, position: int, text: pd.Series) -> None:
    """Refuse a column of two words, which may tell interactions from non-pairs."""
    counts = text.loc[text != ""].value_counts()
    numeric = finite_numbers(counts.index.to_series()).notna().any()
    if len(counts) == 2 and counts.min() > 1 and len(text) >= MIN_ROWS:
        if numeric and not labels_of(text).notna().any():
            return
        raise InputError(
            f"{rows.name}: {layout.title(position)} has two values, {counts.index[0]!r} and "
            f"{counts.index[1]!r}; if they tell interactions from non-pairs, write 1 and 0 "
            f"instead; else name the columns to read (`columns` {_names(layout)})"
        )


def _names(layout: Layout, label: int | None = None) -> str:
    positions = [layout.left, layout.right, *([] if label is None else [label])]
    return ",".join(
        str(place + 1) if layout.header is None else layout.header[place] for place in positions
    )


def _check_no_scores(rows: Rows, layout: Layout, position: int, text: pd.Series) -> None:
    """Refuse a column of scores, which says of each row how sure its interaction is.

    A column that a header calls a score is ignored if fewer than half of its values are numbers.
    """
    labels, title = labels_of(text), layout.title(position)
    numbers = numbers_of(text, rows.name, title)
    if numbers.notna().all():
        raise _unclear_scores(rows, layout, position, text)
    readable = labels.notna() | numbers.notna()
    if 2 * readable.sum() <= (text != "").sum():
        return
    if layout.score is not None:
        raise _unclear_scores(rows, layout, position, text.loc[numbers.notna()])
    fault = first_fault(text, numbers.where(labels.isna(), 0), rows)
    raise InputError(
        f"{rows.name}: {title} holds labels or scores, but {fault}; correct the value, or name the "
        f"columns to read (`columns` {_names(layout)}; also if this {rows.unit} is a header)"
    )


def _unclear_scores(rows: Rows, layout: Layout, position: int, text: pd.Series) -> InputError:
    strange = text.loc[~labels_of(text).notna()].tolist()
    value = strange[0] if strange else text.iloc[0]
    return InputError(
        f"{rows.name}: {layout.title(position)} holds numbers that are no labels, e.g. {value!r}; "
        "if they are scores, give the lowest score of an interaction (`min_score`); "
        f"to ignore the column, name the columns to read (`columns` {_names(layout)})"
    )


def first_fault(text: pd.Series, values: pd.Series, rows: Rows) -> str:
    """Row number and text of the first value that could not be read."""
    row = int(values.index[values.isna().to_numpy()][0])
    return f"{rows.unit} {rows.numbers[row]} has {text[row]!r}"
