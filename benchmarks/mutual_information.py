"""Every objective, and peers, on laws with known mutual information -> tables and figures.

All objectives have the same critic, optimiser settings and samples. Finished cells are kept under
``--out``, so an interrupted run resumes. Tables and figures show all finished cells.

    python benchmarks/mutual_information.py COMMAND --out runs/mi --results benchmarks/results/mi

COMMAND is staircase, tasks, pointwise, weights or consistency. The command nre-c has no cells and
needs only ``--results``.
"""

import dataclasses
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import typer
from mi_figures import bias_figure, pointwise_figure, staircase_figure, weights_figure
from mi_peers import PEERS, available, in_batch_logits, sbi_nre_c_loss
from mi_staircase import (
    N_SAMPLES,
    NRE_C,
    OBJECTIVE,
    climb,
    step_by_step,
    summarise_staircase,
)
from rich.console import Console
from sklearn.metrics import roc_auc_score

from ppi_ratio.critics import Separable
from ppi_ratio.evaluation.metrics import paired_seed_difference
from ppi_ratio.io.atomic import replacing
from ppi_ratio.io.tables import write_table
from ppi_ratio.objectives import (
    OBJECTIVES,
    InfoNCEAnchor,
    PairScores,
)
from ppi_ratio.report.figures import save_figure
from ppi_ratio.runtime.progress import tracked
from ppi_ratio.synthetic import (
    BENCHMARK_TASKS,
    MIXTURE_TASKS,
    STAIRCASES,
    Stacked,
    Task,
    gaussian,
    shuffled,
    standardised,
    truncated,
)
from ppi_ratio.synthetic.samples import SAMPLE_TRAINER, learn_ratio

ALIASES = ("jensen_shannon", "gan_dime", "kliep", "kl_dime")
METHODS = [key for key in OBJECTIVES if key not in ALIASES]

TASK_CRITIC = Separable(rank=32, hidden=(128, 128), dropout=0, input_dropout=0)
HELD_OUT = 0.3
ESTIMATES = ("plug_in", "normalised", "per_right", "own")

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
Out = Annotated[Path, typer.Option(help="Folder of finished cells.")]
Results = Annotated[Path, typer.Option(help="Folder of tables and figures.")]
Only = Annotated[list[str] | None, typer.Option(help="Objectives and peers; all if not given.")]
Seeds = Annotated[int, typer.Option(help="Number of seeds.")]


@app.command()
def staircase(
    out: Out, results: Results, kind: str = "gaussian", only: Only = None, seed: int = 0
) -> None:
    """Fresh samples at 2, 4, 6, 8 and 10 bits in turn, 4,000 steps each, with one joint critic.

    sbi's NRE-C uses the batches and the critic of the other objectives. Peers that need a fixed
    sample get 5,000 pairs of every level.
    """
    peers = usable_peers()
    for method in only or [*METHODS, *peers]:
        path = out / "staircase" / f"{kind}_{method}_{seed}.parquet"
        if not path.exists():
            by_sample = method in peers and method != NRE_C
            curve = step_by_step(kind, method, seed) if by_sample else climb(kind, method, seed)
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as partial:
                curve.to_parquet(partial)
    paths = sorted((out / "staircase").glob(f"{kind}_*.parquet"))
    curves = pd.concat([pd.read_parquet(path) for path in paths])
    summary = summarise_staircase(curves)
    write_table(summary, results / f"staircase_{kind}.tsv")
    climbed = pd.DataFrame(curves[curves["method"].isin([*METHODS, NRE_C])])
    save_figure(staircase_figure(climbed), results / f"staircase_{kind}.png")
    show(summary)


@app.command()
def tasks(
    out: Out,
    results: Results,
    only: Only = None,
    seeds: Seeds = 3,
) -> None:
    """The 40 tasks of the Beyond-Normal benchmark, N = 5,000, with one fixed set of defaults."""
    cells = [
        (method, task, seed)
        for seed in range(seeds)
        for task in BENCHMARK_TASKS.values()
        for method in only or [*METHODS, *usable_peers()]
        if method not in PEERS or PEERS[method].admits(task.dim_x, task.dim_y)
    ]

    def estimate(method: str, task: Task, seed: int) -> dict[str, float]:
        x, y, log_ratio = task.sample(N_SAMPLES, np.random.default_rng(seed))
        x, y = standardised(x), standardised(y)
        if method in PEERS:
            return {"plug_in": PEERS[method](x, y, seed), "sample": float(log_ratio.mean())}
        held_out = round(HELD_OUT * N_SAMPLES)
        learned = learn_ratio(
            x[held_out:],
            y[held_out:],
            critic=TASK_CRITIC,
            objective=OBJECTIVE.validate_python({"name": method}),
            seed=seed,
        )
        estimates = learned.estimates(x[:held_out], y[:held_out])
        return dataclasses.asdict(estimates) | {"sample": float(log_ratio[:held_out].mean())}

    table = finished(out / "tasks", cells, estimate)
    write_table(table, results / "tasks.tsv")
    summary = summarise_tasks(table)
    write_table(summary, results / "tasks_summary.tsv")
    save_figure(bias_figure(table), results / "tasks.png")
    show(summary)


