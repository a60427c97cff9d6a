"""Tables of a comparison -> the numbers that the charts of the page draw, as plain lists.

No metric is computed here. Curves and scatter plots are thinned for drawing. A scatter plot also
gets a histogram and a running mean, both over all of its points.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ppi_ratio.report.page_run import BASELINE, GROUP, ComparisonRun
from ppi_ratio.report.page_words import (
    LOWER_IS_BETTER,
    MODEL,
    by_group,
    groups,
    mean_prevalence,
    metric_label,
    metrics,
    scorer_label,
)
from ppi_ratio.report.styles import PALE, ScorerStyle, scorer_styles

MAX_CURVE_POINTS, MIN_CURVE_POINTS = 500, 60
CURVE_BUDGET = 150_000  # points of all curves on the page
MAX_SCATTER_POINTS, MIN_SCATTER_POINTS = 2000, 100
SCATTER_BUDGET = 150_000  # points of all scatter plots on the page
MAX_EPOCHS = 200  # points of a training history
MAX_MEAN_POINTS = 150  # points of a running mean
BINS = 20  # of the histogram of AUROC per protein
WINDOW_SHARE, MIN_WINDOW = 0.1, 15  # points in a window of the running mean: share of all, minimum
LINE_CURVES = ("roc", "precision_recall", "reliability")
SCORE_CURVES = ("scores_joint", "scores_non_pairs")
POINT_COLUMNS = ("x", "y", "low", "high", "count")
SCATTER_COLUMNS = ("protein", "degree", "n_joint", "n_non_pairs", "auroc")
HISTORY_COLUMNS = {
    "epoch": "epoch",
    "training": "training_loss",
    "validation": "validation_loss",
}
DARK_PAGE, MIN_CONTRAST = "#16181c", 4.0

Chart = dict[str, Any]  # a JSON object that the scripts of the page read


def chart_data(run: ComparisonRun) -> Chart:
    """All data of the page's charts, as JSON values; None where there is no number.

    Charts refer to a scorer by its index in the list ``scorers``, and to a protein by its index in
    the list ``proteins``.
    """
    names = scorer_names(run)
    places = {name: place for place, name in enumerate(names)}
    ids = pd.Index(run.proteins["protein"].astype(str).unique())
    n_points = _per_line(run.curves, [*GROUP, "scorer", "curve"], CURVE_BUDGET)
    n_points = min(max(n_points, MIN_CURVE_POINTS), MAX_CURVE_POINTS)
    n_dots = _per_line(run.proteins, [*GROUP, "scorer"], SCATTER_BUDGET)
    n_dots = min(max(n_dots, MIN_SCATTER_POINTS), MAX_SCATTER_POINTS)
    all_groups = groups(run.summary)
    results, differences, curves, proteins = (
        by_group(frame, all_groups)
        for frame in (run.results, run.differences, run.curves, run.proteins)
    )
    return {
        "scorers": scorers(run),
        "reference": places.get(run.description.reference),
        "metrics": [_metric(name) for name in metrics(run.summary)],
        "proteins": list(ids),
        "groups": [
            {
                "critic": group.critic,
                "pairs": group.pairs,
                "non_pairs": group.non_pairs,
                "prevalence": _value(mean_prevalence(results[group])),
                "differences": _differences(differences[group], places),
                **_curves(curves[group], places, n_points),
                "proteins": _scatters(proteins[group], places, ids, n_dots),
            }
            for group in all_groups
        ],
        "history": _histories(run.history, places),
    }


def scorer_names(run: ComparisonRun) -> list[str]:
    """All scorers of all tables: models in the order of the summary, then baselines."""
    is_baseline = run.summary["kind"] == BASELINE
    columns = (
        run.summary.loc[~is_baseline, "scorer"],
        run.summary.loc[is_baseline, "scorer"],
        *(frame["scorer"] for frame in (run.differences, run.curves, run.proteins)),
        run.history["objective"],
    )
    names = itertools.chain.from_iterable(column.unique() for column in columns)
    return [str(name) for name in dict.fromkeys(names)]


def scorers(run: ComparisonRun) -> list[Chart]:
    """Label and style of each scorer, in the order of ``scorer_names``.

    An ensemble has the style of its model, with a bolder line.
    """
    kinds = dict(zip(run.summary["scorer"], run.summary["kind"], strict=True))
    styles = scorer_styles(scorer_names(run))
    found = []
    for name, style in styles.items():
        kind = str(kinds.get(name, MODEL))
        member = name.rpartition(" ")[0]
        is_ensemble = kind not in (MODEL, BASELINE)
        found.append(_scorer(name, kind, styles.get(member, style) if is_ensemble else style))
    return found


def thinned(n: int, most: int) -> np.ndarray:
    """Choose at most ``most`` of ``n`` positions, evenly and with both ends."""
    return np.linspace(0, n - 1, min(n, most)).round().astype(int)


def running_mean(degrees: np.ndarray, aurocs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Running mean of AUROC over degree; a window holds a tenth of the points, at least 15.

    Each point counts with the mean AUROC of its degree, so that the order of points of one degree
    has no effect.

    Returns:
        The degree of each window (a mean of log(1 + degree), turned back into a degree), and its
        mean AUROC. Both are empty if there are fewer points than a window holds.
    """
    order = np.argsort(degrees, kind="stable")
    distinct, places, counts = np.unique(degrees, return_inverse=True, return_counts=True)
    of_degree = np.bincount(places, weights=aurocs) / counts if len(distinct) else aurocs
    width = max(MIN_WINDOW, math.ceil(WINDOW_SHARE * len(degrees)))
    at, mean = (_moving(values[order], width) for values in (np.log1p(degrees), of_degree[places]))
    return np.expm1(at), mean


