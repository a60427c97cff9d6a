"""Tables of ``mutual_information.py`` -> figures."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ppi_ratio.report.figures import FAINT, INK, PALE, STYLE

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
    """Error of the plug-in over tasks and seeds, a box per method, smallest error first.

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
    """Score beside the true log ratio of held-out samples, a panel per method."""
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
    """Estimate and ranking over the anchor's weight per slot; a line per number of slots."""
    tasks = list(dict.fromkeys(table["task"]))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.4 * len(tasks), 4.6), layout="constrained")
        panels = figure.subplots(2, len(tasks), squeeze=False, sharex=True)
        for place, task in enumerate(tasks):
            own = pd.DataFrame(table[table["task"] == task])
            of_estimate, of_ranking = panels[:, place]
            of_estimate.axhline(own["truth"].iloc[0], color=INK, linewidth=0.9, label="truth")
            for axes, column in ((of_estimate, "plug_in"), (of_ranking, "auroc")):
                spread = own.pivot_table(column, "beta", "n_slots", aggfunc=["mean", "std"])
                for slots in spread["mean"]:
                    axes.errorbar(
                        spread.index,
                        spread["mean"][slots],
                        yerr=spread["std"][slots],
                        marker="o",
                        markersize=3,
                        linewidth=1,
                        label=f"K = {slots}",
                    )
                axes.set(xscale="log")
            of_estimate.set(title=task)
            of_ranking.set(xlabel="beta = nu / K")
        panels[0, 0].set_ylabel("plug-in (nats)")
        panels[1, 0].set_ylabel("AUROC, joint against noise")
        panels[0, 0].legend()
    return figure
