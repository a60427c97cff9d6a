"""A model and labelled or unlabelled pairs -> a tidy table: metrics with intervals and baselines.

Each row of the table is one scorer (the model or a baseline), one class of pairs, one law of
non-pairs and one metric. Pair classes are those of Park & Marcotte (2012): C1 both proteins were
in training, C2 one, C3 none; they are never pooled unless labelled ``all``.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines import BASELINES, BaselineTask, Identity, IdPairs
from ppi_ratio.evaluation.metrics import METRICS, ScoredPairs, UndefinedMetricError, interval
from ppi_ratio.model import RatioModel
from ppi_ratio.pairs import (
    LABEL,
    LEFT,
    RIGHT,
    PairTable,
    draw_non_pairs_within_classes,
    labelled_table,
)

logger = logging.getLogger(__name__)

ALL = "all"
OWN_NON_PAIRS = "data set"
DEGREE_MATCHED = "degree-matched"
PAIR_CLASSES = ("C1", "C2", "C3")
MIN_OF_EACH = 10  # joint pairs and non-pairs below which a metric would be noise


@dataclass(frozen=True)
class LabelledPairs:
    """Joint pairs and non-pairs of one class, and the law that the non-pairs were drawn from."""

    pairs: str
    non_pairs: str
    table: PairTable


def evaluate(
    model: RatioModel | Sequence[RatioModel],
    pairs: PairTable,
    vectors: Embeddings,
    *,
    known: PairTable | None = None,
    n_resamples: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Judge a model on pairs it was not trained on, with baselines beside it.

    Args:
        model: a trained model, or several of one split to stand beside each other.
        pairs: test pairs; their own non-pairs are used if they are labelled. Degree-matched
            non-pairs are drawn besides, so that knowing which proteins are popular is no help.
        vectors: from the model's encoder.
        known: further joint pairs that may not be drawn as non-pairs.
        n_resamples: bootstrap samples of the proteins for each interval.
        seed: of the drawn non-pairs and the bootstrap.

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
        for group in _groups(model, pairs, known, seed=seed)
        for row in _judge(models, group, vectors, n_resamples=n_resamples, seed=seed)
    ]
    if not rows:
        raise ValueError(
            f"{pairs.name}: no class of pairs has {MIN_OF_EACH} joint pairs and as many non-pairs; "
            "evaluation needs more"
        )
    return pd.DataFrame(rows)


def labelled_groups(
    model: RatioModel, pairs: PairTable, known: PairTable | None = None, *, seed: int
) -> list[LabelledPairs]:
    """The sets of pairs that ``evaluate`` judges by, in its order."""
    return list(_groups(model, pairs, known, seed=seed))


def _groups(
    model: RatioModel, pairs: PairTable, known: PairTable | None, *, seed: int
) -> Iterator[LabelledPairs]:
    if pairs.is_labelled:
        yield from _by_class(model, pairs, OWN_NON_PAIRS)
    joint = pairs.joint
    drawn = draw_non_pairs_within_classes(
        joint,
        seen=model.degrees.index,
        law="degree_matched",
        per_joint=1,
        known=_union(joint, known),
        seed=seed,
    )
    yield from _by_class(model, labelled_table(joint, drawn), DEGREE_MATCHED)


def _by_class(model: RatioModel, table: PairTable, non_pairs: str) -> Iterator[LabelledPairs]:
    """The pairs of each class that is large enough, then all of them if there are several."""
    classes = model.pair_classes(table.frame[LEFT].to_numpy(), table.frame[RIGHT].to_numpy())
    parts = {name: table.select(classes == name) for name in PAIR_CLASSES}
    parts = {name: part for name, part in parts.items() if len(part)}
    if len(parts) > 1:
        parts[ALL] = table
    for name, part in parts.items():
        if min(len(part.joint), len(part.non_pairs)) >= MIN_OF_EACH:
            yield LabelledPairs(name, non_pairs, part)


def _judge(
    models: Sequence[RatioModel],
    group: LabelledPairs,
    vectors: Embeddings,
    *,
    n_resamples: int,
    seed: int,
) -> Iterator[dict[str, object]]:
    frame = group.table.frame
    left, right = frame[LEFT].to_numpy(), frame[RIGHT].to_numpy()
    labels = frame[LABEL].to_numpy()
    for scorer, kind, trained_with, scores in _scores(models, group, vectors):
        scored = ScoredPairs(left, right, labels, scores)
        for metric in METRICS.values():
            try:
                found = interval(metric(), scored, n_resamples=n_resamples, seed=seed)
            except UndefinedMetricError as error:
                logger.warning("%s, %s: %s", group.pairs, group.non_pairs, error)
                continue
            yield {
                "scorer": scorer,
                "kind": kind,
                "pairs": group.pairs,
                "non_pairs": group.non_pairs,
                "metric": metric().name,
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
    for name, baseline in BASELINES.items():
        if baseline is Identity and group.non_pairs != OWN_NON_PAIRS:
            continue  # matched labels even out exactly, and what is left out tells them apart
        yield name, "baseline", models[0].card.seed, baseline().score(task)


def _union(*tables: PairTable | None) -> PairTable:
    given = [table for table in tables if table is not None]
    rows = pd.concat([pd.DataFrame(table.frame[[LEFT, RIGHT]]) for table in given])
    return PairTable.from_rows(
        rows, directed=given[0].directed, name=given[0].name, self_pairs="keep"
    )
