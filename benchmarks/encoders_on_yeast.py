"""The bundled encoder beside random weights, conjoint triad and any given vectors -> AUROC.

The shipped yeast interactions, several splits by protein, the critic and the settings of the
demo, InfoNCE-anchor; C2 and C3 pairs of the test with degree-matched and with the table's own
non-pairs.

    python benchmarks/encoders_on_yeast.py --out runs/encoders \
        --results benchmarks/results/encoders_on_yeast.tsv --vectors unirep=vectors/unirep_yeast.h5
"""

from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
import typer
from esm.model.esm2 import ESM2
from rich.console import Console

from data_prep.pretrain_bundled_encoder import Shape, write_checkpoint
from ppi_ratio.cli.demo import CRITIC
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation import evaluate
from ppi_ratio.examples import YEAST_FASTA, YEAST_PAIRS
from ppi_ratio.io.tables import write_table
from ppi_ratio.model.fitting import Recipe
from ppi_ratio.pairs import read_pairs, split_by_protein
from ppi_ratio.runs.embedding import embed_file
from ppi_ratio.runs.training import train_run
from ppi_ratio.sequences import read_fasta
from ppi_ratio.training.settings import TrainerSettings


def main(
    out: Annotated[Path, typer.Option(help="Folder for vectors and runs.")],
    results: Annotated[Path, typer.Option(help="Table to write.")],
    vectors: Annotated[
        list[str] | None, typer.Option(metavar="NAME=FILE", help="Further vectors.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Number of splits and of models.")] = 5,
) -> None:
    """Train and evaluate missing models; write and print the table."""
    given = dict(each.split("=", 1) for each in vectors or [])
    sources = _own_vectors(out) | {
        name: Embeddings.read(path, encoder=name) for name, path in given.items()
    }
    pairs = read_pairs(YEAST_PAIRS, directed=False)
    tables = []
    for seed in range(seeds):
        split = split_by_protein(pairs, test_fraction=0.2, validation_fraction=0.1, seed=seed)
        for name, source in sources.items():
            run = out / f"{name}_{seed}"
            recipe = Recipe.of(split, source, critic=CRITIC, trainer=TrainerSettings(), seed=seed)
            model = train_run(recipe, run)
            table = evaluate(model, split.test, source, known=pairs.joint)
            tables.append(table[table["kind"] == "model"].assign(vectors=name))
    summary = _summarise(pd.concat(tables))
    write_table(summary, results)
    Console().print(summary.to_string(index=False, float_format="%.3f"))


def _own_vectors(out: Path) -> dict[str, Embeddings]:
    proteins = read_fasta(YEAST_FASTA)
    out.mkdir(parents=True, exist_ok=True)
    random = out / "random_weights.pt"
    if not random.exists():
        torch.manual_seed(0)
        shape = Shape()
        write_checkpoint(ESM2(shape.layers, shape.dim, shape.heads), shape, random)
    encoders = {
        "esm2_bundled": "esm2_bundled",
        "random weights": str(random),
        "conjoint_triad": "conjoint_triad",
    }
    return {
        name: embed_file(proteins, out / f"{name.replace(' ', '_')}.h5", encoder=encoder)
        for name, encoder in encoders.items()
    }


def _summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation of the AUROC over seeds."""
    rows = table[table["metric"] == "auroc"]
    groups = rows.groupby(["pairs", "non_pairs", "vectors"], sort=False)["value"]
    columns = {"auroc": groups.mean(), "sd": groups.std(), "seeds": groups.count()}
    return pd.DataFrame(columns).reset_index()


if __name__ == "__main__":
    typer.run(main)
