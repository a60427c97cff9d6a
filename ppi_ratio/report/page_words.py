"""Names of scorers, metrics and groups -> their wording and their order on the page."""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, cast

import pandas as pd

from ppi_ratio.auditing import Check
from ppi_ratio.comparison.plan import NAME_SEPARATOR
from ppi_ratio.objectives import Optimum
from ppi_ratio.report.page_run import GROUP, AuditSheet
from ppi_ratio.report.styles import CHANCE_IS_HALF, CHANCE_IS_PREVALENCE, label

MODEL = "model"
EVERY_CRITIC = ""
MAIN_METRIC = "auroc"
SHOWN_FIRST = frozenset({MAIN_METRIC, "auprc", "per_protein_auroc", "precision_at_100", "ece"})
LOWER_IS_BETTER = frozenset({"ece", "brier_score", "log_loss"})
ONE_IS_BEST = frozenset({"calibration_slope"})
METRIC_LABELS = {
    "ece": "ECE",
    "r_precision": "R-precision",
    "brier_score": "Brier score",
    "brier_skill": "Brier skill",
}
PRECISION, RECALL = "precision_at_", "recall_at_top_"
STRICTEST_PAIRS_FIRST = ("C3", "held-out", "C2", "all", "C1")
STRICTEST_NON_PAIRS_FIRST = ("degree-matched", "role-matched", "data set", "all ordered")
SEVEREST_FIRST = ("warning", "note", "ok")
PAIRS_IN_WORDS = {
    "C1": "both proteins seen in training",
    "C2": "one protein seen in training, the other not",
    "C3": "neither protein seen in training",
    "all": "all classes together",
    "held-out": "pairs of held-out proteins",
}
NON_PAIRS_IN_WORDS = {
    "data set": "the non-pairs of the data set",
    "degree-matched": "drawn so that each protein has as many non-pairs as interactions",
    "role-matched": "drawn with each protein in the role that it has in interactions",
    "all ordered": "all other ordered pairs of these proteins",
}
METRICS_IN_WORDS = {
    "auroc": "probability that an interaction scores above a non-pair; 0.5 for an uninformative "
    "score",
    "auprc": "average precision; the share of interactions for an uninformative score",
    "per_protein_auroc": "mean over proteins of the AUROC among each protein's own pairs; "
    "the protein's own number of interactions has no influence",
    "precision_at_100": "share of interactions among the 100 pairs with the highest scores",
    "r_precision": "share of interactions among the n highest scores, where n is the number of "
    "interactions",
    "ece": "expected calibration error: mean distance of probabilities from observed shares; "
    "lower is better",
    "calibration_slope": "slope of the log odds of an interaction against the log ratio: 1 is "
    "calibrated, below 1 overconfident, above 1 underconfident",
    "brier_score": "mean squared error of the probabilities; lower is better",
    "brier_skill": "1 - Brier score / Brier score of the prevalence; below 0 is worse than "
    "predicting the prevalence for every pair",
    "log_loss": "mean of -log p(observed label), in nats; lower is better",
}


class Comparability(NamedTuple):
    """Which pairs may be compared by the scores of an objective, and why."""

    comparable: str
    explanation: str


COMPARABILITY: Mapping[str, Comparability] = MappingProxyType(
    {
        Optimum.LOG_RATIO.value: Comparability(
            "between all pairs",
            "Scores are log ratios. They may be compared between all pairs, and 0 nats is chance.",
        ),
        Optimum.UP_TO_CONSTANT.value: Comparability(
            "between all pairs",
            "Scores are log ratios up to one unknown constant. They may be compared between all "
            "pairs, but 0 has no meaning.",
        ),
        Optimum.UP_TO_RIGHT_TERM.value: Comparability(
            "per right protein",
            "Scores contain an unknown term of the right protein. They may be compared between "
            "pairs of one right protein. A metric that pools proteins, such as AUROC, includes "
            "the unknown terms.",
        ),
        Optimum.SKEWED_UP_TO_CONSTANT.value: Comparability(
            "between all pairs, by order",
            "Scores increase with the log ratio but are not log ratios. They may be compared "
            "between all pairs by order, not in nats.",
        ),
        Optimum.SKEWED_UP_TO_RIGHT_TERM.value: Comparability(
            "per right protein, by order",
            "Scores are not log ratios, and contain an unknown term of the right protein.",
        ),
    }
)


class Group(NamedTuple):
    """A test: a critic, a class of pairs, and the non-pairs that the class is compared with."""

    critic: str
    pairs: str
    non_pairs: str


