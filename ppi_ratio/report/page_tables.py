"""Summary and results of each group -> the rows of its results table, numbers as text."""

import math
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from ppi_ratio.report.page_run import BASELINE, ComparisonRun
from ppi_ratio.report.page_words import (
    COMPARABILITY,
    LOWER_IS_BETTER,
    NON_PAIRS_IN_WORDS,
    PAIRS_IN_WORDS,
    SHOWN_FIRST,
    Group,
    by_group,
    chance,
    distance_from_best,
    groups,
    interval,
    mean_prevalence,
    metric_label,
    metrics,
    number,
)
from ppi_ratio.report.styles import count_range


class Cell(NamedTuple):
    """A mean with its interval, as text.

    Attributes:
        mean: the mean.
        bounds: the interval, or empty.
        order: the key that sorts a column; empty where there is no value.
        is_best: True for the best mean of the column.
    """

    mean: str
    bounds: str
    order: str
    is_best: bool


EMPTY = Cell("–", "", "", False)


class Row(NamedTuple):
    """The table row of a scorer in one group."""

    scorer: str
    optimum: str
    comparable: str
    runs: str
    cells: list[Cell]


class Column(NamedTuple):
    """The table column of a metric.

    Attributes:
        label: name of the metric on the page.
        lower_is_better: True if a lower value is better.
        chance: the value of an uninformative score as text, or empty.
        first: True if the column is shown from the start; others appear on request.
    """

    label: str
    lower_is_better: bool
    chance: str
    first: bool


class GroupTable(NamedTuple):
    """The results of one group, with models and baselines in separate parts."""

    group: Group
    caption: str
    columns: list[Column]
    models: list[Row]
    baselines: list[Row]

    @property
    def has_chance(self) -> bool:
        return any(column.chance for column in self.columns)


def group_tables(run: ComparisonRun) -> list[GroupTable]:
    """One results table per group, the strictest test first."""
    all_groups = groups(run.summary)
    summaries, results = (by_group(frame, all_groups) for frame in (run.summary, run.results))
    return [_group_table(group, summaries[group], results[group]) for group in all_groups]


def optima(run: ComparisonRun) -> dict[str, str]:
    """Every optimum that the summary names, with the comparisons that it allows."""
    found = dict.fromkeys(str(text) for text in run.summary["optimum"].dropna() if text)
    return {
        text: COMPARABILITY[text].explanation if text in COMPARABILITY else "" for text in found
    }


def _group_table(group: Group, summary: pd.DataFrame, results: pd.DataFrame) -> GroupTable:
    names = metrics(summary)
    prevalence = mean_prevalence(results)
    first = SHOWN_FIRST if SHOWN_FIRST & set(names) else set(names)
    columns = [
        Column(
            metric_label(name),
            name in LOWER_IS_BETTER,
            _chance(name, prevalence),
            name in first,
        )
        for name in names
    ]
    is_baseline = summary["kind"] == BASELINE
    return GroupTable(
        group,
        _caption(group, summary, results),
        columns,
        _rows(summary.loc[~is_baseline], names, mark_best=True),
        _rows(summary.loc[is_baseline], names, mark_best=False),
    )


def _rows(summary: pd.DataFrame, names: list[str], *, mark_best: bool) -> list[Row]:
    """One row per scorer, the best by the first metric on top."""
    best = _best_means(summary) if mark_best else {}
    by_scorer: dict[str, dict[str, dict[str, Any]]] = {}
    for row in summary.to_dict(orient="records"):
        by_scorer.setdefault(str(row["scorer"]), {})[str(row["metric"])] = row
    found = []
    for scorer, by_metric in by_scorer.items():
        first = next(iter(by_metric.values()))
        optimum = "" if pd.isna(first["optimum"]) else str(first["optimum"])
        comparable = COMPARABILITY[optimum].comparable if optimum in COMPARABILITY else ""
        cells = [_cell(by_metric.get(name), best.get(name)) for name in names]
        runs = count_range({int(row["n"]) for row in by_metric.values() if not pd.isna(row["n"])})
        found.append(Row(scorer, optimum, comparable, runs, cells))
    return sorted(
        found,
        key=lambda row: (
            distance_from_best(names[0], float(row.cells[0].order))
            if row.cells and row.cells[0].order
            else math.inf
        ),
    )


def _best_means(summary: pd.DataFrame) -> dict[str, float]:
    """The best mean of each metric; a metric without any mean is left out."""
    means: dict[str, list[float]] = {}
    for metric, mean in zip(summary["metric"], summary["mean"], strict=True):
        if not pd.isna(mean):
            means.setdefault(metric, []).append(mean)
    return {
        name: min(found, key=partial(distance_from_best, name)) for name, found in means.items()
    }


def _cell(row: dict[str, Any] | None, best: float | None) -> Cell:
    if row is None or pd.isna(row["mean"]):
        return EMPTY
    bounds = interval(row["low"], row["high"])
    return Cell(number(row["mean"]), bounds, repr(float(row["mean"])), row["mean"] == best)


def _chance(metric: str, prevalence: float) -> str:
    expected = chance(metric, prevalence)
    return "" if expected is None else number(expected)


def _caption(group: Group, summary: pd.DataFrame, results: pd.DataFrame) -> str:
    pairs = PAIRS_IN_WORDS.get(group.pairs)
    law = NON_PAIRS_IN_WORDS.get(group.non_pairs)
    text = f"{group.pairs} pairs{f' ({pairs})' if pairs else ''} against {group.non_pairs} "
    text += f"non-pairs{f' ({law})' if law else ''}"
    text += f", {group.critic} critic." if group.critic else "."
    how = [str(words) for words in dict.fromkeys(summary["how"].dropna())]
    if how:
        text += f" Intervals: {', '.join(how)}."
    if results.empty:
        return text
    sizes = [count_range(set(results[name].astype(int))) for name in ("n_joint", "n_non_pairs")]
    text += f" {sizes[0]} interactions and {sizes[1]} non-pairs"
    n_splits = len(set(results["split"]))
    return f"{text} in each of {n_splits} splits." if n_splits > 1 else f"{text}."
