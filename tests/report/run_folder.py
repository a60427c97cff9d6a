"""A small run folder in the format of ``ppi-ratio compare``, with chosen numbers."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

CRITICS = ("separable", "bilinear")
TESTS = (("C2", "data set"), ("C2", "degree-matched"), ("C3", "degree-matched"))
CALIBRATION = {"ece": 0.2, "log_loss": 0.9, "calibration_slope": 0.36}
METRICS = ("auroc", "auprc", "per_protein_auroc", *CALIBRATION)
HOSTILE_IDS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror="document.title=1">',
    "%{x} <b>bold</b> &lt;i&gt; </script><!--",
)
N_PROTEINS = 60
REFERENCE = "infonce_anchor"


class Scorer(NamedTuple):
    name: str
    kind: str
    optimum: str
    auroc: float


SCORERS = (
    Scorer("degree", "baseline", "", 0.52),
    Scorer("cosine", "baseline", "", 0.58),
    Scorer("infonce_anchor", "model", "log r", 0.71),
    Scorer("infonce", "model", "log r + c(y)", 0.69),
    Scorer("nce", "model", "log r", 0.64),
    Scorer("nce ensemble", "ensemble", "log r", 0.66),
)


def tables() -> dict[str, pd.DataFrame]:
    """The six tables of a run of two splits and two seeds."""
    rng = np.random.default_rng(0)
    summary = pd.DataFrame(list(_summary()))
    return {
        "results": pd.DataFrame(list(_results())),
        "summary": summary,
        "differences": _differences(summary),
        "curves": pd.concat([_curves(*where) for where in _drawn()], ignore_index=True),
        "proteins": pd.concat([_proteins(*where, rng) for where in _drawn()], ignore_index=True),
        "history": pd.concat(list(_histories()), ignore_index=True),
    }


def description() -> dict[str, Any]:
    """The content of ``comparison.json``."""
    part = {"joint": 900, "non_pairs": 9000, "proteins": 300, "C1": 0, "C2": 800, "C3": 100}
    return {
        "title": "Yeast <em>pairs</em>",
        "created": "2026-11-22",
        "versions": {"ppi-ratio": "0.1.0", "torch": "2.6.0"},
        "reference": REFERENCE,
        "data": {
            "pairs": "yeast_pairs.tsv",
            "directed": False,
            "encoder": "esm2_bundled",
            "noise": "p(left) p(right)",
            "splits": [
                {
                    "number": number,
                    "kind": "protein",
                    "seed": number,
                    "parts": [{"part": name, **part} for name in ("train", "test")],
                    "leaks": [f"1 protein of test is in train, e.g. {HOSTILE_IDS[0]}"],
                    "dropped": {"protein without vector": 12},
                }
                for number in (0, 1)
            ],
        },
        "audit": {
            "verdict": "Read with care.",
            "checks": [
                {
                    "check": "self_pairs",
                    "count": 0,
                    "of": 9900,
                    "value": None,
                    "severity": "ok",
                    "examples": [],
                    "explanation": "none",
                },
                {
                    "check": "identity_auroc",
                    "count": None,
                    "of": None,
                    "value": 0.903,
                    "severity": "warning",
                    "examples": [HOSTILE_IDS[1]],
                    "explanation": "who is in a pair tells its label",
                },
            ],
        },
    }


def write(
    folder: Path,
    changed: dict[str, pd.DataFrame] | None = None,
    sheet: dict[str, Any] | None = None,
) -> Path:
    """Write the run, with some tables replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in (tables() | (changed or {})).items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "comparison.json").write_text(json.dumps(description() | (sheet or {})))
    (folder / "config.yaml").write_text("title: Yeast # </pre><script>alert(2)</script>\n")
    return folder


def _places() -> Iterator[tuple[str, Scorer, str, str]]:
    """Critic, scorer, pairs, non-pairs; baselines have no critic."""
    for (pairs, law), scorer in product(TESTS, SCORERS):
        for critic in ("",) if scorer.kind == "baseline" else CRITICS:
            yield critic, scorer, pairs, law


def _drawn() -> list[tuple[str, Scorer, str, str]]:
    """All places except C2 of the bilinear critic, so that its group can only draw baselines."""
    return [place for place in _places() if (place[0], place[2]) != ("bilinear", "C2")]


def _mean(critic: str, scorer: Scorer, pairs: str, metric: str) -> float:
    lower = 0.02 * (pairs == "C3") + 0.03 * (critic == "bilinear")
    return CALIBRATION.get(metric, 0.0) + (
        lower - scorer.auroc if metric in ("ece", "log_loss") else scorer.auroc - lower
    )


def _row(critic: str, scorer: Scorer, pairs: str, law: str, metric: str) -> dict[str, Any]:
    return {
        "critic": critic,
        "scorer": scorer.name,
        "kind": scorer.kind,
        "optimum": scorer.optimum,
        "pairs": pairs,
        "non_pairs": law,
        "metric": metric,
    }


