"""The name of a scorer, metric or group -> its label, colour and dashes, equal in every figure.

Figures and the page share these styles. The module needs no plotting library.
"""

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from ppi_ratio.evaluation.baselines import BASELINES
from ppi_ratio.objectives import OBJECTIVES

INK, FAINT, PALE = "#222222", "#767676", "#D9D9D9"

# Okabe & Ito's colours, which the common colour-vision deficiencies do not confuse, then three of
# Tol's. Further names get a second dash pattern.
COLOURS = {
    "infonce_anchor": "#0072B2",
    "infonce": "#E69F00",
    "infonce_symmetric": "#D55E00",
    "nce": "#009E73",
}
SPARE_COLOURS = ("#CC79A7", "#56B4E9", "#882255", "#332288", "#999933")
SPARE_DASHES = ("solid", (0, (9, 2)))
OBJECTIVE_DASHES = ((0, (4, 1.5)), (0, (1.5, 1.2)), (0, (5, 1.5, 1.2, 1.5)))
BASELINE_GREYS = ("#5A5A5A", "#8C8C8C", "#3C3C3C", "#A6A6A6")
BASELINE_DASHES = ((0, (5, 2)), (0, (1.2, 1.4)), (0, (5, 1.5, 1.2, 1.5)))
GROUP_COLOURS = ("#0072B2", "#8C8C8C", "#E69F00", "#009E73")

LABELS = {
    "infonce_anchor": "InfoNCE-anchor",
    "infonce": "InfoNCE",
    "infonce_symmetric": "InfoNCE, symmetric",
    "nce": "NCE",
    "ulsif": "uLSIF",
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "per_protein_auroc": "per-protein AUROC",
}
CHANCE_IS_HALF = frozenset({"auroc", "per_protein_auroc"})
CHANCE_IS_PREVALENCE = frozenset({"auprc"})


class ScorerStyle(NamedTuple):
    """Label, colour and dashes of a scorer, equal in every figure."""

    label: str
    colour: str
    dashes: str | tuple[int, tuple[float, ...]]
    is_baseline: bool


def scorer_styles(names: Iterable[str]) -> dict[str, ScorerStyle]:
    """Choose the styles of all scorers in one figure.

    Baselines are grey, objectives in ``COLOURS`` have fixed colours, and other objectives are
    dashed. Any other name gets a style computed from the name. If another scorer of the figure has
    that style, the name gets the next free style.
    """
    colours = (*COLOURS.values(), *SPARE_COLOURS)
    dashed = [(colour, dashes) for dashes in OBJECTIVE_DASHES for colour in colours]
    others = [key for key in OBJECTIVES if key not in COLOURS]
    styles = [(colour, dashes) for dashes in SPARE_DASHES for colour in SPARE_COLOURS]
    taken: set[int] = set()
    found = {}
    for name in dict.fromkeys(names):
        if name in BASELINES:
            place = list(BASELINES).index(name)
            grey = BASELINE_GREYS[place % len(BASELINE_GREYS)]
            dashes = BASELINE_DASHES[place % len(BASELINE_DASHES)]
            found[name] = ScorerStyle(label(name), grey, dashes, True)
        elif name in COLOURS:
            found[name] = ScorerStyle(label(name), COLOURS[name], "solid", False)
        elif name in others:
            found[name] = ScorerStyle(label(name), *dashed[others.index(name) % len(dashed)], False)
        else:
            first = zlib.crc32(name.encode()) % len(SPARE_COLOURS)
            free = (place for place in range(first, len(styles)) if place not in taken)
            place = next(free, first)
            taken.add(place)
            found[name] = ScorerStyle(label(name), *styles[place], False)
    return found


def label(name: str) -> str:
    """The name of a scorer or metric as figures show it."""
    return LABELS.get(name, name.replace("_", " "))


def count_range(counts: Iterable[int]) -> str:
    """Counts as text: one count, the smallest to the largest of several, or a dash for none."""
    found = sorted(counts)
    if not found:
        return "–"
    least, most = found[0], found[-1]
    return f"{least:,}–{most:,}" if least < most else f"{least:,}"
