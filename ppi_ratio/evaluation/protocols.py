"""A model and labelled or unlabelled pairs -> a tidy table: metrics with intervals and baselines.

Each row of the table is one scorer (the model or a baseline), one class of pairs, one law of
non-pairs and one metric. Pair classes are those of Park & Marcotte (2012). Of a C1 pair both
proteins were in training, of a C2 pair one protein, and of a C3 pair none. Only rows of the class
``all`` pool the classes.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import compress
from typing import NamedTuple

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings, usable
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.evaluation.baseline_groups import baseline_scores, too_few_to_learn
from ppi_ratio.evaluation.baselines import BASELINES
from ppi_ratio.evaluation.groups import (
    MIN_OF_EACH,
    LabelledPairs,
    labelled_groups,
    log_ratios,
    union_of_interactions,
    union_of_pairs,
)
from ppi_ratio.evaluation.metrics import UndefinedMetricError, interval, metrics_for
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.seen_pairs import learned_from, spelled_otherwise
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.pairs import CLASSES, PairTable, Split
from ppi_ratio.runtime.progress import tracked

logger = logging.getLogger(__name__)

WARN_IF_UNDEFINED = ("auroc", "auprc", "per_protein_auroc")


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
    """Evaluate a model, and baselines, on pairs that were not in training.

    Args:
        model: a trained model, or several models of one split to compare.
        pairs: test pairs. If they are labelled, their own non-pairs are used. Degree-matched
            non-pairs are drawn too; among these, knowing the popular proteins does not help.
        vectors: vectors from the model's encoder.
        known: further interactions that must not be drawn as non-pairs.
        training: the pairs that the model learned from; baselines learn from them too.
            Interactions of ``training`` and ``validation`` count as known.
        validation: the validation pairs, if the model was retrained on them (``trainer.refit``).
            Baselines then learn from both tables.
        renormalise: renormalise log ratios to a mean ratio of 1 over pairs drawn from the
            marginals of each group, as ``RatioModel.score`` does. Only calibration changes.
        seed: seed of the drawn non-pairs and of the pairs drawn to renormalise.
        progress: show a bar while baselines learn.

    Returns:
        Columns scorer, kind (model or baseline), pairs (C1, C2, C3 or all), non_pairs (data set
        or degree-matched), metric, value, low, high (95 % interval), n_joint, n_non_pairs,
        prevalence and seed. Classes with fewer than ten interactions or non-pairs are left out.

    Raises:
        ConfigError: if ``validation`` is given without ``training``, or for a model that was not
            retrained on it.
        InputError: if no class has enough pairs.
        ProvenanceError: if the vectors are of another encoder, or no pair has two vectors. Also
            if the model learned from other pairs than ``training`` and ``validation``, or the
            models learned from different pairs.
        ValueError: if the pairs are directed and the model is not, or the reverse.

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
            "validation pairs: the model learned from training pairs alone (trainer.refit was "
            "off), and baselines must do the same; leave the validation pairs out"
        )
    known = union_of_pairs(known, union_of_interactions(training, validation))
    training, held_apart = _baseline_training(training, validation, pairs)
    if training is not None:
        learned = usable(vectors, training.ids, outlying=True)
        left_out = [*learned.unusable]
        left_out = [*compress(left_out, ~model.training_proteins.seen(left_out))]
        known_to_model = np.setdiff1d(np.array(vectors.ids, dtype=object), left_out)
        _check_training(model, training.restrict_to(known_to_model)[0])
        training = training.restrict_to(learned.index)[0].sorted()
    vectors = model.scorer.usable(vectors, pairs.ids)
    pairs = _with_vectors(pairs, vectors)
    for said in (
        learned_from(model, pairs, training),
        spelled_otherwise(model, pairs.ids, vectors),
    ):
        if said:
            logger.warning("%s: %s", pairs.name, said)
    if training is not None and (said := too_few_to_learn(BASELINES, training, vectors)):
        logger.warning("%s", said)
    bar = partial(tracked, shown=progress)
    seen = model.training_proteins.among(pairs.ids, vectors)
    two_kinds = model.card.noise.kinds == "two"
    groups = labelled_groups(pairs, seen=seen, known=known, seed=seed, two_kinds=two_kinds)
    _warn_of_two_kinds(model, pairs, known)
    if known is None and any(group.pairs == CLASSES[0] for group in groups):
        logger.warning(
            "%s: non-pairs drawn among training proteins may be training interactions; "
            "give the training pairs, or all known interactions",
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
        for name in bar(list(BASELINES), "baselines")
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
            f"{pairs.name}: no class of pairs has {MIN_OF_EACH} interactions and {MIN_OF_EACH} "
            "non-pairs; evaluation needs more pairs"
        )
    return pd.DataFrame(rows)


