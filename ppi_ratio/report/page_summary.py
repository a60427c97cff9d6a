"""Summary and differences of a comparison -> sentences about the results."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from ppi_ratio.auditing import Severity
from ppi_ratio.comparison.plan import NAME_SEPARATOR
from ppi_ratio.report.page_run import BASELINE, ComparisonRun
from ppi_ratio.report.page_words import (
    LOWER_IS_BETTER,
    MODEL,
    ONE_IS_BEST,
    PAIRS_IN_WORDS,
    Group,
    by_group,
    chance,
    check_label,
    distance_from_best,
    groups,
    interval,
    mean_prevalence,
    metric_label,
    metrics,
    number,
    scorer_label,
)

FEW_SPLITS = 4
Row = dict[str, Any]


class PairedDifference(NamedTuple):
    """The paired difference of two scorers, and its interval."""

    difference: float
    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        return self.low <= 0 <= self.high


class PlainSummary(NamedTuple):
    """Sentences on the findings, and cautions on how far to trust them."""

    findings: list[str]
    cautions: list[str]


def plain_summary(run: ComparisonRun) -> PlainSummary:
    """Describe the strictest test by the main metric, and its best single model.

    With several critics, the sentences describe the critic of the best model.
    """
    all_groups = groups(run.summary)
    if not all_groups:
        return PlainSummary(["This run has no results yet."], _audit(run))
    strictest = [group for group in all_groups if group[1:] == all_groups[0][1:]]
    summaries = by_group(run.summary, strictest)
    metric = metrics(summaries[strictest[0]])[0]
    ranked = {group: _ranked(rows, metric) for group, rows in summaries.items()}
    models = {group: _of_kind(rows, MODEL) for group, rows in ranked.items()}
    with_models = [group for group in strictest if models[group]]
    if not with_models:
        return PlainSummary(["This run holds no model."], _audit(run))
    group = min(with_models, key=lambda each: distance_from_best(metric, models[each][0]["mean"]))
    differences = by_group(run.differences, [group])[group]
    differences = differences.loc[differences["metric"] == metric]
    results = by_group(run.results, [group])[group]
    expected = chance(metric, mean_prevalence(results))
    critic = group.critic if len(strictest) > 1 else ""
    best = models[group][0]
    findings = [
        _setting(group),
        _best(best, expected, n_models=len(models[group]), critic=critic),
        *_nothing_learned(best, expected),
        *_others(models[group], differences, run.description.reference),
        *_ensembles(ranked[group]),
        *_baselines(best, ranked[group], differences, run.description.reference),
    ]
    cautions = [*_caution(models[group], n_splits=len(set(results["split"]))), *_audit(run)]
    return PlainSummary(findings, cautions)


def paired_difference(
    differences: pd.DataFrame, scorer: str, other: str
) -> PairedDifference | None:
    """The paired difference scorer - other; None if neither is the reference of the other."""
    for name, reference, sign in ((scorer, other, 1), (other, scorer, -1)):
        chosen = (differences["scorer"] == name) & (differences["reference"] == reference)
        for row in differences.loc[chosen].to_dict(orient="records"):
            low, high = sorted((sign * row["low"], sign * row["high"]))
            paired = PairedDifference(sign * row["difference"], low, high)
            if not any(map(pd.isna, paired)):
                return paired
    return None


def listed(names: Sequence[str]) -> str:
    """Join names as text: A, B and C."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _ranked(summary: pd.DataFrame, metric: str) -> list[Row]:
    """The rows of a metric that have a mean, the best first."""
    rows = summary.loc[summary["metric"] == metric].to_dict(orient="records")
    found = [{str(name): value for name, value in row.items()} for row in rows]
    return sorted(
        (row for row in found if not pd.isna(row["mean"])),
        key=lambda row: distance_from_best(metric, row["mean"]),
    )


def _of_kind(rows: list[Row], kind: str) -> list[Row]:
    return [row for row in rows if row["kind"] == kind]


def _setting(group: Group) -> str:
    pairs = PAIRS_IN_WORDS.get(group.pairs)
    return (
        f"The strictest test here is {group.pairs} pairs{f' ({pairs})' if pairs else ''} against "
        f"{group.non_pairs} non-pairs."
    )


