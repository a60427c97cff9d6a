import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import run_folder

from ppi_ratio.report import page_charts
from ppi_ratio.report.page_charts import chart_data, on_dark, running_mean, thinned
from ppi_ratio.report.page_run import ComparisonRun, read_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ComparisonRun:
    return read_run(run_folder.write(tmp_path_factory.mktemp("runs") / "run"))


def test_thinning_keeps_both_ends_and_even_gaps() -> None:
    places = thinned(1000, 100)
    assert len(places) == 100
    assert (places[0], places[-1]) == (0, 999)
    assert {int(gap) for gap in np.diff(places)} == {10, 11}
    assert list(thinned(3, 100)) == [0, 1, 2]
    assert len(thinned(0, 100)) == 0


def test_running_mean_is_the_mean_of_each_window() -> None:
    degrees = np.arange(200.0)
    areas = np.random.default_rng(0).random(200)
    at, mean = running_mean(degrees, areas)
    windows = np.lib.stride_tricks.sliding_window_view(areas, 20)
    assert mean == pytest.approx(windows.mean(axis=1))
    assert all(lower < upper for lower, upper in pairwise(at))
    assert degrees[0] < at[0] < degrees[19]


def test_order_of_proteins_of_one_degree_has_no_influence() -> None:
    rng = np.random.default_rng(1)
    degrees = rng.integers(0, 6, size=300).astype(float)
    areas = rng.random(300)
    other = rng.permutation(300)
    for ours, theirs in zip(
        running_mean(degrees, areas), running_mean(degrees[other], areas[other]), strict=True
    ):
        assert ours == pytest.approx(theirs)


def test_few_proteins_have_no_running_mean() -> None:
    assert [len(line) for line in running_mean(np.arange(5.0), np.ones(5))] == [0, 0]


@pytest.mark.parametrize("colour", ["#332288", "#3C3C3C", "#0072B2"])
def test_dark_colours_are_lightened_on_a_dark_page(colour: str) -> None:
    assert int(on_dark(colour)[1:3], 16) > int(colour[1:3], 16)


def test_bright_colours_stay_on_a_dark_page() -> None:
    assert on_dark("#E69F00") == "#e69f00"


def test_long_tables_are_thinned_but_all_rows_are_counted(
    run: ComparisonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_charts, "MAX_SCATTER_POINTS", 20)
    steps = np.linspace(0, 1, 3000)
    first = run.curves.iloc[0].to_dict()
    long = pd.DataFrame([first] * len(steps)).assign(curve="roc", x=steps, y=steps)
    group = chart_data(replace(run, curves=long))["groups"][0]
    others = [each for each in chart_data(run)["groups"] if each["roc"]]
    assert len(others[0]["roc"][0]["x"]) == 40
    drawn = [line for line in chart_data(replace(run, curves=long))["groups"] if line["roc"]]
    assert len(drawn[0]["roc"][0]["x"]) == page_charts.MAX_CURVE_POINTS
    cloud = group["proteins"][0]
    assert len(cloud["auroc"]) == 20
    assert cloud["n"] == run_folder.N_PROTEINS
    assert sum(cloud["shares"]) == pytest.approx(1, abs=1e-3)


def test_curves_go_from_left_to_right(run: ComparisonRun) -> None:
    for group in chart_data(run)["groups"]:
        for line in (*group["roc"], *group["precision_recall"], *group["reliability"]):
            assert line["x"] == sorted(line["x"])


def test_missing_and_infinite_numbers_are_not_drawn(run: ComparisonRun) -> None:
    curves = run.curves.copy()
    is_roc = curves["curve"] == "roc"
    curves.loc[is_roc, "y"] = np.where(np.arange(len(curves))[is_roc] % 2, np.nan, 0.5)
    curves.loc[curves["curve"].str.startswith("scores"), "y"] = np.inf
    proteins = run.proteins.assign(degree=np.nan)
    data = chart_data(replace(run, curves=curves, proteins=proteins))
    json.dumps(data, allow_nan=False)
    group = data["groups"][0]
    assert len(group["roc"][0]["x"]) == 20
    assert group["scores"] == []
    assert group["proteins"][0]["auroc"] == []
    assert group["proteins"][0]["n"] == run_folder.N_PROTEINS


def test_histories_keep_seeds_and_splits_apart(run: ComparisonRun) -> None:
    lines = chart_data(run)["history"]
    names = [scorer["name"] for scorer in chart_data(run)["scorers"]]
    first = [
        (line["split"], line["seed"])
        for line in lines
        if (line["critic"], names[line["scorer"]]) == ("separable", "nce")
    ]
    assert first == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert lines[0]["validation"][0] is None
