"""Tables of ``mutual_information.py`` -> figures."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ppi_ratio.report.figures import STYLE
from ppi_ratio.report.styles import FAINT, GROUP_COLOURS, INK, PALE

COLUMNS = 4
SMOOTHING = 100  # steps


def staircase_figure(curves: pd.DataFrame) -> Figure:
    """One panel per method: estimates over the steps, the truth in black."""
    methods = list(dict.fromkeys(curves["method"]))
    columns = min(COLUMNS, len(methods))
    rows = -(-len(methods) // columns)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2.25 * columns, 1.7 * rows), layout="constrained")
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes, method in zip(panels.flat, methods, strict=False):
            curve = pd.DataFrame(curves[curves["method"] == method])
            position = np.arange(len(curve))
            for column, colour in (("own", "#E69F00"), ("plug_in", "#0072B2")):
                values = curve[column].to_numpy()
                smooth = pd.Series(values).rolling(SMOOTHING, min_periods=1).mean()
                axes.plot(position, values, color=colour, alpha=0.12, linewidth=0.3)
                axes.plot(position, smooth, color=colour, linewidth=1.1, label=column)
            axes.plot(position, curve["bits"], color=INK, linewidth=0.9)
            axes.set(title=method, ylim=(-1, 13))
        for axes in panels.flat[len(methods) :]:
            axes.set_visible(False)
        panels[0, 0].legend(loc="upper left")
        figure.supxlabel("step")
        figure.supylabel("bits")
    return figure


def bias_figure(table: pd.DataFrame) -> Figure:
    """Errors of the plug-in over tasks and seeds: one box per method, smallest error first.

    A method that does not admit all tasks has their number beside its name.
    """
    errors = table.assign(error=table["plug_in"] - table["truth"]).dropna(subset="error")
    sizes = pd.DataFrame(errors.assign(size=errors["error"].abs()))
    order = sizes.pivot_table("size", "method").sort_values("size").index
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.4, 0.24 * len(order) + 0.9), layout="constrained")
        axes = figure.subplots()
        n_tasks = {name: len(set(errors.loc[errors["method"] == name, "task"])) for name in order}
        most = max(n_tasks.values())
        names = [name if n == most else f"{name} ({n} tasks)" for name, n in n_tasks.items()]
        boxes = [errors.loc[errors["method"] == method, "error"] for method in order]
        axes.boxplot(
            boxes,
            orientation="horizontal",
            tick_labels=names,
            flierprops={"markersize": 2, "markeredgecolor": FAINT},
            medianprops={"color": "#0072B2"},
        )
        axes.axvline(0, color=PALE, linewidth=0.8, zorder=0)
        axes.invert_yaxis()
        axes.set(xlabel="estimate - truth (nats)", xlim=(-1.8, 1.2))
    return figure


def pointwise_figure(examples: dict[str, np.ndarray]) -> Figure:
    """Score against the true log ratio of held-out samples, with one panel per method."""
    rows = -(-len(examples) // COLUMNS)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 2 * rows), layout="constrained")
        panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
        for axes, (method, (truth, score)) in zip(panels.flat, examples.items(), strict=False):
            low, high = np.quantile(truth, [0.002, 1.0])
            axes.plot([low, high], [low, high], color=INK, linewidth=0.8)
            axes.plot(truth, score, ".", color="#0072B2", markersize=1.5, alpha=0.3)
            axes.set(title=method, xlim=(low, high), ylim=(low - 1, high + 1))
        for axes in panels.flat[len(examples) :]:
            axes.set_visible(False)
        figure.supxlabel("true log ratio (nats)")
        figure.supylabel("score (nats)")
    return figure


def weights_figure(table: pd.DataFrame) -> Figure:
    """Estimate, normaliser and AUROC over the anchor's weight, with one line per slot number."""
    table = table.assign(log_normaliser=table["plug_in"] - table["normalised"])
    tasks = list(dict.fromkeys(table["task"]))
    rows = {
        "plug_in": "plug-in (nats)",
        "log_normaliser": "log-normaliser (nats)",
        "auroc": "AUROC, joint against noise",
    }
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.4 * len(tasks), 6.4), layout="constrained")
        panels = figure.subplots(len(rows), len(tasks), squeeze=False, sharex=True)
        for axes_of_row, (column, ylabel) in zip(panels, rows.items(), strict=True):
            for axes, task in zip(axes_of_row, tasks, strict=True):
                own = pd.DataFrame(table[table["task"] == task])
                truth = {"plug_in": own["truth"].iloc[0], "log_normaliser": 0.0}.get(column)
                if truth is not None:
                    axes.axhline(truth, color=INK, linewidth=0.9, label="truth")
                slots = sorted(set(own["n_slots"]))
                for place, n_slots in enumerate(slots):
                    of_slots = own[own["n_slots"] == n_slots]
                    spread = of_slots.groupby("beta")[column].agg(["mean", "std"])
                    axes.errorbar(
                        spread.index * 1.08 ** (place - 1),  # bars beside one another
                        spread["mean"],
                        yerr=spread["std"],
                        color=GROUP_COLOURS[place],
                        marker="o",
                        markersize=3,
                        linewidth=1,
                        label=f"K = {n_slots}",
                    )
                axes.set(xscale="log")
            axes_of_row[0].set_ylabel(ylabel)
        for axes, task in zip(panels[0], tasks, strict=True):
            bits = table.loc[table["task"] == task, "truth"].iloc[0] / np.log(2)
            axes.set_title(f"{task}: {bits:.0f} bits")
        for axes in panels[-1]:
            axes.set_xlabel("beta = nu / K")
        figure.legend(
            *panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4
        )
    return figure
