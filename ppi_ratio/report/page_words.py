"""Names of scorers, metrics and groups -> what the page calls them, and in what order."""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, cast

import pandas as pd

from ppi_ratio.auditing import Check
from ppi_ratio.comparison import JOINED
from ppi_ratio.objectives import Optimum
from ppi_ratio.report.figures import CHANCE_IS_HALF, CHANCE_IS_PREVALENCE, label
from ppi_ratio.report.page_run import GROUP, AuditSheet

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
    "data set": "those that the data set lists",
    "degree-matched": "drawn so that each protein has as many as joint pairs",
    "role-matched": "drawn with each protein in the role that it has in joint pairs",
    "all ordered": "every other ordered pair of the same proteins",
}
METRICS_IN_WORDS = {
    "auroc": "probability that a joint pair scores above a non-pair; 0.5 without information",
    "auprc": "average precision; the share of joint pairs without information",
    "per_protein_auroc": "mean over proteins of the AUROC among each one's own pairs: "
    "do these two fit, whatever their degrees",
    "precision_at_100": "share of joint pairs among the 100 with the highest scores",
    "r_precision": "share of joint pairs among as many of the highest scores as pairs are joint",
    "ece": "expected calibration error: how far probabilities are from observed shares; "
    "lower is better",
    "calibration_slope": "slope of the log odds of being joint over the log ratio: 1 is right, "
    "below it scores are too sure of themselves, above it too cautious",
    "brier_score": "mean squared error of the probabilities; lower is better",
    "brier_skill": "1 - Brier score / that of the prevalence itself; below 0 is worse than it",
    "log_loss": "mean of -log of the probability given to the right label, in nats; "
    "lower is better",
}


class Freedom(NamedTuple):
    """What the scores of an objective are determined up to, and so what may be compared."""

    comparable: str
    explanation: str


FREEDOMS: Mapping[str, Freedom] = MappingProxyType(
    {
        Optimum.LOG_RATIO.value: Freedom(
            "between all pairs",
            "Scores are log ratios. They may be compared between all pairs, and 0 nats is chance.",
        ),
        Optimum.UP_TO_CONSTANT.value: Freedom(
            "between all pairs",
            "Scores are log ratios up to one constant. They may be compared between all pairs; "
            "where 0 lies is not learned.",
        ),
        Optimum.UP_TO_RIGHT_TERM.value: Freedom(
            "per right protein",
            "Scores are free up to a term of the right protein. They may be compared between "
            "pairs of one right protein; a metric that pools proteins, as AUROC does, mixes the "
            "free terms in.",
        ),
        Optimum.SKEWED_UP_TO_CONSTANT.value: Freedom(
            "between all pairs, by order",
            "Scores rise with the log ratio but are not it. They may be compared between all "
            "pairs by order, not in nats.",
        ),
        Optimum.SKEWED_UP_TO_RIGHT_TERM.value: Freedom(
            "per right protein, by order",
            "Scores are not log ratios, and free up to a term of the right protein.",
        ),
    }
)


class Group(NamedTuple):
    """Which pairs were judged against which non-pairs, with which critic."""

    critic: str
    pairs: str
    non_pairs: str


def groups(summary: pd.DataFrame) -> list[Group]:
    """Every group that was judged, the strictest first, critics in the order of the table."""
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
    """The rows of each group, those of its critic before those of every critic."""
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
    """The metrics of a summary, the main one first."""
    found = [str(name) for name in dict.fromkeys(summary["metric"])]
    return sorted(found, key=lambda name: name != MAIN_METRIC)


def metric_label(name: str) -> str:
    """How a metric is called on the page."""
    share = _top_share(name)
    return f"recall at top {share} %" if share else METRIC_LABELS.get(name, label(name))


def metric_meaning(name: str) -> str:
    """What a metric says, in a line; empty if it is not known here."""
    share = _top_share(name)
    if share:
        return (
            f"mean over proteins of the share of joint partners in the first {share} % of its "
            "candidates"
        )
    return METRICS_IN_WORDS.get(name, "")


def badness(metric: str, value: float) -> float:
    """A number that is lower for a better value of the metric."""
    if metric in ONE_IS_BEST:
        return abs(value - 1)
    return value if metric in LOWER_IS_BETTER else -value


def scorer_label(name: str) -> str:
    """How a scorer is called: its objective or baseline, then settings and ``ensemble``, if any.

    Of several that are averaged, each is.
    """
    if JOINED in name:
        return JOINED.join(map(scorer_label, name.split(JOINED)))
    parts = re.fullmatch(r"(\w+)\W*?(\(.*|\w.*)?", name)
    if parts is None:
        return label(name)
    return f"{label(parts[1])} {parts[2] or ''}".rstrip()


def mean_prevalence(results: pd.DataFrame) -> float:
    """Share of joint pairs, over the rows at hand; NaN if there are none."""
    return float(results["prevalence"].to_numpy(dtype=float).mean()) if len(results) else math.nan


def check_label(name: str) -> str:
    """How a check of an audit is called."""
    spaced = name.replace("non_pairs", "non-pairs").replace("_", " ")
    return spaced.replace("auroc", "AUROC")


def chance(metric: str, prevalence: float) -> float | None:
    """What a score without information gets; None where that is not known."""
    if metric in CHANCE_IS_HALF:
        return 0.5
    if metric in CHANCE_IS_PREVALENCE or metric.startswith(PRECISION) or metric == "r_precision":
        return None if math.isnan(prevalence) else prevalence
    share = _top_share(metric)
    if share:
        return int(share) / 100
    return 0.0 if metric == "brier_skill" else None


def number(value: float, *, signed: bool = False) -> str:
    """Three decimals with a true minus sign; a dash where there is none."""
    if pd.isna(value):
        return "–"
    return f"{value:{'+' if signed else ''}z.3f}".replace("-", "−")


def interval(low: float, high: float, *, signed: bool = False) -> str:
    """Bounds in brackets; nothing where there are none."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return f"[{number(low, signed=signed)}, {number(high, signed=signed)}]"


def worst_first(audit: AuditSheet) -> list[Check]:
    """The checks of an audit, warnings first."""
    return sorted(audit.checks, key=lambda check: SEVEREST_FIRST.index(check.severity))


def _top_share(metric: str) -> str:
    """The percentage of ``recall_at_top_5`` and the like; empty for other metrics."""
    share = metric.removeprefix(RECALL)
    return share if share.isdecimal() else ""


def _rank(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)
