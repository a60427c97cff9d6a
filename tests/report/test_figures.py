from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from ppi_ratio.evaluation.baselines import BASELINES
from ppi_ratio.objectives import OBJECTIVES
from ppi_ratio.report.comparison_figures import difference_figure
from ppi_ratio.report.figures import (
    RESULT_COLUMNS,
    interval_figure,
    roc_figure,
    save_figure,
    score_histogram,
    training_figure,
)
from ppi_ratio.report.styles import count_range, scorer_styles

SCORERS = {"infonce_anchor": 0.8, "nce": 0.75, "degree": 0.5, "something_new": 0.6}


def curve(area: float) -> tuple[np.ndarray, np.ndarray, float]:
    false = np.linspace(0, 1, 30)
    return false, false ** (1 / area - 1), area


def kind(scorer: str) -> str:
    return "baseline" if scorer in BASELINES else "model"


def interval(value: float) -> tuple[float, float, float]:
    return value, value - 0.02, value + 0.03


@pytest.fixture
def results() -> pd.DataFrame:
    rows = [
        (scorer, kind(scorer), pairs, law, metric, *interval(area + shift), 120, 1200, 1 / 11, seed)
        for scorer, area in SCORERS.items()
        for pairs in ("C2", "C3")
        for law in ("data set", "degree-matched")
        for metric, shift in (("auroc", 0.0), ("auprc", -0.3))
        for seed in ((0, 1) if scorer == "nce" else (0,))
        if (pairs, law) != ("C3", "degree-matched")
    ]
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS))


@pytest.fixture
def histories() -> dict[str, pd.DataFrame]:
    epochs = np.arange(12)
    losses = 5 + np.exp(-epochs / 3)
    history = pd.DataFrame(
        {
            "epoch": epochs,
            "training_loss": losses,
            "validation_loss": losses + 0.1 + 0.01 * (epochs - 5) ** 2,
        }
    )
    without = history.drop(columns="validation_loss")
    return {"infonce_anchor": history, "infonce": history, "nce": history, "other": without}


def written(figure: Figure) -> list[str]:
    """Texts of a figure's axes: annotations, titles and legends."""
    figure.draw_without_rendering()
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    found += [axes.get_title("left") for axes in figure.axes]
    legends = [legend for axes in figure.axes if (legend := axes.get_legend())]
    return found + [text.get_text() for legend in legends for text in legend.get_texts()]


def test_roc_legend_states_the_areas_best_first() -> None:
    figure = roc_figure({name: curve(area) for name, area in sorted(SCORERS.items())})
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "0.800  InfoNCE-anchor",
        "0.750  NCE",
        "0.600  something new",
        "0.500  degree",
    ]


def test_histogram_is_a_density_over_all_scores_of_a_group() -> None:
    rng = np.random.default_rng(0)
    figure = score_histogram({"joint": rng.normal(1, 1, 900), "non-pairs": rng.normal(size=9000)})
    assert written(figure) == ["", "joint (900)", "non-pairs (9,000)"]
    outlines = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert len(outlines) == 2
    for patch in outlines:
        assert isinstance(patch, StepPatch)
        heights, edges, _ = patch.get_data()
        assert np.sum(heights * np.diff(edges)) == pytest.approx(1, abs=0.02)


def test_histogram_of_equal_scores_is_drawn() -> None:
    figure = score_histogram({"joint": np.zeros(3), "non-pairs": np.zeros(4)})
    assert figure.axes[0].get_ylim()[1] > 0


def test_training_figure_has_a_panel_per_scorer_and_marks_the_best_epoch(
    histories: dict[str, pd.DataFrame],
) -> None:
    figure = training_figure(histories)
    assert [axes.get_title("left") for axes in figure.axes] == [
        "InfoNCE-anchor",
        "InfoNCE",
        "NCE",
        "other",
    ]
    best = histories["nce"]["validation_loss"].min()
    assert [text.get_text() for text in figure.axes[2].texts] == [f"{best:.3f}"]
    assert not figure.axes[3].texts


def test_interval_figure_draws_each_interval_of_its_metric(results: pd.DataFrame) -> None:
    figure = interval_figure(results)
    texts = written(figure)
    assert "C2, non-pairs: data set\n120 interactions, 1,200 non-pairs" in texts
    assert "not evaluated" in texts
    assert texts.count("0.750") == 3  # the mean of two seeds, in each panel
    first = figure.axes[0]
    drawn = [path.vertices for lines in first.collections for path in lines.get_paths()]
    drawn_for = results.query("metric == 'auroc' and pairs == 'C2' and non_pairs == 'data set'")
    ends = np.array([np.asarray(vertices)[:, 0] for vertices in drawn])
    for place, column in enumerate(("low", "high")):
        assert sorted(ends[:, place]) == pytest.approx(sorted(drawn_for[column]))


