"""The demo: split, embed, train, evaluate, screen and draw with the yeast data of the package."""

import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
from rich.console import Console

from ppi_ratio.cli.evaluating import draw_scores
from ppi_ratio.critics import Separable
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation import evaluate
from ppi_ratio.examples import YEAST_FASTA, YEAST_PAIRS
from ppi_ratio.io.lock import locked
from ppi_ratio.io.tables import write_table
from ppi_ratio.model.fitting import Recipe
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.objectives import OBJECTIVES
from ppi_ratio.pairs import LEFT, RIGHT, PairTable, Split, read_pairs, split_by_protein
from ppi_ratio.report.console import print_results
from ppi_ratio.report.figures import interval_figure, save_figure, training_figure
from ppi_ratio.runs.embedding import embed_file
from ppi_ratio.runs.training import train_run
from ppi_ratio.sequences import read_fasta
from ppi_ratio.training.settings import TrainerSettings

COMPARED = ("infonce_anchor", "infonce", "nce")
CRITIC = Separable(rank=64, hidden=(256,), dropout=0.3, input_dropout=0.1, symmetric=True)
N_SHOWN = 10


def run_demo(folder: Path, *, seed: int) -> pd.DataFrame:
    """Compare three objectives on unseen yeast proteins; write models, tables and figures.

    Returns:
        The tidy table of results, also in ``folder / "results.parquet"``.
    """
    with locked(folder):
        return _demo(folder, seed=seed)


def _demo(folder: Path, *, seed: int) -> pd.DataFrame:
    started = time.monotonic()
    console = Console()
    pairs = replace(read_pairs(YEAST_PAIRS, directed=False), name="yeast pairs of D-SCRIPT")
    console.print(f"[bold]Data[/]  {pairs.summary()}", highlight=False)
    split = split_by_protein(pairs, test_fraction=0.2, validation_fraction=0.1, seed=seed)
    console.print(f"[bold]Split[/]  by protein, seed {seed}")
    console.print(split.summary().to_string(), highlight=False)
    proteins = read_fasta(YEAST_FASTA).select(pairs.ids)
    vectors = embed_file(proteins, folder / "esm2_bundled.h5", encoder="esm2_bundled")
    console.print(
        f"[bold]Vectors[/]  {len(vectors):,} proteins, {vectors.provenance.describe()}",
        highlight=False,
    )
    models = {name: _train(name, split, vectors, folder, seed=seed) for name in COMPARED}
    results = evaluate(
        list(models.values()),
        split.test,
        vectors,
        known=pairs.joint,
        seed=seed,
    )
    write_table(results, folder / "results.parquet")
    print_results(results, title="Pairs of proteins unseen in training (C2: one, C3: both)")
    model = models[COMPARED[0]]
    _print_candidates(model, pairs, vectors, folder, console)
    save_figure(interval_figure(results), folder / "auroc.png")
    histories = {name: trained.history for name, trained in models.items()}
    save_figure(training_figure(histories), folder / "training.png")
    draw_scores(model, split.test, vectors, folder, seed=seed)
    minutes = (time.monotonic() - started) / 60
    console.print(f"Models, tables and figures are in [bold]{folder}[/] ({minutes:.1f} min).")
    return results


def _train(
    objective: str, split: Split, vectors: Embeddings, folder: Path, *, seed: int
) -> RatioModel:
    settings = OBJECTIVES[objective]()
    recipe = Recipe.of(
        split, vectors, critic=CRITIC, objective=settings, trainer=TrainerSettings(), seed=seed
    )
    return train_run(recipe, folder / objective)


def _print_candidates(
    model: RatioModel, pairs: PairTable, vectors: Embeddings, folder: Path, console: Console
) -> None:
    """The highest-scoring pairs that the data set does not list as interacting."""
    hits = model.screen(vectors, top_k=N_SHOWN, known=pairs.joint)
    ends = hits[[LEFT, RIGHT]].to_numpy()
    ends.sort(axis=1)
    hits = hits.loc[~pd.DataFrame(ends).duplicated().to_numpy()].head(100)
    write_table(hits, folder / "candidates.tsv")
    console.print(f"[bold]{N_SHOWN} highest-scoring unlisted pairs[/] (100 in candidates.tsv)")
    shown = hits.head(N_SHOWN)[[LEFT, RIGHT, "log_ratio", "probability", "pair_class"]]
    console.print(shown.to_string(index=False, float_format="%.3f"), highlight=False)
