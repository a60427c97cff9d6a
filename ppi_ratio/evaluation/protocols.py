"""A model and labelled or unlabelled pairs -> a tidy table: metrics with intervals and baselines.

Each row of the table is one scorer (the model or a baseline), one class of pairs, one law of
non-pairs and one metric. Pair classes are those of Park & Marcotte (2012): C1 both proteins were
in training, C2 one, C3 none; they are never pooled unless labelled ``all``.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.evaluation.baseline_groups import baseline_scores
from ppi_ratio.evaluation.baselines import BASELINES
from ppi_ratio.evaluation.groups import (
    MIN_OF_EACH,
    LabelledPairs,
    all_rows,
    interactions,
    labelled_groups,
    log_ratios,
)
from ppi_ratio.evaluation.metrics import UndefinedMetricError, interval, metrics_for
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.pairs import CLASSES, PairTable, Split

logger = logging.getLogger(__name__)

MISSED = ("auroc", "auprc", "per_protein_auroc")  # say so where one of these is undefined


def evaluate(
    model: RatioModel | Sequence[RatioModel],
    pairs: PairTable,
    vectors: Embeddings,
    *,
    known: PairTable | None = None,
    training: PairTable | None = None,
    validation: PairTable | None = None,
    renormalise: bool = False,
    seed: int = 0,
    progress: bool = False,
) -> pd.DataFrame:
    """Judge a model on pairs it was not trained on, with baselines beside it.

    Args:
        model: a trained model, or several of one split to stand beside each other.
        pairs: test pairs; their own non-pairs are used if they are labelled. Degree-matched
            non-pairs are drawn besides, so that knowing which proteins are popular is no help.
        vectors: from the model's encoder.
        known: further joint pairs that may not be drawn as non-pairs.
        training: the pairs that the model learned from, to show what baselines learn from the
            same vectors of them. Its joint pairs, and those of ``validation``, count as known.
        validation: the pairs that it was chosen by, if it learned anew from them too
            (``trainer.refit``); baselines then learn from both.
        renormalise: make the mean ratio one over pairs drawn from the marginals of each group, as
            ``RatioModel.score`` does; it moves calibration only.
        seed: of the drawn non-pairs, and of that noise.
        progress: show a bar while baselines learn.

    Returns:
        Columns scorer, kind (model or baseline), pairs (C1, C2, C3 or all), non_pairs (data set
        or degree-matched), metric, value, low, high (95 % interval), n_joint, n_non_pairs,
        prevalence and seed. Classes with fewer than ten joint pairs or non-pairs are left out.

    Raises:
        ConfigError: if ``validation`` is given without ``training``, or for a model that did not
            learn from it.
        ProvenanceError: if the vectors are of another encoder or of none of the pairs, or
            ``training`` and ``validation`` are not what the model learned from.
        ValueError: if the pairs are directed otherwise than the model's, or the models learned
            from different pairs.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> split = pr.split_by_protein(pairs, test_fraction=0.3, validation_fraction=0.2, seed=0)
        >>> few_epochs = pr.TrainerSettings(max_epochs=5)
        >>> model = pr.fit(split, vectors, trainer=few_epochs, progress=False)
        >>> table = pr.evaluate(model, split.test, vectors, known=pairs)
        >>> auroc = table[(table["metric"] == "auroc") & (table["pairs"] == "C2")]
        >>> by_scorer = auroc.set_index("scorer")["value"]
        >>> bool(by_scorer["infonce_anchor"] > by_scorer["degree"])
        True
    """
    models = [model] if isinstance(model, RatioModel) else list(model)
    model = models[0]
    _check_models(models, pairs, vectors)
    if validation is not None and not model.card.trainer.refit:
        raise ConfigError(
            "validation pairs: the model learned from its training pairs alone (trainer.refit was "
            "off), and so do baselines beside it; leave them out"
        )
    known = all_rows(known, interactions(training, validation))
    training, held_apart = _learned(training, validation, pairs)
    if training is not None:
        training = training.restrict_to(vectors.index)[0]
        _check_training(model, training)
    pairs = _with_vectors(pairs, vectors)
    bar = partial(track, disable=not progress, console=Console(stderr=True))
    seen = model.training_proteins.among(pairs.ids, vectors)
    groups = labelled_groups(pairs, seen=seen, known=known, seed=seed)
    if known is None and any(group.pairs == CLASSES[0] for group in groups):
        logger.warning(
            "%s: among non-pairs drawn for pairs of two training proteins may be training pairs; "
            "give the training pairs, or all that is known",
            pairs.name,
        )
    baselines = {
        name: baseline_scores(
            name,
            groups,
            degrees=model.degrees,
            directed=model.card.directed,
            vectors=vectors,
            training=training,
            held_apart=held_apart,
        )
        for name in bar(BASELINES, "baselines")
    }
    rows = []
    for place, group in enumerate(groups):
        noise = group.noise(seed) if renormalise else None
        scored = [
            _Scores.of(each, log_ratios(each, group, vectors, noise=noise)) for each in models
        ]
        scored += [
            _Scores(name, "baseline", model.card.seed, found)
            for name, scores in baselines.items()
            if (found := scores[place]) is not None
        ]
        rows += _judge(scored, group, seed=seed)
    if not rows:
        raise InputError(
            f"{pairs.name}: no class of pairs has {MIN_OF_EACH} joint pairs and as many non-pairs; "
            "evaluation needs more"
        )
    return pd.DataFrame(rows)


class _Scores(NamedTuple):
    """Of one group by one scorer."""

    scorer: str
    kind: str
    seed: int
    scores: np.ndarray
    calibrated: bool = False

    @classmethod
    def of(cls, model: RatioModel, scores: np.ndarray) -> "_Scores":
        card = model.card
        return cls(card.objective.name, "model", card.seed, scores, model.gives_log_ratios)


def _check_models(models: Sequence[RatioModel], pairs: PairTable, vectors: Embeddings) -> None:
    if len({(each.card.split_hash, each.card.trainer.refit) for each in models}) > 1:
        raise ProvenanceError(
            "models of different splits, or with trainer.refit and without, have seen different "
            "proteins; evaluate apart"
        )
    models[0].check_direction(pairs)
    for each in models:
        each.check_vectors(vectors)


def _learned(
    training: PairTable | None, validation: PairTable | None, test: PairTable
) -> tuple[PairTable | None, frozenset[str]]:
    """What baselines learn from, and the proteins that a split held apart from the rest of it."""
    if validation is None:
        return training, frozenset()
    if training is None:
        raise ConfigError(
            "validation pairs: baselines learn from training pairs and them; give both"
        )
    split = Split.from_tables(train=training, validation=validation, test=test)
    return split.train_and_validation, split.held_apart


def _with_vectors(pairs: PairTable, vectors: Embeddings) -> PairTable:
    kept, missing = pairs.restrict_to(vectors.index)
    if missing and not len(kept):
        raise ProvenanceError(
            f"{pairs.name}: no pair has vectors for both proteins, e.g. none for "
            f"{vectors.index.example(missing)}; "
            f"give those of its ids ({vectors.ids[0]} is one that has a vector)"
        )
    if missing:
        logger.warning(
            "%s: %d proteins have no vector, e.g. %s; their pairs are left out",
            pairs.name,
            len(missing),
            vectors.index.example(missing),
        )
    return kept


def _check_training(model: RatioModel, training: PairTable) -> None:
    model.check_direction(training)
    theirs, ours = (
        pd.DataFrame({side: degrees[side] for side in (LEFT_DEGREE, RIGHT_DEGREE)})
        for degrees in (degree_table(training.joint), model.degrees)
    )
    names = model.training_proteins.named(theirs.index)
    theirs = pd.DataFrame(theirs.groupby(names).sum())
    both = theirs.index.union(ours.index)
    differ = theirs.reindex(both, fill_value=0) != ours.reindex(both, fill_value=0)
    if differ.to_numpy().any():
        name = differ.index[differ.any(axis=1)][0]
        from_both = model.card.trainer.refit
        raise ProvenanceError(
            f"{training.name}: not the pairs that the model learned from; {name} is in "
            f"{_degree(theirs, name)} of them and was in {_degree(ours, name)} then"
            + ("; it learned anew from training and validation pairs, give both" * from_both)
        )


def _degree(degrees: pd.DataFrame, name: str) -> int:
    return int(degrees.loc[name].max()) if name in degrees.index else 0


def _judge(
    scored: Iterable[_Scores], group: LabelledPairs, *, seed: int
) -> Iterator[dict[str, object]]:
    for scorer, kind, trained_with, scores, calibrated in scored:
        pairs = group.scored(scores)
        for name, make in metrics_for(calibrated=calibrated).items():
            try:
                found = interval(make(), pairs, seed=seed)
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
                "n_joint": pairs.n_joint,
                "n_non_pairs": len(pairs) - pairs.n_joint,
                "prevalence": pairs.prevalence,
                "seed": trained_with,
            }