def on_dark(colour: str) -> str:
    """Mix a colour with white until its contrast with the dark page is high enough."""
    channels = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
    for share in np.linspace(0, 1, 21):
        mixed = np.rint(channels + share * (255 - channels)).astype(int)
        if _contrast(mixed) >= MIN_CONTRAST:
            return "#" + "".join(f"{channel:02x}" for channel in mixed)
    return PALE


def _scorer(name: str, kind: str, style: ScorerStyle) -> Chart:
    on_off = () if isinstance(style.dashes, str) else style.dashes[1]
    return {
        "name": name,
        "label": scorer_label(name),
        "kind": kind,
        "width": {MODEL: 2.2, BASELINE: 1.6}.get(kind, 3.6),
        "light": style.colour.lower(),
        "dark": on_dark(style.colour),
        "dashes": list(on_off),
    }


def _metric(name: str) -> Chart:
    return {
        "name": name,
        "label": metric_label(name),
        "lower_is_better": name in LOWER_IS_BETTER,
    }


def _differences(frame: pd.DataFrame, places: Mapping[str, int]) -> list[Chart]:
    return [
        {
            "scorer": places[str(row["scorer"])],
            "reference": scorer_label(str(row["reference"])),
            "metric": row["metric"],
            **{name: _value(row[name]) for name in ("difference", "low", "high", "n")},
            "how": "" if pd.isna(row["how"]) else str(row["how"]),
        }
        for row in frame.to_dict(orient="records")
    ]


def _curves(frame: pd.DataFrame, places: Mapping[str, int], most: int) -> Chart:
    found: dict[str, list[Chart]] = {name: [] for name in (*LINE_CURVES, "scores")}
    for scorer, rows in frame.groupby("scorer", sort=False):
        place = {"scorer": places[str(scorer)]}
        lines = {curve: _line(points, most) for curve, points in rows.groupby("curve", sort=False)}
        for name in LINE_CURVES:
            if name in lines and lines[name]["x"]:
                found[name].append(place | lines[name])
        if all(name in lines and lines[name]["x"] for name in SCORE_CURVES):
            joint, non_pairs = (lines[name] for name in SCORE_CURVES)
            found["scores"].append(place | {"joint": joint, "non_pairs": non_pairs})
    return {name: _in_order(lines) for name, lines in found.items()}


