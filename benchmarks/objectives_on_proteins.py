"""Every objective on one experiment's split, several seeds -> tidy results and a summary.

Equal terms: same critic, trainer settings and seeds, each stopped by its own held-out objective.
The test part is opened once, when all models are trained. Stop it and start it again at will.

    python benchmarks/objectives_on_proteins.py configs/human/gold_standard.yaml \
        --out runs/gold_standard --results benchmarks/results/gold_standard
"""

import dataclasses
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from ppi_ratio.config import read_experiment
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation import evaluate
from ppi_ratio.fitting import fit
from ppi_ratio.objectives import OBJECTIVES
from ppi_ratio.report.figures import interval_figure, save_figure
from ppi_ratio.tables import write_table

COMPARED = ("infonce_anchor", "infonce", "infonce_symmetric", "nce")


def main(
    config: Annotated[Path, typer.Argument(help="Experiment; its objective and seed are varied.")],
    out: Annotated[Path, typer.Option(help="Folder of the runs.")],
    results: Annotated[Path, typer.Option(help="Stem of the tables to write.")],
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"Objectives to compare: {', '.join(COMPARED)} if not given."),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Number of seeds.")] = 5,
) -> None:
    """Train what is missing, evaluate everything, write and print the tables."""
    experiment = read_experiment(config)
    vectors = Embeddings.read(experiment.embeddings, encoder=experiment.encoder)
    split = experiment.split.read()
    models = [
        fit(
            split,
            vectors,
            critic=experiment.critic,
            objective=OBJECTIVES[name](),
            seed=seed,
            run=out / f"{name}_{seed}",
            **dataclasses.asdict(experiment.trainer),
        )
        for seed in range(seeds)
        for name in only or COMPARED
    ]
    table = evaluate(models, split.test, vectors)
    write_table(table, results.with_suffix(".tsv"))
    summary = summarise(table)
    write_table(summary, results.with_name(results.name + "_summary.tsv"))
    first = table[table["seed"] == 0]
    save_figure(interval_figure(pd.DataFrame(first)), results.with_suffix(".png"))
    Console().print(summary.to_string(index=False, float_format="%.4f"))


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over seeds, in the order of the table."""
    groups = ["pairs", "non_pairs", "metric", "kind", "scorer"]
    values = table.groupby(groups, sort=False)["value"]
    columns = {
        "mean": values.mean(),
        "sd": values.std(),
        "min": values.min(),
        "max": values.max(),
        "seeds": values.count(),
    }
    return pd.DataFrame(columns).reset_index()


if __name__ == "__main__":
    typer.run(main)
