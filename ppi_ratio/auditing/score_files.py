"""A file of predictions -> the column of scores: which one it is, and its numbers."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.model.tables import LOG_RATIO
from ppi_ratio.pairs import LEFT, RIGHT, PairColumns
from ppi_ratio.pairs.columns import SCORE_NAMES, Layout, find_layout
from ppi_ratio.pairs.fields import Rows, read_rows
from ppi_ratio.pairs.names import plain
from ppi_ratio.pairs.reading import NO_SCORE
from ppi_ratio.pairs.rows import renamed
from ppi_ratio.pairs.values import labels_of, numbers_of
from ppi_ratio.sequences import IdIndex

SCORE = "score"
NAMES = (
    *(plain(LOG_RATIO), SCORE, "scores", "prediction", "predictions", "pred", "predicted"),
    *("probability", "probabilities", "prob", "proba", "p", "prob1", "proba1", "probability1"),
    *("ypred", "yprob", "yscore", "yhat", "predictedprobability", "predictedscore"),
    *("interactionprobability", "predictionscore", "logit", "logits", *SCORE_NAMES),
)
HARD = 2  # distinct values of a hard call


@dataclass(frozen=True, eq=False)
class ScoreColumn:
    """The scores of a file of predictions.

    Attributes:
        source: name of the file.
        title: what messages call the column: its number from 1 and its name.
        frame: columns ``left``, ``right`` and ``score``; NaN where a row has no finite score.
        passed_over: titles of the columns of hard calls that are named like scores, and that this
            column was preferred to.
    """

    source: str
    title: str
    frame: pd.DataFrame
    passed_over: tuple[str, ...] = ()

    @property
    def turned(self) -> "ScoreColumn":
        """The same scores with the other sign, for scores of which lower ones are better."""
        return replace(self, frame=self.frame.assign(**{SCORE: -self.frame[SCORE]}))

    def named_as(self, listed: IdIndex) -> "ScoreColumn":
        """The same scores, with the names of ``listed`` for ids in another spelling."""
        names = listed.replaced([*self.frame[LEFT], *self.frame[RIGHT]])
        return replace(self, frame=renamed(self.frame, names))


def read_scores(
    source: Path | str | pd.DataFrame, *, column: str | int | None = None
) -> pd.DataFrame:
    """Read scores of pairs: one row for each row of the source that has two ids.

    Args:
        source: a file of any form that ``read_pairs`` reads, or a frame.
        column: name of the column of scores, or its position from 0. Without it, the scores are
            the third column of a file without header, or the column called ``log_ratio``,
            ``score``, ``prediction``, ``probability`` or similar. Of several such columns, one
            with more than two values comes first.

    Returns:
        Columns ``left``, ``right`` and ``score``; NaN where a row has no finite score.

    Raises:
        FileNotFoundError: if nothing is at ``source``.
        InputError: if the source has no scores, or it is unclear which column holds them.
    """
    return read_score_column(source, column).frame


def read_score_column(source: Path | str | pd.DataFrame, column: str | int | None) -> ScoreColumn:
    """``read_scores``, with the name of the column that was read."""
    rows = read_rows(source)
    layout, below = find_layout(rows, None)
    if column is not None:
        named = PairColumns(layout.left, layout.right, score=column)
        layout, below = find_layout(rows, named)
    passed_over: tuple[int, ...] = ()
    position = layout.score
    if column is None or position is None:
        position, passed_over = _position(layout, below)
    numbers = _numbers(layout, below, position)
    if numbers.isna().all():
        raise InputError(
            f"{below.name}: {title(layout, position)} {_no_number(below.column(position))}"
        )
    frame = pd.DataFrame(
        {LEFT: below.column(layout.left), RIGHT: below.column(layout.right), SCORE: numbers}
    )
    whole = (frame[LEFT] != "") & (frame[RIGHT] != "")
    return ScoreColumn(
        below.name,
        title(layout, position),
        frame.loc[whole].reset_index(drop=True),
        tuple(title(layout, place) for place in passed_over),
    )


def title(layout: Layout, position: int) -> str:
    """What messages call a column: its number from 1 and, if it has one, its name."""
    number = f"column {position + 1}"
    if layout.header is None or position >= len(layout.header):
        return number
    return f"{number} {layout.header[position]!r}"


def _position(layout: Layout, rows: Rows) -> tuple[int, tuple[int, ...]]:
    """The column of scores, and columns of hard calls that come before it by their names."""
    if layout.header is None:
        return _third(layout, rows), ()
    names = {plain(name): i for i, name in reversed(list(enumerate(layout.header)))}
    found = [names[name] for name in NAMES if name in names]
    found = [place for place in found if place not in (layout.left, layout.right)]
    if not found:
        raise InputError(
            f"{rows.name}: none of its columns ({', '.join(layout.header)}) is called a score; say "
            "which one holds the scores (`column`)"
        )
    graded = [place for place in found if _is_graded(layout, rows, place)]
    if not graded:
        return found[0], ()
    return graded[0], tuple(found[: found.index(graded[0])])


def _third(layout: Layout, rows: Rows) -> int:
    """The third column of a file without header, unless it may hold labels."""
    if rows.width < 3:
        raise InputError(
            f"{rows.name}: expected two ids and a score; its rows have {rows.width} fields"
        )
    if _is_graded(layout, rows, 2):
        return 2
    others = [place for place in range(3, rows.width) if _is_graded(layout, rows, place)]
    labels = _reads_as_labels(rows.column(2))
    if not labels and not others:
        return 2
    likely = f"; {title(layout, others[0])} may hold scores" if others else ""
    raise InputError(
        f"{rows.name}: {title(layout, 2)} "
        f"{'reads as labels, not as scores' if labels else 'has two values only'}{likely}; say "
        "which column holds the scores (`column`)"
    )


def _is_graded(layout: Layout, rows: Rows, position: int) -> bool:
    """Whether a column has more than two numbers."""
    return _numbers(layout, rows, position).nunique() > HARD


def _numbers(layout: Layout, rows: Rows, position: int) -> pd.Series:
    return numbers_of(rows.column(position), rows.name, title(layout, position))


def _reads_as_labels(text: pd.Series) -> bool:
    given = text.loc[~text.str.lower().isin(NO_SCORE)]
    return any(len(part) and labels_of(part).notna().all() for part in (text, given))


def _no_number(text: pd.Series) -> str:
    if _reads_as_labels(text):
        return f"holds labels, not scores, e.g. {text.iloc[0]!r}"
    return f"holds no number, e.g. {text.iloc[0]!r}"


def is_hard(scores: np.ndarray) -> bool:
    """Whether scores have two values at most."""
    return len(np.unique(scores)) <= HARD
