"""A table of pairs -> what is and is not possible with it, by its size and its hubs."""

import math

import numpy as np

from ppi_ratio.pairs.table import PairTable

FEW = 100  # interactions below which a test set says little
MOST = 0.5  # share of the interactions with one protein above which a reader should know it
HELD_OUT = 0.2  # share of a usual test set
NORMAL = 1.96  # standard errors in half of a 95 % interval


def limits(pairs: PairTable) -> list[str]:
    """Sentences on what a table cannot do, severest first; empty for a table without such limits.

    Examples:
        >>> import pandas as pd
        >>> import ppi_ratio as pr
        >>> from ppi_ratio.pairs.limits import limits
        >>> rows = pd.DataFrame({"left": ["A"] * 200, "right": [f"P{i}" for i in range(200)]})
        >>> pairs = pr.PairTable.from_rows(rows, directed=False, name="example")
        >>> limits(pairs)
        ['All 200 interactions are of one protein, A: a model can rank the partners of A...']
    """
    joint = pairs.joint
    if not len(joint):
        return [
            f"All {len(pairs):,} labels are 0, so the table holds no interaction: no model can "
            "learn from it and no AUROC is defined; add interactions (label 1)."
        ]
    return [*_one_protein(joint), *_few(joint)]


def is_few(pairs: PairTable) -> bool:
    """Whether a table has interactions, but so few that a test set says little."""
    return 0 < len(pairs.joint) < FEW


def _one_protein(joint: PairTable) -> list[str]:
    left, right, ids = joint.coded
    most = np.bincount(np.concatenate([left, right])).argmax()
    name, n_with = ids[most], int(((left == most) | (right == most)).sum())
    share = n_with / len(joint)
    if len(joint) < 2 or share <= MOST:
        return []
    if n_with == len(joint):
        return [
            f"All {len(joint):,} interactions are of one protein, {name}: a model can rank the "
            f"partners of {name} and nothing else, and no split can keep {name} out of the test; "
            "hold out pairs (by pair), and read the AUROC as one of this protein."
        ]
    return [
        f"One protein, {name}, is in {share:.0%} of the {len(joint):,} interactions: a split by "
        f"protein puts nearly all of them into one part, and a split by pair judges mostly the "
        f"partners of {name}; judge the pairs without {name} too."
    ]


def _few(joint: PairTable) -> list[str]:
    if not is_few(joint):
        return []
    n_test = max(1, round(HELD_OUT * len(joint)))
    return [
        f"{len(joint):,} interactions are few: their AUROC is uncertain by about "
        f"±{_half_width(len(joint)):.2f}, and that of a test of {HELD_OUT:.0%} of them "
        f"({n_test:,}) by about ±{_half_width(n_test):.2f}; state intervals, and compare models "
        "over several seeds."
    ]


def _half_width(n_joint: int) -> float:
    """Half of a 95 % interval of an AUROC of 0.5, with as many non-pairs: Mann & Whitney's U."""
    return min(0.5, NORMAL * math.sqrt((2 * n_joint + 1) / (12 * n_joint**2)))
