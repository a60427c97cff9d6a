from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import run_folder

from ppi_ratio.report.page_run import ComparisonRun, read_run
from ppi_ratio.report.page_summary import listed, paired_difference, plain_summary
from ppi_ratio.report.page_tables import group_tables
from ppi_ratio.report.page_words import (
    Group,
    by_group,
    chance,
    groups,
    interval,
    metric_label,
    number,
    scorer_label,
)

STRICTEST = {"critic": "separable", "pairs": "C3", "non_pairs": "degree-matched"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ComparisonRun:
    return read_run(run_folder.write(tmp_path_factory.mktemp("runs") / "run"))


def changed(frame: pd.DataFrame, whose: str, **values: Any) -> pd.DataFrame:  # noqa: ANN401
    """The table with other numbers for a scorer's AUROC on the strictest test."""
    where = STRICTEST | {"scorer": whose, "metric": "auroc"}
    chosen = pd.concat([frame[name] == value for name, value in where.items()], axis=1).all(axis=1)
    assert chosen.sum() == 1
    frame = frame.copy()
    frame.loc[chosen, list(values)] = list(values.values())
    return frame


def judged_by(run: ComparisonRun, metric: str) -> ComparisonRun:
    """The run with the rows of one metric only."""
    summary, differences = (
        frame[frame["metric"] == metric] for frame in (run.summary, run.differences)
    )
    return replace(run, summary=summary, differences=differences)


def said(run: ComparisonRun) -> str:
    return " ".join([*plain_summary(run).findings, *plain_summary(run).cautions])


def test_summary_describes_the_strictest_test_and_the_best_critic(run: ComparisonRun) -> None:
    assert said(run).startswith(
        "The strictest test here is C3 pairs (neither protein seen in training) against "
        "degree-matched non-pairs. In this test, InfoNCE-anchor with the separable critic has a "
        "mean AUROC of 0.690 [0.660, 0.720] over 4 runs, the highest of 3 objectives. An "
        "uninformative score has 0.500."
    )


def test_interval_that_contains_zero_is_described_as_no_difference(run: ComparisonRun) -> None:
    assert (
        "InfoNCE-anchor does not differ from the next objective, InfoNCE (0.670): the interval of "
        "the paired difference, +0.020 [−0.005, +0.045], contains 0."
    ) in said(run)


def test_interval_without_zero_is_described_as_a_difference_with_its_sign(
    run: ComparisonRun,
) -> None:
    differences = changed(run.differences, "infonce", low=-0.03, high=-0.01)
    assert (
        "InfoNCE-anchor is better than the next objective, InfoNCE (0.670): the paired difference "
        "is +0.020 [+0.010, +0.030]."
    ) in said(replace(run, differences=differences))


@pytest.mark.parametrize("bounds", [{"low": float("nan")}, {"scorer": "somebody_else"}])
def test_difference_without_an_interval_is_described_as_not_measured(
    run: ComparisonRun, bounds: dict[str, Any]
) -> None:
    text = said(replace(run, differences=changed(run.differences, "infonce", **bounds)))
    assert (
        "Whether InfoNCE-anchor differs from the next objective, InfoNCE (0.670), was not measured."
    ) in text


def test_best_objective_is_compared_with_the_reference_if_not_with_the_next_objective(
    run: ComparisonRun,
) -> None:
    summary = changed(run.summary, "nce", mean=0.75, low=0.73, high=0.77)
    differences = changed(run.differences, "nce", difference=0.06, low=0.02, high=0.1)
    text = said(replace(run, summary=summary, differences=differences))
    assert "In this test, NCE with the separable critic" in text
    assert "NCE is better than the next objective, InfoNCE-anchor (0.690)" in text
    summary = changed(summary, "infonce", mean=0.74)
    text = said(replace(run, summary=summary, differences=differences))
    assert "Whether NCE differs from the next objective, InfoNCE (0.740), was not measured." in text
    assert "NCE is better than the reference, InfoNCE-anchor" in text


def test_best_baseline_is_named_with_its_difference(run: ComparisonRun) -> None:
    assert (
        "The best of 2 baselines, cosine, reaches 0.560. InfoNCE-anchor is better than cosine: the "
        "paired difference is +0.130 [+0.105, +0.155]."
    ) in said(run)


def test_model_below_a_baseline_is_called_worse(run: ComparisonRun) -> None:
    differences = changed(run.differences, "cosine", difference=0.1, low=0.05, high=0.15)
    text = said(replace(run, differences=differences))
    assert "InfoNCE-anchor is worse than cosine: the paired difference is −0.100" in text


def test_interval_that_contains_chance_is_described_as_nothing_learned(run: ComparisonRun) -> None:
    summary = changed(run.summary, "infonce_anchor", low=0.48)
    warning = "The interval of InfoNCE-anchor contains the value of an uninformative score"
    assert warning in said(replace(run, summary=summary))
    assert warning not in said(run)


def test_lowest_value_of_an_error_metric_is_best(run: ComparisonRun) -> None:
    text = said(judged_by(run, "log_loss"))
    assert "InfoNCE-anchor with the separable critic has a mean log loss of 0.210" in text
    assert "the lowest of 3 objectives" in text


def test_a_calibration_slope_is_best_near_one(run: ComparisonRun) -> None:
    by_slope = judged_by(run, "calibration_slope")
    text = said(by_slope)
    assert "InfoNCE with the bilinear critic has a mean calibration slope of 1.000" in text
    assert "the nearest to 1 of 3 objectives" in text
    gap = by_slope.differences["difference"]
    sure = by_slope.differences.assign(low=gap - 0.01, high=gap + 0.01)
    text = said(replace(by_slope, differences=sure))
    expected = (
        "InfoNCE differs from the next objective, InfoNCE-anchor (1.020): the paired difference"
    )
    assert f"{expected} is" in text


def test_the_best_of_each_metric_is_marked(run: ComparisonRun) -> None:
    table = next(each for each in group_tables(run) if each.group.pairs == "C3")
    marked = {
        column.label: [
            row.scorer for row in [*table.models, *table.baselines] if row.cells[place].is_best
        ]
        for place, column in enumerate(table.columns)
    }
    assert marked["AUROC"] == marked["ECE"] == ["infonce_anchor"]
    assert marked["calibration slope"] == ["nce ensemble"]


def test_an_ensemble_of_several_scorers_is_not_called_an_average_over_seeds(
    run: ComparisonRun,
) -> None:
    names = run.summary["scorer"].replace("nce ensemble", "nce + ulsif ensemble")
    text = said(replace(run, summary=run.summary.assign(scorer=names)))
    assert "With scores of several scorers averaged, NCE + uLSIF ensemble reaches 0.640" in text


def test_ensembles_and_warnings_are_mentioned(run: ComparisonRun) -> None:
    text = said(run)
    assert "With scores averaged over seeds, NCE ensemble reaches 0.640" in text
    assert text.endswith("The audit of the data gives a warning: identity AUROC.")


def test_summary_says_that_a_run_has_no_model_or_no_results(run: ComparisonRun) -> None:
    baselines = run.summary[run.summary["kind"] == "baseline"]
    without_models = replace(run, summary=baselines)
    assert plain_summary(without_models).findings == ["This run holds no model."]
    empty = replace(run, summary=baselines.iloc[:0])
    assert plain_summary(empty).findings == ["This run has no results yet."]


def test_strictest_groups_come_first(run: ComparisonRun) -> None:
    assert groups(run.summary)[:3] == [
        Group("separable", "C3", "degree-matched"),
        Group("bilinear", "C3", "degree-matched"),
        Group("separable", "C2", "degree-matched"),
    ]


def test_baselines_belong_to_every_critic(run: ComparisonRun) -> None:
    for rows in by_group(run.summary, groups(run.summary)).values():
        assert set(rows["scorer"]) == {scorer.name for scorer in run_folder.SCORERS}


def test_paired_difference_changes_its_sign_with_the_order_of_scorers(run: ComparisonRun) -> None:
    rows = by_group(run.differences, [Group(**STRICTEST)])[Group(**STRICTEST)]
    rows = rows.loc[rows["metric"] == "auroc"]
    assert paired_difference(rows, "nce", "infonce_anchor") == pytest.approx(
        (-0.07, -0.095, -0.045)
    )
    assert paired_difference(rows, "infonce_anchor", "nce") == pytest.approx((0.07, 0.045, 0.095))
    assert paired_difference(rows, "nce", "infonce") is None


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("infonce_anchor", "InfoNCE-anchor"),
        ("infonce_anchor ensemble", "InfoNCE-anchor ensemble"),
        ("infonce_anchor(nu=10.0) ensemble", "InfoNCE-anchor (nu=10.0) ensemble"),
        ("infonce(nu=1) + ulsif ensemble", "InfoNCE (nu=1) + uLSIF ensemble"),
        ("bce_network", "bce network"),
        ("<b>", "<b>"),
    ],
)
def test_label_of_a_scorer_names_its_objective_and_settings(name: str, label: str) -> None:
    assert scorer_label(name) == label