def usable_peers() -> list[str]:
    """The installed peers; print the others with the reason."""
    usable, missing = available()
    for name, reason in missing.items():
        Console(stderr=True).print(f"left out: {name} ({reason})")
    return list(usable)


def finished(
    folder: Path,
    cells: Iterable[tuple[str, Task, int]],
    estimate: Callable[[str, Task, int], Mapping[str, float | str]],
) -> pd.DataFrame:
    """Run unfinished cells; return one row per finished cell, also from earlier calls."""
    folder.mkdir(parents=True, exist_ok=True)
    for method, task, seed in tracked(list(cells), folder.name):
        path = folder / f"{method}__{task.name}__{seed}.json"
        if not path.exists():
            started = time.perf_counter()
            values = estimate(method, task, seed)
            row = {"method": method, "task": task.name, "seed": seed, "truth": task.information}
            row |= {**values, "seconds": time.perf_counter() - started}
            with replacing(path) as partial:
                partial.write_text(json.dumps(row))
    rows = pd.DataFrame([json.loads(path.read_text()) for path in folder.glob("*.json")])
    return rows.sort_values(["method", "task", "seed"], ignore_index=True)


def summarise_tasks(table: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute error and bias over tasks and seeds, in nats, best first.

    ``excess`` is the mean over tasks, with its 95 % interval, of the absolute error minus that of
    the plug-in of InfoNCE-anchor. Errors are means over seeds.
    """
    columns = [column for column in ESTIMATES if column in table]
    long = table.melt(["method", "task", "seed", "truth"], columns, "estimate", "value")
    error = long["value"] - long["truth"]
    rows = pd.DataFrame(long.assign(error=error, size=error.abs()).dropna())
    summary = rows.groupby(["method", "estimate"]).agg(
        mean_absolute_error=("size", "mean"),
        median_absolute_error=("size", "median"),
        largest_error=("size", "max"),
        bias=("error", "mean"),
        cells=("size", "count"),
    )
    by_task = rows.pivot_table("size", "task", ["method", "estimate"])
    anchor = by_task["infonce_anchor", "plug_in"].to_dict()
    excess = []
    for estimate in summary.index:
        sizes = by_task[estimate].dropna().to_dict()
        own = {task: anchor[task] for task in sizes}
        found = paired_seed_difference(sizes, own) if len(sizes) > 1 else None
        excess.append((found.value, found.low, found.high) if found else (math.nan,) * 3)
    summary[["excess", "low", "high"]] = excess
    return summary.reset_index().sort_values("mean_absolute_error")


@app.command()
def pointwise(out: Out, results: Results, only: Only = None, seeds: Seeds = 3) -> None:
    """Scores against the true log ratio on held-out samples of mixtures, N = 20,000."""
    mixtures = [MIXTURE_TASKS[name] for name in ("1v1-X-0.9", "3v1-concentric_gaussians-5")]
    cells = [
        (method, task, seed)
        for seed in range(seeds)
        for task in mixtures
        for method in only or METHODS
    ]

    def compare(method: str, task: Task, seed: int) -> dict[str, float]:
        generator = np.random.default_rng(seed)
        x, y, _ = task.sample(20_000, generator)
        learned = learn_ratio(
            x,
            y,
            critic=TASK_CRITIC,
            objective=OBJECTIVE.validate_python({"name": method}),
            seed=seed,
        )
        x, y, truth = task.sample(5000, generator)
        score = learned.log_ratio(x, y)
        if (task, seed) == (mixtures[0], 0):
            path = out / "pointwise" / f"{method}.npy"
            with replacing(path) as partial, partial.open("wb") as file:
                np.save(file, np.stack([truth, score]))
        return {
            "correlation": float(np.corrcoef(score, truth)[0, 1]),
            "rmse": float(np.sqrt(np.mean((score - truth) ** 2))),
            "plug_in": float(score.mean()),
        }

    table = finished(out / "pointwise", cells, compare)
    write_table(table, results / "pointwise.tsv")
    show(averaged(table, ["task", "method"], ["correlation", "rmse"]))
    examples = {path.stem: np.load(path) for path in sorted((out / "pointwise").glob("*.npy"))}
    save_figure(pointwise_figure(examples), results / "pointwise.png")


@app.command()
def weights(out: Out, results: Results, seeds: Seeds = 3) -> None:
    """The effect of the anchor's weight and the number of slots on estimate and AUROC."""
    cells = [
        (f"{beta} x {n_slots}", task, seed)
        for seed in range(seeds)
        for task in (STAIRCASES["gaussian"][bits] for bits in (2, 6))
        for n_slots in (1, 8, 63)
        for beta in (1 / n_slots, 0.1, 1.0, 10.0)
    ]
    cells = list(dict.fromkeys(cells))

    def estimate(setting: str, task: Task, seed: int) -> dict[str, float]:
        beta, n_slots = setting.split(" x ")
        generator = np.random.default_rng(seed)
        x, y, _ = task.sample(N_SAMPLES, generator)
        objective = InfoNCEAnchor(beta=float(beta), n_slots=int(n_slots))
        trainer = dataclasses.replace(SAMPLE_TRAINER, batch_size=64)
        learned = learn_ratio(
            x, y, critic=TASK_CRITIC, objective=objective, seed=seed, trainer=trainer
        )
        x, y, _ = task.sample(N_SAMPLES, generator)
        joint, noise = learned.log_ratio(x, y), learned.log_ratio(x, np.roll(y, 1, axis=0))
        labels = np.repeat([1, 0], N_SAMPLES)
        return dataclasses.asdict(learned.estimates(x, y)) | {
            "beta": float(beta),
            "n_slots": int(n_slots),
            "auroc": float(roc_auc_score(labels, np.concatenate([joint, noise]))),
        }

    table = finished(out / "weights", cells, estimate)
    write_table(table, results / "weights.tsv")
    save_figure(weights_figure(table), results / "weights.png")
    means = averaged(table, ["task", "n_slots", "beta"], ["plug_in", "normalised", "auroc"])
    show(means.sort_values(["task", "n_slots", "beta"]))


@app.command()
def consistency(out: Out, results: Results, only: Only = None, seeds: Seeds = 3) -> None:
    """No information in shuffled pairs, no more in a part, and twice as much in two copies.

    The checks of Song & Ermon (2020), arXiv 1910.06222, on a Gaussian law of 5 dimensions a side.
    """
    whole = gaussian(5, 1.0)
    laws = {"whole": whole, "part": truncated(whole, 2), "copies": Stacked((whole, whole))}
    names = {id(law): name for name, law in laws.items()}
    cells = [
        (method, task, seed)
        for seed in range(seeds)
        for task in laws.values()
        for method in only or METHODS
    ]

    def estimate(method: str, task: Task, seed: int) -> dict[str, float | str]:
        generator = np.random.default_rng(seed)
        objective = OBJECTIVE.validate_python({"name": method})
        x, y, _ = task.sample(N_SAMPLES, generator)
        new_x, new_y, _ = task.sample(N_SAMPLES, generator)
        learned = learn_ratio(x, y, critic=TASK_CRITIC, objective=objective, seed=seed)
        values: dict[str, float | str] = {"law": names[id(task)]}
        values["plug_in"] = learned.estimates(new_x, new_y).plug_in
        if task is whole:
            x, y = shuffled(x, y, generator)
            learned = learn_ratio(x, y, critic=TASK_CRITIC, objective=objective, seed=seed)
            new_x, new_y = shuffled(new_x, new_y, generator)
            values["shuffled"] = learned.estimates(new_x, new_y).plug_in
        return values

    table = finished(out / "consistency", cells, estimate)
    write_table(table, results / "consistency.tsv")
    plug_in = table.pivot_table("plug_in", ["method", "seed"], "law")
    ratios = pd.DataFrame(
        {
            "shuffled": table.pivot_table("shuffled", ["method", "seed"])["shuffled"],
            "part / whole": plug_in["part"] / plug_in["whole"],
            "copies / whole": plug_in["copies"] / plug_in["whole"],
        }
    )
    summary = ratios.groupby("method").agg(["mean", "std"]).round(4)
    summary.columns = [" ".join(column) for column in summary.columns]
    truth = laws["part"].information / whole.information
    write_table(
        summary.reset_index().assign(truth_of_part=truth), results / "consistency_summary.tsv"
    )
    show(summary.reset_index())


@app.command()
def nre_c(results: Results) -> None:
    """InfoNCE-anchor with nu = K/gamma against sbi's own NRE-C loss on equal draws."""
    rows = []
    for batch in (2, 16, 256):
        generator = torch.Generator().manual_seed(batch)
        matrix = 4 * torch.randn(batch, batch, generator=generator, dtype=torch.float64)
        for gamma in (0.5, 1.0, 100.0):
            anchor = InfoNCEAnchor(nu=(batch - 1) / gamma, both_directions=False)
            ours = anchor.loss(PairScores.in_batch(matrix)).item()
            theirs = sbi_nre_c_loss(in_batch_logits(matrix), gamma=gamma).item()
            rows.append({"batch": batch, "gamma": gamma, "ours": ours, "sbi": theirs})
    table = pd.DataFrame(rows)
    table = table.assign(difference=(table["ours"] - table["sbi"]).abs())
    write_table(table, results / "nre_c.tsv")
    Console(width=160).print(table.to_string(index=False, float_format="%.9f"))


def averaged(table: pd.DataFrame, groups: list[str], columns: list[str]) -> pd.DataFrame:
    """Means over seeds."""
    return table.pivot_table(columns, groups, aggfunc="mean", sort=False).reset_index()


def show(table: pd.DataFrame) -> None:
    """Print a whole table."""
    Console(width=160).print(table.to_string(index=False, float_format="%.3f"))


if __name__ == "__main__":
    app()
