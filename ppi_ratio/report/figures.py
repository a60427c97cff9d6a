"""Curves, scores, training histories and tidy results -> matplotlib figures.

A scorer has the same colour in every figure, and baselines are grey. The functions create
``Figure`` objects directly, so they change no pyplot state and need no display.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ppi_ratio.errors import ConfigError
from ppi_ratio.io.atomic import replacing
from ppi_ratio.report.styles import (
    CHANCE_IS_HALF,
    CHANCE_IS_PREVALENCE,
    FAINT,
    GROUP_COLOURS,
    INK,
    PALE,
    ScorerStyle,
    count_range,
    label,
    scorer_styles,
)

RESULT_COLUMNS = (
    "scorer", "kind", "pairs", "non_pairs", "metric", "value", "low", "high",
    "n_joint", "n_non_pairs", "prevalence", "seed",
)  # fmt: skip
EPOCH, TRAINING_LOSS, VALIDATION_LOSS = "epoch", "training_loss", "validation_loss"

DPI = 150
SUFFIXES = (".png", ".svg")
TRAINING_GREY = "#B8B8B8"
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.hashsalt": "ppi_ratio",  # equal figures give equal SVG files
    "text.parse_math": False,  # names may hold dollar signs
}


def roc_figure(curves: Mapping[str, tuple[np.ndarray, np.ndarray, float]]) -> Figure:
    """Draw the ROC curves of several scorers; the legend lists the best first.

    Args:
        curves: by scorer, false positive rate, true positive rate and AUROC, as in
            ``metrics.RocCurve``.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.4, 4.4), layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=PALE, linewidth=1, zorder=1)
        axes.annotate(
            "chance",
            (0.05, 0.05),
            xytext=(5, -1),
            textcoords="offset points",
            rotation=45,
            rotation_mode="anchor",
            va="top",
            color=FAINT,
            fontsize=8,
        )
        styles = scorer_styles(curves)
        best_first = sorted(curves.items(), key=lambda item: -item[1][2])
        for rank, (scorer, (false, true, area)) in enumerate(best_first):
            drawn = styles[scorer]
            axes.plot(
                false,
                true,
                color=drawn.colour,
                linestyle=drawn.dashes,
                linewidth=1.3 if drawn.is_baseline else 1.8,
                label=f"{area:.3f}  {drawn.label}",
                zorder=3 - rank / len(curves),
            )
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.set_xlabel("share of non-pairs above threshold (FPR)")
        axes.set_ylabel("share of interactions above threshold (TPR)")
        axes.set_xticks(np.linspace(0, 1, 6))
        axes.set_yticks(np.linspace(0, 1, 6))
        axes.legend(
            loc="lower right", title="AUROC", alignment="left", handlelength=2.2, borderaxespad=0.8
        )
    return figure


def score_histogram(
    scores: Mapping[str, np.ndarray], *, xlabel: str = "log ratio (nats)", n_bins: int = 40
) -> Figure:
    """Draw the densities of scores by group, such as interactions and non-pairs.

    All groups share the bins, and each density is over all scores of its group. The axis ends at
    the 0.1 % and 99.9 % quantiles of all scores, so that outliers do not compress the rest.

    Args:
        scores: the scores of each group, by the name that the legend shows.
        xlabel: label of the axis of scores.
        n_bins: number of bins.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 3.2), layout="constrained")
        axes = figure.add_subplot()
        low, high = np.quantile(np.concatenate(list(scores.values())), [0.001, 0.999])
        edges = np.linspace(low, high if high > low else low + 1, n_bins + 1)
        for place, (group, values) in enumerate(scores.items()):
            counts, _ = np.histogram(values, edges)
            density = counts / (len(values) * np.diff(edges))
            colour = GROUP_COLOURS[place % len(GROUP_COLOURS)]
            axes.stairs(density, edges, fill=True, color=colour, alpha=0.22, linewidth=0)
            axes.stairs(
                density, edges, color=colour, linewidth=1.4, label=f"{group} ({len(values):,})"
            )
        axes.set(xlim=(edges[0], edges[-1]), xlabel=xlabel, ylabel="density")
        axes.set_ylim(bottom=0)
        if edges[0] < 0 < edges[-1]:
            axes.axvline(0, color=FAINT, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.legend(loc="best", handlelength=1.4)
    return figure


def training_figure(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw training and validation loss by epoch, with one panel per scorer.

    Losses of different objectives have different scales, so every panel has its own axis. A dot
    marks the epoch of the lowest validation loss.

    Args:
        histories: by scorer, one row per epoch with the columns ``epoch``, ``training_loss`` and,
            if there were validation pairs, ``validation_loss``.

    Raises:
        ValueError: if there is no history, or a history lacks a column or has no row.
    """
    if not histories:
        raise ValueError("no training history to draw")
    styles = scorer_styles(histories)
    n_columns = min(3, len(histories))
    n_rows = math.ceil(len(histories) / n_columns)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(0.5 + 2.5 * n_columns, 0.3 + 2.2 * n_rows), layout="constrained")
        for place, (scorer, history) in enumerate(histories.items()):
            _require(history, (EPOCH, TRAINING_LOSS))
            axes = figure.add_subplot(n_rows, n_columns, place + 1)
            _draw_history(axes, history, styles[scorer])
            axes.set_title(styles[scorer].label)
            if place % n_columns == 0:
                axes.set_ylabel("loss")
            if place + n_columns >= len(histories):
                axes.set_xlabel("epoch")
        figure.axes[0].legend(loc="upper right", handlelength=1.6, borderaxespad=0)
    return figure


