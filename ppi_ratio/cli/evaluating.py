"""A model and test pairs -> results on the terminal, and a folder with results and figures."""

from contextlib import nullcontext
from pathlib import Path

import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.groups import (
    labelled_groups,
    log_ratios,
    union_of_interactions,
    union_of_pairs,
)
from ppi_ratio.evaluation.metrics import roc_curve
from ppi_ratio.evaluation.protocols import evaluate
from ppi_ratio.io.lock import locked
from ppi_ratio.io.tables import write_table
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.pairs import PairTable, read_pairs
from ppi_ratio.report.console import print_results
from ppi_ratio.report.figures import interval_figure, roc_figure, save_figure, score_histogram


def evaluate_model(
    model: RatioModel,
    pairs_path: Path,
    vectors: Embeddings,
    *,
    known: Path | None,
    training: Path | None,
    validation: Path | None,
    columns: str | None,
    renormalise: bool,
    out: Path | None,
    seed: int,
) -> pd.DataFrame:
    """Evaluate, print the results, and write them with figures to ``out``."""
    directed = model.card.directed
    pairs = read_pairs(pairs_path, directed=directed, columns=columns).named_as(vectors.index)
    known_pairs, learned, chosen_by = (
        read_pairs(path, directed=directed, columns=columns).named_as(vectors.index)
        if path
        else None
        for path in (known, training, validation)
    )
    vectors = model.scorer.usable(vectors, pairs.ids)
    with locked(out) if out is not None else nullcontext():
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
                known=union_of_pairs(known_pairs, union_of_interactions(learned, chosen_by)),
                renormalise=renormalise,
                seed=seed,
            )
    return results


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
    """Draw ``roc.png``, a ROC curve per group of pairs, and ``scores.png`` of the largest group."""
    with_vectors, _ = pairs.restrict_to(vectors.index)
    seen = model.training_proteins.among(with_vectors.ids, vectors)
    two_kinds = model.card.noise.kinds == "two"
    groups = labelled_groups(with_vectors, seen=seen, known=known, seed=seed, two_kinds=two_kinds)
    scored = {}
    for group in groups:
        noise = group.noise(seed) if renormalise else None
        scored[group.name] = group.scored(
            log_ratios(model, group, vectors, noise=noise),
            noise_is_all_pairs=model.card.noise.is_all_pairs,
        )
    save_figure(
        roc_figure({name: roc_curve(part) for name, part in scored.items()}), folder / "roc.png"
    )
    largest = max(scored.values(), key=len)
    by_label = {
        "interactions": largest.scores[largest.labels],
        "non-pairs": largest.scores[~largest.labels],
    }
    save_figure(score_histogram(by_label), folder / "scores.png")