def groups(summary: pd.DataFrame) -> list[Group]:
    """All groups of a summary: the strictest test first, and critics in the order of the table."""
    tests = summary[["pairs", "non_pairs"]].drop_duplicates().itertuples(index=False)
    ordered = sorted(
        ((str(pairs), str(law)) for pairs, law in tests),
        key=lambda test: (
            _rank(STRICTEST_PAIRS_FIRST, test[0]),
            _rank(STRICTEST_NON_PAIRS_FIRST, test[1]),
        ),
    )
    critics = [str(name) for name in dict.fromkeys(summary["critic"]) if name != EVERY_CRITIC]
    return [Group(critic, *test) for test, critic in itertools.product(ordered, critics or [""])]


def by_group(frame: pd.DataFrame, found: Sequence[Group]) -> dict[Group, pd.DataFrame]:
    """The rows of each group: first rows of its critic, then rows without a critic."""
    parts: dict[Group, pd.DataFrame] = {}
    for key, rows in frame.groupby(GROUP, sort=False):
        critic, pairs, non_pairs = cast(tuple[str, str, str], key)
        parts[Group(critic, pairs, non_pairs)] = rows
    of_group = {}
    for group in found:
        keys = dict.fromkeys([group, group._replace(critic=EVERY_CRITIC)])
        rows = [parts[key] for key in keys if key in parts]
        of_group[group] = pd.concat(rows) if rows else frame.iloc[:0]
    return of_group


def metrics(summary: pd.DataFrame) -> list[str]:
    """The metrics of a summary, the main metric first."""
    found = [str(name) for name in dict.fromkeys(summary["metric"])]
    return sorted(found, key=lambda name: name != MAIN_METRIC)


def metric_label(name: str) -> str:
    """The name of a metric on the page."""
    share = _top_share(name)
    return f"recall at top {share} %" if share else METRIC_LABELS.get(name, label(name))


def metric_meaning(name: str) -> str:
    """One line on what a metric means; empty for an unknown metric."""
    share = _top_share(name)
    if share:
        return (
            f"mean over proteins of the share of interaction partners in the top {share} % of "
            "candidates"
        )
    return METRICS_IN_WORDS.get(name, "")


def distance_from_best(metric: str, value: float) -> float:
    """A sorting key: lower for a better value of the metric."""
    if metric in ONE_IS_BEST:
        return abs(value - 1)
    return value if metric in LOWER_IS_BETTER else -value


def scorer_label(name: str) -> str:
    """The name of a scorer on the page: objective or baseline, settings, and perhaps ``ensemble``.

    For an average of several scorers, all their names are joined.
    """
    if NAME_SEPARATOR in name:
        return NAME_SEPARATOR.join(map(scorer_label, name.split(NAME_SEPARATOR)))
    parts = re.fullmatch(r"(\w+)\W*?(\(.*|\w.*)?", name)
    if parts is None:
        return label(name)
    return f"{label(parts[1])} {parts[2] or ''}".rstrip()


def mean_prevalence(results: pd.DataFrame) -> float:
    """Mean share of interactions over the rows of ``results``; NaN if there are no rows."""
    return float(results["prevalence"].to_numpy(dtype=float).mean()) if len(results) else math.nan


def check_label(name: str) -> str:
    """The name of an audit check on the page."""
    spaced = name.replace("non_pairs", "non-pairs").replace("_", " ")
    return spaced.replace("auroc", "AUROC")


def chance(metric: str, prevalence: float) -> float | None:
    """The metric's value for an uninformative score; None where it is unknown."""
    if metric in CHANCE_IS_HALF:
        return 0.5
    if metric in CHANCE_IS_PREVALENCE or metric.startswith(PRECISION) or metric == "r_precision":
        return None if math.isnan(prevalence) else prevalence
    share = _top_share(metric)
    if share:
        return int(share) / 100
    return 0.0 if metric == "brier_skill" else None


def number(value: float, *, signed: bool = False) -> str:
    """A number with three decimals and a true minus sign; a dash for NaN."""
    if pd.isna(value):
        return "–"
    return f"{value:{'+' if signed else ''}z.3f}".replace("-", "−")


def interval(low: float, high: float, *, signed: bool = False) -> str:
    """The bounds in brackets; empty if a bound is NaN."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return f"[{number(low, signed=signed)}, {number(high, signed=signed)}]"


def warnings_first(audit: AuditSheet) -> list[Check]:
    """The checks of an audit: warnings, then notes, then passed checks."""
    return sorted(audit.checks, key=lambda check: SEVEREST_FIRST.index(check.severity))


def _top_share(metric: str) -> str:
    """The percentage of ``recall_at_top_5`` and the like; empty for other metrics."""
    share = metric.removeprefix(RECALL)
    return share if share.isdecimal() else ""


def _rank(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)