def test_numbers_have_three_decimals_and_a_true_minus() -> None:
    assert number(-0.01234) == "−0.012"
    assert number(-0.0001) == "0.000"
    assert number(0.5, signed=True) == "+0.500"
    assert number(float("nan")) == "–"
    assert interval(-0.1, 0.2) == "[−0.100, 0.200]"
    assert interval(float("nan"), 0.2) == ""


def test_chance_is_given_only_for_metrics_where_it_is_known(run: ComparisonRun) -> None:
    assert chance("auroc", 0.1) == 0.5
    assert chance("precision_at_100", 0.1) == chance("auprc", 0.1) == 0.1
    assert chance("recall_at_top_5", 0.1) == 0.05
    assert chance("ece", 0.1) is None
    assert chance("auprc", float("nan")) is None
    assert metric_label("recall_at_top_5") == "recall at top 5 %"


def test_names_are_listed_as_in_a_sentence() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_unknown_reference_is_no_error(run: ComparisonRun, tmp_path: Path) -> None:
    folder = run_folder.write(tmp_path / "run", sheet={"reference": "nobody"})
    assert "does not differ from the next objective" in said(read_run(folder))


def test_cautions_name_few_splits_and_the_choice_of_the_best_objective(run: ComparisonRun) -> None:
    cautions = plain_summary(run).cautions
    assert cautions[0].startswith("The best objective was chosen by these numbers")
    assert cautions[1] == "With 2 splits, intervals are wide; more splits would narrow them."


def test_baseline_is_compared_with_the_reference_if_not_with_the_best_objective(
    run: ComparisonRun,
) -> None:
    summary = changed(run.summary, "nce", mean=0.75)
    assert (
        "cosine, reaches 0.560. The reference, InfoNCE-anchor, is better than cosine: the paired "
        "difference is +0.130"
    ) in said(replace(run, summary=summary))
