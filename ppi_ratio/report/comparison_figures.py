"""The tables of a comparison as figures; the page of ``write_report`` shows more of them."""

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ppi_ratio.report.figures import FAINT, STYLE, label, looks


def difference_figure(differences: pd.DataFrame, *, metric: str = "auroc") -> Figure:
    """How far each scorer is from the reference on the same pairs, with 95 % intervals.

    A panel per group of pairs. Right of the dashed line a scorer is ahead of the reference; where
    its interval has the line inside, the two have not been told apart.

    Args:
        differences: as of ``ComparisonTables``, of one critic.
        metric: which one to draw.

    Raises:
        ValueError: if there is nothing of ``metric``, or more than one critic.
    """
    chosen = pd.DataFrame(differences[differences["metric"] == metric])
    if chosen.empty:
        raise ValueError(f"no differences of metric {metric!r} to draw")
    critics = sorted(set(chosen["critic"]))
    if len(critics) > 1:
        raise ValueError(f"one critic at a time: choose from {', '.join(critics)}")
    models = chosen.loc[chosen["kind"] != "baseline", "scorer"]
    scorers = list(dict.fromkeys([*models, *chosen["scorer"]]))
    drawn_as = looks(scorers)
    groups = list(dict.fromkeys(zip(chosen["pairs"], chosen["non_pairs"], strict=True)))
    with mpl.rc_context(STYLE):
        size = (1.5 + 2.3 * len(groups), 0.9 + 0.26 * len(scorers))
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(1, len(groups), sharey=True, squeeze=False)[0]
        for axes, (pairs, non_pairs) in zip(panels, groups, strict=True):
            here = (chosen["pairs"] == pairs) & (chosen["non_pairs"] == non_pairs)
            rows = pd.DataFrame(chosen[here])
            axes.axvline(0, color=FAINT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
            places = [scorers.index(name) for name in rows["scorer"]]
            colours = [drawn_as[name].colour for name in rows["scorer"]]
            axes.hlines(places, rows["low"], rows["high"], color=colours, linewidth=1.4)
            axes.scatter(rows["difference"], places, color=colours, s=25, zorder=3)
            axes.set_title(f"{pairs}, non-pairs: {non_pairs}", fontsize=8.5)
            axes.tick_params(axis="y", length=0)
            axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        panels[0].set_yticks(range(len(scorers)), [drawn_as[name].label for name in scorers])
        panels[0].set_ylim(len(scorers) - 0.5, -0.5)
        reference = label(chosen["reference"].iloc[0])
        figure.supxlabel(f"{label(metric)} less that of {reference}", fontsize=9)
    return figure