class _Scores(NamedTuple):
    """Scores of one group by one scorer."""

    scorer: str
    kind: str
    seed: int
    scores: np.ndarray
    calibrated: bool = False
    noise_is_all_pairs: bool = True

    @classmethod
    def of(cls, model: RatioModel, scores: np.ndarray) -> "_Scores":
        card = model.card
        return cls(
            card.objective.name,
            "model",
            card.seed,
            scores,
            model.gives_log_ratios,
            card.noise.is_all_pairs,
        )


def _check_models(models: Sequence[RatioModel], pairs: PairTable, vectors: Embeddings) -> None:
    if len({(each.card.split_hash, each.card.trainer.refit) for each in models}) > 1:
        raise ProvenanceError(
            "the models learned from different pairs (another split, or another trainer.refit); "
            "evaluate each model by itself"
        )
    models[0].check_direction(pairs)
    for each in models:
        each.check_vectors(vectors)


def _warn_of_two_kinds(model: RatioModel, pairs: PairTable, known: PairTable | None) -> None:
    every = union_of_interactions(pairs, known)
    kinds = None if every is None else every.kinds
    if kinds is not None and model.card.noise.kinds == "two":
        logger.warning("%s: %s", pairs.name, kinds.advice())
    elif model.card.noise.kinds == "two":
        logger.warning(
            "%s: the model learned from pairs of two kinds of proteins, and these pairs are too "
            "few to tell the kinds apart: non-pairs may be of one kind; give the training pairs "
            "or all known interactions too",
            pairs.name,
        )


def _baseline_training(
    training: PairTable | None, validation: PairTable | None, test: PairTable
) -> tuple[PairTable | None, frozenset[str]]:
    """The pairs that baselines learn from, and the proteins that the split held apart."""
    if validation is None:
        return training, frozenset()
    if training is None:
        raise ConfigError(
            "validation pairs: baselines learn from training and validation pairs together; "
            "give the training pairs too"
        )
    split = Split.from_tables(train=training, validation=validation, test=test)
    return split.train_and_validation, split.held_apart


def _with_vectors(pairs: PairTable, vectors: Embeddings) -> PairTable:
    kept, missing = pairs.restrict_to(vectors.index)
    if missing and not len(kept):
        raise ProvenanceError(
            f"{pairs.name}: no pair has vectors for both proteins, e.g. none for "
            f"{vectors.index.told(missing, 'the vectors')}; give pairs of the ids in the vectors"
        )
    if missing:
        logger.warning(
            "%s: pairs of %d proteins without a vector are left out, e.g. of %s",
            pairs.name,
            len(missing),
            vectors.index.told(missing, "the vectors"),
        )
    return kept


def _check_training(model: RatioModel, training: PairTable) -> None:
    model.check_direction(training)
    given, learned = (
        pd.DataFrame({side: degrees[side] for side in (LEFT_DEGREE, RIGHT_DEGREE)})
        for degrees in (degree_table(training.joint), model.degrees)
    )
    names = model.training_proteins.named(given.index)
    given = pd.DataFrame(given.groupby(names).sum())
    every = given.index.union(learned.index)
    differ = given.reindex(every, fill_value=0) != learned.reindex(every, fill_value=0)
    if differ.to_numpy().any():
        name = differ.index[differ.any(axis=1)][0]
        remedy = "; the model was retrained on training and validation pairs, so give both"
        raise ProvenanceError(
            f"{training.name}: not the pairs that the model learned from; {name} is in "
            f"{_degree(given, name)} of these pairs, and was in {_degree(learned, name)} of those"
            + (remedy if model.card.trainer.refit else "")
        )


def _degree(degrees: pd.DataFrame, name: str) -> int:
    return int(degrees.loc[name].max()) if name in degrees.index else 0


def _judge(
    scored: Iterable[_Scores], group: LabelledPairs, *, seed: int
) -> Iterator[dict[str, object]]:
    for scorer, kind, trained_with, scores, calibrated, all_pairs in scored:
        pairs = group.scored(scores, noise_is_all_pairs=all_pairs)
        for name, make in metrics_for(calibrated=calibrated).items():
            try:
                found = interval(make(), pairs, seed=seed)
            except UndefinedMetricError as error:
                if name in WARN_IF_UNDEFINED:
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
