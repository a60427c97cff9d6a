"""Mutual information of a model -> a figure of its log ratios and its shuffle null."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ppi_ratio.information import Information
from ppi_ratio.report.figures import STYLE
from ppi_ratio.report.styles import FAINT, GROUP_COLOURS, INK

JOINT_COLOUR, NOISE_COLOUR = GROUP_COLOURS[:2]


def information_figure(information: Information, *, n_bins: int = 40) -> Figure:
    """Draw the log ratios of interactions and noise pairs, and the plug-in with its shuffle null.

    Both panels mark the plug-in. The right panel also shows its 95 % interval over proteins.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.4, 3.0), layout="constrained")
        ratios, null = figure.subplots(1, 2)
        _draw_log_ratios(ratios, information, n_bins)
        _draw_null(null, information)
        for axes in (ratios, null):
            axes.yaxis.set_major_locator(MaxNLocator(4))
    return figure


def _draw_log_ratios(axes: Axes, information: Information, n_bins: int) -> None:
    """The axis ends at the 0.1 % and 99.9 % quantiles of the two groups."""
    groups = {"interactions": information.log_ratios, "noise pairs": information.noise_log_ratios}
    ends = np.array([np.quantile(values, [0.001, 0.999]) for values in groups.values()])
    low, high = ends[:, 0].min(), ends[:, 1].max()
    edges = np.linspace(low, high if high > low else low + 1, n_bins + 1)
    for (group, values), colour in zip(groups.items(), (JOINT_COLOUR, NOISE_COLOUR), strict=True):
        counts, _ = np.histogram(values, edges)
        density = counts / (len(values) * np.diff(edges))
        axes.stairs(density, edges, fill=True, color=colour, alpha=0.22, linewidth=0)
        axes.stairs(density, edges, color=colour, linewidth=1.4, label=f"{group} ({len(values):,})")
    axes.set(xlim=(edges[0], edges[-1]), xlabel="log ratio (nats)", ylabel="density")
    axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
    plug_in = information.plug_in.value
    axes.axvline(plug_in, color=INK, linewidth=1.2)
    axes.annotate(
        f"plug-in {plug_in:.2f}",
        (plug_in, 1),
        xycoords=axes.get_xaxis_transform(),
        xytext=(3, -2),
        textcoords="offset points",
        va="top",
        fontsize=8,
    )
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handlelength=1.4, borderaxespad=0.2
    )


def _draw_null(axes: Axes, information: Information) -> None:
    plug_in, null = information.plug_in, information.null
    counts, edges = np.histogram(null.values, bins=12)
    axes.stairs(counts, edges, fill=True, color=NOISE_COLOUR, alpha=0.22, linewidth=0)
    axes.stairs(counts, edges, color=NOISE_COLOUR, linewidth=1.4)
    axes.set(xlabel="mean log ratio (nats)", ylabel="shuffles")
    axes.set_ylim(0, 1.7 * counts.max())
    height = 1.35 * counts.max()
    axes.hlines(height, plug_in.low, plug_in.high, color=JOINT_COLOUR, linewidth=1.6)
    axes.plot(plug_in.value, height, "o", color=JOINT_COLOUR, markersize=5)
    for text, place, colour in (
        (f"{len(null.values):,} shuffles", (null.mean, counts.max()), FAINT),
        (f"held out, p = {null.p_value:.2g}", (plug_in.value, height), JOINT_COLOUR),
    ):
        axes.annotate(
            text,
            place,
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            color=colour,
            fontsize=8,
        )
    axes.margins(x=0.15)
    axes.xaxis.set_major_locator(MaxNLocator(6))