def _line(frame: pd.DataFrame, most: int) -> Chart:
    """The points of a line from left to right, at most ``most`` of them."""
    columns = {name: frame[name].to_numpy(dtype=float) for name in POINT_COLUMNS}
    finite = np.flatnonzero(np.isfinite(columns["x"]) & np.isfinite(columns["y"]))
    drawn = finite[thinned(len(finite), most)]
    if len(drawn) and columns["x"][drawn[0]] > columns["x"][drawn[-1]]:
        drawn = drawn[::-1]
    given = [name for name in POINT_COLUMNS if name in "xy" or np.isfinite(columns[name]).any()]
    return {name: _values(columns[name][drawn]) for name in given}


def _scatters(
    frame: pd.DataFrame, places: Mapping[str, int], ids: pd.Index, most: int
) -> list[Chart]:
    frame = frame.loc[frame["auroc"].notna(), ["scorer", *SCATTER_COLUMNS]]
    frame = frame.assign(protein=ids.get_indexer(pd.Index(frame["protein"].astype(str))))
    return _in_order(
        {"scorer": places[str(scorer)]} | _scatter(rows, most)
        for scorer, rows in frame.groupby("scorer", sort=False)
    )


def _scatter(frame: pd.DataFrame, most: int) -> Chart:
    """One scorer's proteins: some as dots, all in the histogram and the running mean."""
    columns = {name: frame[name].to_numpy(dtype=float) for name in SCATTER_COLUMNS}
    aurocs = columns["auroc"]
    shares = np.histogram(aurocs, BINS, range=(0, 1))[0] / len(aurocs)
    placed = np.flatnonzero(np.isfinite(columns["degree"]))
    x, y = running_mean(columns["degree"][placed], aurocs[placed])
    means = thinned(len(x), MAX_MEAN_POINTS)
    by_degree = placed[np.argsort(columns["degree"][placed], kind="stable")]
    drawn = by_degree[thinned(len(by_degree), most)]
    return {
        "n": len(aurocs),
        "shares": _values(shares),
        "mean": _value(aurocs.mean()),
        "median": _value(np.median(aurocs)),
        "of_several_degrees": len(np.unique(columns["degree"][placed])) > 1,
        "running": {"x": _values(x[means]), "y": _values(y[means])},
        **{name: _values(values[drawn]) for name, values in columns.items()},
    }


def _histories(frame: pd.DataFrame, places: Mapping[str, int]) -> list[Chart]:
    """One line per training run, in the order of the table."""
    keys = ["critic", "objective", "split", "seed"]
    found = []
    for _, rows in frame.groupby(keys, sort=False, dropna=False):
        rows = rows.sort_values("epoch").iloc[thinned(len(rows), MAX_EPOCHS)]
        first = rows.iloc[0]
        line = {"critic": str(first["critic"]), "scorer": places[str(first["objective"])]}
        line |= {name: _value(first[name]) for name in ("split", "seed")}
        line |= {name: _values(rows[column]) for name, column in HISTORY_COLUMNS.items()}
        found.append(line)
    return found


def _in_order(lines: Iterable[Chart]) -> list[Chart]:
    return sorted(lines, key=lambda line: line["scorer"])


def _per_line(frame: pd.DataFrame, keys: list[str], budget: int) -> int:
    n_lines = len(frame[keys].drop_duplicates())
    return budget // max(n_lines, 1)


def _moving(values: np.ndarray, width: int) -> np.ndarray:
    """Means of every ``width`` consecutive values."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return (sums[width:] - sums[:-width]) / width


def _values(numbers: np.ndarray | pd.Series) -> list[float | int | None]:
    """Numbers with five decimals, finer than a pixel; None where there is no number."""
    numbers = np.asarray(numbers, dtype=float)
    rounded = np.where(np.isfinite(numbers), np.round(numbers, 5), np.nan)
    return [
        None if math.isnan(value) else int(value) if value.is_integer() else value
        for value in rounded.tolist()
    ]


def _value(number: object) -> float | int | None:
    return _values(np.array([number], dtype=float))[0]


def _contrast(channels: np.ndarray) -> float:
    """Contrast with the dark page as WCAG 2.2 defines it, from 1 to 21."""
    page = np.array([int(DARK_PAGE[place : place + 2], 16) for place in (1, 3, 5)])
    lighter, darker = (_luminance(colour) + 0.05 for colour in (channels, page))
    return lighter / darker


def _luminance(channels: np.ndarray) -> float:
    share = channels / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
