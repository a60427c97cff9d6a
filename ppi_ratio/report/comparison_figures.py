"""The table of paired differences of a comparison -> a figure."""

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ppi_ratio.report.figures import STYLE
from ppi_ratio.report.styles import FAINT, label, scorer_styles


def difference_figure(differences: pd.DataFrame, *, metric: str = "auroc") -> Figure:
    """Draw the difference of each scorer to the reference on the same pairs, with 95 % intervals.

    Each group of pairs has a panel. A scorer right of the dashed line has a higher value than the
    reference. If its interval contains the dashed line, the data do not separate the two.

    Args:
        differences: ``ComparisonTables.differences`` of one critic.
        metric: the metric to draw.

    Raises:
        ValueError: if there is no row of ``metric``, or there are several critics.
    """
    chosen = pd.DataFrame(differences[differences["metric"] == metric])
    if chosen.empty:
        raise ValueError(f"no differences of metric {metric!r} to draw")
    critics = sorted(set(chosen["critic"]))
    if len(critics) > 1:
        raise ValueError(
            f"the table holds several critics ({', '.join(critics)}); select the rows of one"
        )
    models = chosen.loc[chosen["kind"] != "baseline", "scorer"]
    scorers = list(dict.fromkeys([*models, *chosen["scorer"]]))
    styles = scorer_styles(scorers)
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
            colours = [styles[name].colour for name in rows["scorer"]]
            axes.hlines(places, rows["low"], rows["high"], color=colours, linewidth=1.4)
            axes.scatter(rows["difference"], places, color=colours, s=25, zorder=3)
            axes.set_title(f"{pairs}, non-pairs: {non_pairs}", fontsize=8.5)
            axes.tick_params(axis="y", length=0)
            axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        panels[0].set_yticks(range(len(scorers)), [styles[name].label for name in scorers])
        panels[0].set_ylim(len(scorers) - 0.5, -0.5)
        reference = label(chosen["reference"].iloc[0])
        figure.supxlabel(f"{label(metric)}: difference to {reference}", fontsize=9)
    return figure