def _best(row: Row, expected: float | None, *, n_models: int, critic: str) -> str:
    metric = row["metric"]
    mean = "mean " if row["n"] > 1 else ""
    runs = f"over {row['n']:,} runs" if row["n"] > 1 else "in a single run"
    scorer = f"{scorer_label(row['scorer'])}{f' with the {critic} critic' if critic else ''}"
    extreme = "lowest" if metric in LOWER_IS_BETTER else "highest"
    if metric in ONE_IS_BEST:
        extreme = "nearest to 1"
    which = f"the {extreme} of {n_models} objectives" if n_models > 1 else "the only objective"
    value = f"{mean}{metric_label(metric)} of {_value(row)}"
    sentence = f"In this test, {scorer} has a {value} {runs}, {which}."
    if expected is None:
        return sentence
    return f"{sentence} An uninformative score has {number(expected)}."


def _value(row: Row) -> str:
    return f"{number(row['mean'])} {interval(row['low'], row['high'])}".rstrip()


def _nothing_learned(best: Row, expected: float | None) -> list[str]:
    if expected is None or not best["low"] <= expected <= best["high"]:
        return []
    scorer = scorer_label(best["scorer"])
    return [
        f"The interval of {scorer} contains the value of an uninformative score, so this test does "
        "not show that the model learned anything."
    ]


def _others(models: list[Row], differences: pd.DataFrame, reference: str) -> list[str]:
    """Compare the best objective with the next one.

    If their difference was not measured, compare the best objective with the reference too.
    """
    if len(models) < 2:
        return []
    best, second = models[:2]
    name = scorer_label(best["scorer"])
    following = f"the next objective, {scorer_label(second['scorer'])} ({number(second['mean'])})"
    paired = paired_difference(differences, best["scorer"], second["scorer"])
    if paired:
        return [f"{name} {_verdict(following, paired, best['metric'])}."]
    sentences = [f"Whether {name} differs from {following}, was not measured."]
    paired = paired_difference(differences, best["scorer"], reference)
    if paired:
        named = f"the reference, {scorer_label(reference)}"
        sentences.append(f"{name} {_verdict(named, paired, best['metric'])}.")
    return sentences


def _ensembles(ranked: list[Row]) -> list[str]:
    ensembles = [row for row in ranked if row["kind"] not in (MODEL, BASELINE)]
    if not ensembles:
        return []
    first = ensembles[0]
    several = NAME_SEPARATOR in first["scorer"]
    averaged = "of several scorers averaged" if several else "averaged over seeds"
    return [f"With scores {averaged}, {scorer_label(first['scorer'])} reaches {_value(first)}."]


def _baselines(
    best: Row, ranked: list[Row], differences: pd.DataFrame, reference: str
) -> list[str]:
    """The value of the best baseline, and its difference to the best model or the reference."""
    baselines = _of_kind(ranked, BASELINE)
    if not baselines:
        return []
    name = baselines[0]["scorer"]
    baseline = scorer_label(name)
    which = f"The best of {len(baselines)} baselines" if len(baselines) > 1 else "The baseline"
    reached = f"{which}, {baseline}, reaches {number(baselines[0]['mean'])}."
    compared = {best["scorer"]: scorer_label(best["scorer"])}
    compared.setdefault(reference, f"The reference, {scorer_label(reference)},")
    for scorer, called in compared.items():
        paired = paired_difference(differences, scorer, name)
        if paired:
            return [reached, f"{called} {_verdict(baseline, paired, best['metric'])}."]
    best_model = scorer_label(best["scorer"])
    return [reached, f"Whether {best_model} differs from {baseline} was not measured."]


def _verdict(other: str, paired: PairedDifference, metric: str) -> str:
    bounds = interval(paired.low, paired.high, signed=True)
    found = f"{number(paired.difference, signed=True)} {bounds}"
    if paired.holds_zero:
        interval_text = f"the interval of the paired difference, {found}, contains 0"
        return f"does not differ from {other}: {interval_text}"
    if metric in ONE_IS_BEST:
        return f"differs from {other}: the paired difference is {found}"
    is_better = (paired.difference > 0) != (metric in LOWER_IS_BETTER)
    return f"is {'better' if is_better else 'worse'} than {other}: the paired difference is {found}"


def _caution(models: list[Row], *, n_splits: int) -> list[str]:
    sentences = []
    if len(models) > 1:
        sentences.append(
            "The best objective was chosen by these numbers, so its value is slightly too good."
        )
    if 1 < n_splits <= FEW_SPLITS:
        sentences.append(
            f"With {n_splits} splits, intervals are wide; more splits would narrow them."
        )
    return sentences


def _audit(run: ComparisonRun) -> list[str]:
    checks = run.description.audit.checks if run.description.audit else []
    warned = [check_label(check.check) for check in checks if check.severity is Severity.WARNING]
    if not warned:
        return []
    warnings = "a warning" if len(warned) == 1 else f"{len(warned)} warnings"
    return [f"The audit of the data gives {warnings}: {listed(warned)}."]