def interval_figure(results: pd.DataFrame, *, metric: str = "auroc") -> Figure:
    """Draw one metric with intervals: a line per scorer, a panel per pair class and noise law.

    Panels in one row share the noise law of the non-pairs. A scorer with several seeds has one dot
    per seed, and the mean over seeds is at the right. The dashed line is the value of an
    uninformative score.

    Args:
        results: tidy results with the columns ``RESULT_COLUMNS``; other metrics are ignored.
        metric: the metric to draw.

    Raises:
        ValueError: if a column is missing, or there is no row of ``metric``.
    """
    _require(results, RESULT_COLUMNS)
    results = results.loc[results["metric"] == metric]
    if results.empty:
        raise ValueError(f"no results of metric {metric!r} to draw")
    models = results.loc[results["kind"] != "baseline", "scorer"]
    scorers = list(dict.fromkeys([*models, *results["scorer"]]))
    laws, classes = (list(dict.fromkeys(results[name])) for name in ("non_pairs", "pairs"))
    n_models = len(set(models))
    with mpl.rc_context(STYLE):
        height = (0.75 + 0.26 * len(scorers)) * len(laws) + 0.3
        figure = Figure(figsize=(1.5 + 2.6 * len(classes), height), layout="constrained")
        panels = figure.subplots(len(laws), len(classes), sharex=True, sharey=True, squeeze=False)
        for axes_of_law, law in zip(panels, laws, strict=True):
            for axes, pair_class in zip(axes_of_law, classes, strict=True):
                chosen = (results["non_pairs"] == law) & (results["pairs"] == pair_class)
                _draw_intervals(axes, results.loc[chosen], scorers)
                if 0 < n_models < len(scorers):
                    axes.axhline(n_models - 0.5, color=PALE, linewidth=0.8, zorder=0)
        panels[0, 0].set_yticks(range(len(scorers)), [label(scorer) for scorer in scorers])
        panels[0, 0].set_ylim(len(scorers) - 0.5, -0.7)
        for axes in panels.flat:
            axes.tick_params(axis="y", length=0)
            axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        figure.supxlabel(f"{label(metric)}, with its 95 % interval", fontsize=9)
    return figure


def check_figure_name(path: Path) -> None:
    """Refuse a file name that no figure can be written to, before any work is done.

    Raises:
        ConfigError: if the suffix is neither .png nor .svg.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{path}: figures are written as {' or '.join(SUFFIXES)}")


def save_figure(figure: Figure, path: Path | str) -> None:
    """Write a figure as PNG (150 dpi) or SVG, by suffix, atomically.

    Raises:
        ConfigError: if the suffix is neither .png nor .svg.
    """
    path = Path(path)
    check_figure_name(path)
    is_svg = path.suffix.lower() == ".svg"
    with replacing(path) as partial, mpl.rc_context(STYLE):
        figure.savefig(
            partial,
            format="svg" if is_svg else "png",
            dpi=DPI,
            facecolor="white",
            metadata={"Date": None} if is_svg else None,  # equal figures give equal files
        )


def _draw_history(axes: Axes, history: pd.DataFrame, drawn: ScorerStyle) -> None:
    training = history.dropna(subset=TRAINING_LOSS)
    axes.plot(
        training[EPOCH],
        training[TRAINING_LOSS],
        color=TRAINING_GREY,
        linewidth=1.4,
        label="training",
    )
    validation = history.reindex(columns=[EPOCH, VALIDATION_LOSS]).dropna()
    if len(validation):
        losses = validation[VALIDATION_LOSS]
        axes.plot(validation[EPOCH], losses, color=drawn.colour, linewidth=1.8, label="validation")
        best = (validation[EPOCH][losses.idxmin()], losses.min())
        axes.plot(*best, "o", color=drawn.colour, markersize=5)
        axes.annotate(
            f"{best[1]:.3f}",
            best,
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.margins(x=0.03, y=0.12)


def _draw_intervals(axes: Axes, results: pd.DataFrame, scorers: Sequence[str]) -> None:
    """Draw a panel of ``interval_figure``: one pair class and one noise law."""
    if results.empty:
        axes.set_title("not evaluated", color=FAINT)
        return
    metric, first = results["metric"].iloc[0], results.iloc[0]
    chance = 0.5 if metric in CHANCE_IS_HALF else None
    if metric in CHANCE_IS_PREVALENCE:
        chance = first["prevalence"]
    if chance is not None:
        axes.axvline(chance, color=FAINT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
        axes.annotate(
            "chance",
            (chance, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(2, 0),
            textcoords="offset points",
            va="top",
            color=FAINT,
            fontsize=7.5,
        )
    styles = scorer_styles(scorers)
    for place, scorer in enumerate(scorers):
        rows = results[results["scorer"] == scorer]
        if rows.empty:
            continue
        colour = styles[scorer].colour
        heights = place + 0.1 * (np.arange(len(rows)) - (len(rows) - 1) / 2)
        axes.hlines(heights, rows["low"], rows["high"], color=colour, linewidth=1.4, alpha=0.75)
        axes.plot(rows["value"], heights, "o", color=colour, markersize=5 if len(rows) == 1 else 3)
        axes.annotate(
            f"{rows['value'].mean():.3f}",
            (1, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(2, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    n_joint, n_non_pairs = (count_range(results[name]) for name in ("n_joint", "n_non_pairs"))
    axes.set_title(
        f"{first['pairs']}, non-pairs: {first['non_pairs']}\n"
        f"{n_joint} interactions, {n_non_pairs} non-pairs",
        fontsize=8,
    )


def _require(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in frame]
    if missing:
        raise ValueError(
            f"the table to draw lacks the columns {', '.join(missing)}; it has "
            f"{', '.join(map(str, frame.columns)) or 'none'}"
        )
    if frame.empty:
        raise ValueError("the table to draw has no rows")
