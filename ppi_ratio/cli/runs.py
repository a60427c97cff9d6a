"""Run folders: an experiment -> model and logs; a model and test pairs -> results and figures."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError
from ppi_ratio.evaluation.groups import all_rows, interactions, labelled_groups, log_ratios
from ppi_ratio.evaluation.metrics import roc_curve
from ppi_ratio.evaluation.protocols import evaluate
from ppi_ratio.information import Information, mutual_information
from ppi_ratio.io.atomic import claimed, remove, replacing
from ppi_ratio.io.tables import check_table_name, write_table
from ppi_ratio.model.fitting import fit
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.pairs import PairTable, read_pairs
from ppi_ratio.report.console import print_information, print_results
from ppi_ratio.report.figures import (
    check_figure_name,
    interval_figure,
    roc_figure,
    save_figure,
    score_histogram,
    training_figure,
)
from ppi_ratio.report.information_figures import information_figure
from ppi_ratio.runtime.sharding import Shard
from ppi_ratio.settings.experiment import Experiment, as_yaml

CONFIG_FILE = "config.yaml"


def run_experiment(experiment: Experiment, folder: Path) -> RatioModel:
    """Train as the experiment says, into ``folder``; a finished run is only read.

    Raises:
        ConfigError: if ``folder`` holds another experiment.
        InUseError: if another process runs it.
    """
    leads = Shard.from_environment().number == 0  # of the processes of torchrun or srun
    with claimed(folder) if leads else nullcontext():
        return _run(experiment, folder, leads=leads)


def _run(experiment: Experiment, folder: Path, *, leads: bool) -> RatioModel:
    resolved = as_yaml(experiment)
    config = folder / CONFIG_FILE
    if config.exists() and config.read_text(encoding="utf-8") != resolved:
        raise ConfigError(
            f"{folder} holds the run of another configuration ({config}); choose another --out"
        )
    vectors = Embeddings.read(experiment.embeddings, encoder=experiment.encoder)
    parts = experiment.split.read()
    if leads:
        with replacing(config) as path:
            path.write_text(resolved, encoding="utf-8")
    try:
        model = fit(
            parts,
            vectors,
            critic=experiment.critic,
            objective=experiment.objective,
            seed=experiment.seed,
            run=folder,
            **asdict(experiment.trainer),
        )
    except ValueError:
        if leads and list(folder.iterdir()) == [config]:
            remove(folder)  # what cannot be learned from leaves nothing behind
        raise
    if leads:
        figure = training_figure({experiment.objective.name: model.history})
        save_figure(figure, folder / "training.png")
    return model


def evaluate_model(
    model: RatioModel,
    pairs_path: Path,
    vectors: Embeddings,
    *,
    known: Path | None,
    training: Path | None,
    validation: Path | None,
    renormalise: bool,
    out: Path | None,
    seed: int,
) -> pd.DataFrame:
    """Evaluate, print the results, and write them with figures to ``out``."""
    directed = model.card.directed
    pairs = read_pairs(pairs_path, directed=directed)
    known_pairs, learned, chosen_by = (
        read_pairs(path, directed=directed) if path else None
        for path in (known, training, validation)
    )
    with claimed(out) if out is not None else nullcontext():
        results = evaluate(
            model,
            pairs,
            vectors,
            known=known_pairs,
            training=learned,
            validation=chosen_by,
            renormalise=renormalise,
            seed=seed,
            progress=True,
        )
        how = ", renormalised" if renormalise else ""
        print_results(results, title=f"{pairs.name}: {model.card.objective.name}{how}")
        if out is not None:
            write_table(results, out / "results.parquet")
            save_figure(interval_figure(results), out / "auroc.png")
            draw_scores(
                model,
                pairs,
                vectors,
                out,
                known=all_rows(known_pairs, interactions(learned, chosen_by)),
                renormalise=renormalise,
                seed=seed,
            )
    return results


def measure_information(
    model: RatioModel,
    pairs_path: Path,
    vectors: Embeddings,
    *,
    training: Path | None,
    out: Path | None,
    figure: Path | None,
    seed: int,
) -> Information:
    """Measure mutual information, print it with its verdict, and write it to ``out``."""
    if out is not None:
        check_table_name(out)
    if figure is not None:
        check_figure_name(figure)
    card = model.card
    self_pairs = "keep" if card.noise.self_pairs == "kept" else "drop"
    pairs = read_pairs(pairs_path, directed=card.directed, self_pairs=self_pairs)
    learned = (
        read_pairs(training, directed=card.directed, self_pairs=self_pairs) if training else None
    )
    found = mutual_information(model, pairs, vectors, seed=seed, training=learned)
    print_information(found.frame, title=f"{pairs.name}: {card.objective.name}")
    print(found.verdict)
    if out is not None:
        write_table(found.frame, out)
    if figure is not None:
        save_figure(information_figure(found), figure)
    return found


def draw_scores(
    model: RatioModel,
    pairs: PairTable,
    vectors: Embeddings,
    folder: Path,
    *,
    known: PairTable | None = None,
    renormalise: bool = False,
    seed: int = 0,
) -> None:
    """ROC curves per group of pairs, and the scores of its largest group, as ``PNG``."""
    with_vectors, _ = pairs.restrict_to(vectors.index)
    seen = model.training_proteins.among(with_vectors.ids, vectors)
    groups = labelled_groups(with_vectors, seen=seen, known=known, seed=seed)
    scored = {}
    for group in groups:
        noise = group.noise(seed) if renormalise else None
        scored[group.name] = group.scored(log_ratios(model, group, vectors, noise=noise))
    save_figure(
        roc_figure({name: roc_curve(part) for name, part in scored.items()}), folder / "roc.png"
    )
    largest = max(scored.values(), key=len)
    by_label = {
        "joint": largest.scores[largest.labels],
        "non-pairs": largest.scores[~largest.labels],
    }
    save_figure(score_histogram(by_label), folder / "scores.png")