@pytest.mark.parametrize(("metric", "chance"), [("auroc", 0.5), ("auprc", 1 / 11)])
def test_chance_is_drawn_as_a_line(results: pd.DataFrame, metric: str, chance: float) -> None:
    figure = interval_figure(results, metric=metric)
    line = figure.axes[0].get_lines()[0]
    assert np.asarray(line.get_xdata()) == pytest.approx([chance, chance])


def test_models_are_drawn_above_baselines(results: pd.DataFrame) -> None:
    turned = results.iloc[::-1]
    labels = [tick.get_text() for tick in interval_figure(turned).axes[0].get_yticklabels()]
    assert labels[-1] == "degree"


def test_a_scorer_looks_the_same_in_every_figure() -> None:
    for name in (*OBJECTIVES, *BASELINES, "something_new"):
        assert (
            scorer_styles([name])[name]
            == scorer_styles([*OBJECTIVES, *BASELINES, "something_new"])[name]
        )


def test_objectives_and_groups_of_one_figure_have_different_styles() -> None:
    names = [*OBJECTIVES, *BASELINES, *(f"C{number}, data set" for number in range(8))]
    found = scorer_styles(names).values()
    assert len({(drawn.colour, drawn.dashes) for drawn in found}) == len(names)


def test_baselines_are_grey() -> None:
    for drawn in scorer_styles(BASELINES).values():
        red, green, blue = (drawn.colour[place : place + 2] for place in (1, 3, 5))
        assert red == green == blue
        assert drawn.is_baseline


def test_our_style_does_not_change_other_figures() -> None:
    roc_figure({"nce": curve(0.7)})
    assert Figure().add_subplot().spines["top"].get_visible()


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".SVG", b"<?xml")])
def test_figures_are_saved_by_suffix(
    tmp_path: Path, results: pd.DataFrame, suffix: str, start: bytes
) -> None:
    path = tmp_path / "new" / f"figure{suffix}"
    save_figure(interval_figure(results), path)
    assert path.read_bytes().startswith(start)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_same_figure_gives_the_same_file(tmp_path: Path, suffix: str) -> None:
    for name in ("first", "second"):
        save_figure(roc_figure({"nce": curve(0.7)}), tmp_path / f"{name}{suffix}")
    first, second = ((tmp_path / f"{name}{suffix}").read_bytes() for name in ("first", "second"))
    assert first == second


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"figure\.jpg: figures are written as \.png or \.svg"):
        save_figure(Figure(), tmp_path / "figure.jpg")


def test_figures_refuse_tables_that_lack_columns_or_rows(
    results: pd.DataFrame, histories: dict[str, pd.DataFrame]
) -> None:
    with pytest.raises(ValueError, match="lacks the columns low, seed"):
        interval_figure(results.drop(columns=["low", "seed"]))
    with pytest.raises(ValueError, match="no results of metric 'brier'"):
        interval_figure(results, metric="brier")
    with pytest.raises(ValueError, match="lacks the columns training_loss"):
        training_figure({"nce": histories["nce"].drop(columns="training_loss")})
    with pytest.raises(ValueError, match="has no rows"):
        training_figure({"nce": histories["nce"].iloc[:0]})
    with pytest.raises(ValueError, match="no training history"):
        training_figure({})


def test_count_range_shows_one_count_or_the_smallest_and_the_largest() -> None:
    assert count_range([1200]) == "1,200"
    assert count_range({1200, 7, 30}) == "7–1,200"
    assert count_range([]) == "–"


@pytest.fixture
def differences() -> pd.DataFrame:
    rows = [
        ("separable", scorer, kind(scorer), pairs, "degree-matched", metric, "infonce_anchor", gap,
         gap - 0.01, gap + 0.02)
        for scorer, gap in (("degree", -0.1), ("nce", -0.02))
        for pairs in ("C2", "C3")
        for metric in ("auroc", "auprc")
    ]  # fmt: skip
    columns = [
        "critic", "scorer", "kind", "pairs", "non_pairs", "metric", "reference", "difference",
        "low", "high",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def test_differences_are_drawn_at_their_values_in_a_panel_per_group(
    differences: pd.DataFrame,
) -> None:
    figure = difference_figure(differences)
    figure.draw_without_rendering()
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "C2, non-pairs: degree-matched",
        "C3, non-pairs: degree-matched",
    ]
    dots = np.asarray(figure.axes[0].collections[-1].get_offsets())
    np.testing.assert_allclose(dots, [(-0.1, 1), (-0.02, 0)])
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["NCE", "degree"]


def test_differences_of_two_critics_in_one_figure_are_refused(differences: pd.DataFrame) -> None:
    both = pd.concat([differences, differences.assign(critic="mlp")])
    with pytest.raises(ValueError, match=r"several critics \(mlp, separable\)"):
        difference_figure(both)
    with pytest.raises(ValueError, match="no differences of metric 'brier'"):
        difference_figure(differences, metric="brier")
