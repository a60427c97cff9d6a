"""A model and labelled or unlabelled pairs -> a tidy table: metrics with intervals and baselines.

Each row of the table is one scorer (the model or a baseline), one class of pairs, one law of
non-pairs and one metric. Pair classes are those of Park & Marcotte (2012): C1 both proteins were
in training, C2 one, C3 none; they are never pooled unless labelled ``all``.
"""

import logging
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines import BaselineTask, Identity, IdPairs, applicable
from ppi_ratio.evaluation.groups import (
    DEGREE_MATCHED,
    MIN_OF_EACH,
    LabelledPairs,
    labelled_groups,
)
from ppi_ratio.evaluation.metrics import UndefinedMetricError, interval, metrics_for
from ppi_ratio.model import RatioModel
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairTable

logger = logging.getLogger(__name__)

MISSED = ("auroc", "auprc", "per_protein_auroc")  # say so where one of these is undefined


def evaluate(
    model: RatioModel | Sequence[RatioModel],
    pairs: PairTable,
    vectors: Embeddings,
    *,
    known: PairTable | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Judge a model on pairs it was not trained on, with baselines beside it.

    Args:
        model: a trained model, or several of one split to stand beside each other.
        pairs: test pairs; their own non-pairs are used if they are labelled. Degree-matched
            non-pairs are drawn besides, so that knowing which proteins are popular is no help.
        vectors: from the model's encoder.
        known: further joint pairs that may not be drawn as non-pairs.
        seed: of the drawn non-pairs.

    Returns:
        Columns scorer, kind (model or baseline), pairs (C1, C2, C3 or all), non_pairs (data set
        or degree-matched), metric, value, low, high (95 % interval), n_joint, n_non_pairs,
        prevalence and seed. Classes with fewer than ten joint pairs or non-pairs are left out.

    Raises:
        StageError: if the vectors are of another encoder.
        ValueError: if the pairs are directed otherwise than the model's, or the models learned
            from different pairs.
    """
    models = [model] if isinstance(model, RatioModel) else list(model)
    model = models[0]
    if len({each.card.split_hash for each in models}) > 1:
        raise ValueError("models of different splits have seen different proteins; evaluate apart")
    model.check_direction(pairs)
    for each in models:
        each.check_vectors(vectors)
    pairs, missing = pairs.restrict_to(vectors.ids)
    if missing:
        logger.warning(
            "%s: %d proteins have no vector, e.g. %s; their pairs are left out",
            pairs.name,
            len(missing),
            missing[0],
        )
    rows = [
        row
        for group in labelled_groups(pairs, seen=model.degrees.index, known=known, seed=seed)
        for row in _judge(models, group, vectors, seed=seed)
    ]
    if not rows:
        raise ValueError(
            f"{pairs.name}: no class of pairs has {MIN_OF_EACH} joint pairs and as many non-pairs; "
            "evaluation needs more"
        )
    return pd.DataFrame(rows)


def _judge(
    models: Sequence[RatioModel],
    group: LabelledPairs,
    vectors: Embeddings,
    *,
    seed: int,
) -> Iterator[dict[str, object]]:
    for scorer, kind, trained_with, scores in _scores(models, group, vectors):
        scored = group.scored(scores)
        for name, make in metrics_for(calibrated=kind == "model").items():
            try:
                found = interval(make(), scored, seed=seed)
            except UndefinedMetricError as error:
                if name in MISSED:
                    logger.warning("%s: %s", group.name, error)
                continue
            yield {
                "scorer": scorer,
                "kind": kind,
                "pairs": group.pairs,
                "non_pairs": group.non_pairs,
                "metric": name,
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "n_joint": scored.n_joint,
                "n_non_pairs": len(scored) - scored.n_joint,
                "prevalence": scored.prevalence,
                "seed": trained_with,
            }


def _scores(
    models: Sequence[RatioModel], group: LabelledPairs, vectors: Embeddings
) -> Iterator[tuple[str, str, int, np.ndarray]]:
    """Name, kind, training seed and scores of each model and each baseline."""
    frame = group.table.frame
    left, right = frame[LEFT].to_numpy(), frame[RIGHT].to_numpy()
    rows = vectors.rows(left), vectors.rows(right)
    for model in models:
        scores = model.scorer.score_rows(vectors, *rows)
        yield model.card.objective.name, "model", model.card.seed, scores
    task = BaselineTask(
        degrees=models[0].degrees,
        candidates=IdPairs(left, right),
        directed=models[0].card.directed,
        labels=frame[LABEL].to_numpy(),
        vectors=vectors,
    )
    for name, baseline in applicable(task).items():
        if isinstance(baseline, Identity) and group.non_pairs == DEGREE_MATCHED:
            continue  # matched labels even out exactly, and what is left out tells them apart
        yield name, "baseline", models[0].card.seed, baseline.score(task)