def _measured() -> Iterator[tuple[dict[str, Any], float]]:
    for (critic, scorer, pairs, law), metric in product(_places(), METRICS):
        if scorer.kind != "baseline" or metric not in CALIBRATION:
            yield (
                _row(critic, scorer, pairs, law, metric),
                _mean(critic, scorer, pairs, metric),
            )


def _summary() -> Iterator[dict[str, Any]]:
    for row, mean in _measured():
        n = 4 if row["kind"] == "model" else 2
        bounds = {"low": mean - 0.03, "high": mean + 0.03, "sd": 0.01, "n": n}
        yield row | {"mean": mean} | bounds | {"how": "t interval over splits"}


def _results() -> Iterator[dict[str, Any]]:
    for (row, mean), split in product(_measured(), (0, 1)):
        for seed in (0, 1) if row["kind"] == "model" else (-1,):
            value = mean + 0.01 * split
            yield row | {
                "split": split,
                "seed": seed,
                "value": value,
                "low": value - 0.04,
                "high": value + 0.04,
                "n_joint": 100 + split,
                "n_non_pairs": 100,
                "prevalence": 0.5,
            }


def _differences(summary: pd.DataFrame) -> pd.DataFrame:
    """Differences to the reference of the same critic; baselines are compared with every critic."""
    keys = ["pairs", "non_pairs", "metric"]
    is_reference = summary["scorer"] == REFERENCE
    reference = summary.loc[is_reference, ["critic", *keys, "mean"]]
    joined = summary.loc[~is_reference].merge(reference, on=keys, suffixes=("", "_reference"))
    is_shared = (joined["critic"] == "") | (joined["critic"] == joined["critic_reference"])
    joined = joined.loc[is_shared]
    gap = joined["mean"] - joined["mean_reference"]
    return joined.loc[:, ["scorer", *keys]].assign(
        critic=joined["critic_reference"],
        reference=REFERENCE,
        difference=gap,
        low=gap - 0.025,
        high=gap + 0.025,
        n=2,
        how="t interval over splits",
    )


def _curves(critic: str, scorer: Scorer, pairs: str, law: str) -> pd.DataFrame:
    false = np.linspace(0, 1, 40)
    true = false ** (1 / scorer.auroc - 1)
    points = [("roc", false, true), ("precision_recall", false[::-1], 1 - 0.5 * false[::-1])]
    shares = np.linspace(0.1, 0.9, 6)
    points.append(("reliability", shares, shares))
    bins = np.linspace(-3, 3, 21)
    if scorer.kind == "model":
        points += [
            (f"scores_{name}", bins, np.exp(-((bins - centre) ** 2)))
            for name, centre in (("joint", 0.5), ("non_pairs", -0.5))
        ]
    frames = [pd.DataFrame({"curve": name, "x": x, "y": y}) for name, x, y in points]
    if scorer.kind == "baseline":
        frames = frames[:2]
    frame = pd.concat(frames, ignore_index=True)
    is_bounded = frame["curve"] == "reliability"
    frame["low"] = np.where(is_bounded, frame["y"] - 0.05, np.nan)
    frame["high"] = np.where(is_bounded, frame["y"] + 0.05, np.nan)
    return _named(frame, critic, scorer, pairs, law)


def _proteins(
    critic: str, scorer: Scorer, pairs: str, law: str, rng: np.random.Generator
) -> pd.DataFrame:
    ids = [*HOSTILE_IDS, *(f"P{number:03d}" for number in range(N_PROTEINS - len(HOSTILE_IDS)))]
    frame = pd.DataFrame(
        {
            "protein": ids,
            "degree": np.arange(N_PROTEINS) if pairs == "C2" else 0,
            "n_joint": 3,
            "n_non_pairs": 4,
            "auroc": np.clip(rng.normal(scorer.auroc, 0.2, N_PROTEINS), 0, 1),
        }
    )
    return _named(frame, critic, scorer, pairs, law)


def _named(frame: pd.DataFrame, critic: str, scorer: Scorer, pairs: str, law: str) -> pd.DataFrame:
    return frame.assign(
        critic=critic, scorer=scorer.name, kind=scorer.kind, pairs=pairs, non_pairs=law
    )


def _histories() -> Iterator[pd.DataFrame]:
    names = [scorer.name for scorer in SCORERS if scorer.kind == "model"]
    epochs = np.arange(6)
    for critic, name, split, seed in product(CRITICS, names, (0, 1), (0, 1)):
        yield pd.DataFrame(
            {
                "critic": critic,
                "objective": name,
                "split": split,
                "seed": seed,
                "epoch": epochs,
                "training_loss": 5 - 0.1 * epochs,
                "validation_loss": np.where(epochs == 0, np.nan, 5.2 - 0.05 * epochs),
            }
        )
