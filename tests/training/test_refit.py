"""Training anew on training and validation pairs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from quick_fit import fit_with
from small_world import without_validation

import ppi_ratio as pr
from ppi_ratio.errors import ConfigError, ProvenanceError
from ppi_ratio.evaluation.baseline_groups import baseline_scores
from ppi_ratio.evaluation.groups import labelled_groups
from ppi_ratio.evaluation.metrics import AUROC, value
from ppi_ratio.objectives import OBJECTIVES
from ppi_ratio.pairs import LABEL

SETTINGS: dict[str, Any] = {
    "max_epochs": 6,
    "batch_size": 128,
    "learning_rate": 1e-2,
    "progress": False,
    "seed": 0,
}


def settings(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any setting of fit
    return SETTINGS | changes


def log_ratios(model: pr.RatioModel, pairs: pr.PairTable, vectors: pr.Embeddings) -> np.ndarray:
    return model.score(pairs, vectors)["log_ratio"].to_numpy()


def test_the_model_is_that_of_both_parts_trained_for_the_epochs_that_were_best(
    split: pr.Split, vectors: pr.Embeddings
) -> None:
    critic = pr.Separable(rank=8, hidden=(16,), symmetric=not split.directed)
    stopped = settings(learning_rate=3e-2, max_epochs=30, patience=2)
    model = fit_with(split, vectors, critic=critic, refit=True, **stopped)
    epochs = int(model.card.metrics["best_epoch"]) + 1
    assert model.card.metrics["refit_epochs"] == epochs
    assert 1 < epochs < len(model.history) < 30
    joined = without_validation(replace(split, train=split.train_and_validation))
    stopped["max_epochs"] = epochs
    expected = fit_with(joined, vectors, critic=critic, **stopped)
    weights = model.scorer.critic.state_dict()
    for name, weight in expected.scorer.critic.state_dict().items():
        torch.testing.assert_close(weights[name], weight, atol=0, rtol=0)
    pd.testing.assert_frame_equal(model.degrees, expected.degrees)
    assert set(model.degrees.index) > set(split.train.joint.ids)
    np.testing.assert_array_equal(
        log_ratios(model, split.test, vectors), log_ratios(expected, split.test, vectors)
    )


def test_history_is_that_of_the_training_that_was_judged_with_the_other_loss_beside(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    stopped = settings(learning_rate=3e-2, max_epochs=30, patience=2)
    plain = fit_with(undirected_split, vectors, **stopped)
    model = fit_with(undirected_split, vectors, refit=True, **stopped)
    added = model.history.pop("refit_training_loss")
    pd.testing.assert_frame_equal(model.history, plain.history)
    assert added.notna().sum() == model.card.metrics["refit_epochs"]
    assert model.card.metrics["validation_loss"] == plain.card.metrics["validation_loss"]


def test_temperature_is_scaled_by_the_factor_of_the_first_training(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    scaled = fit_with(undirected_split, vectors, temperature_scaling=True, **SETTINGS)
    plain = fit_with(undirected_split, vectors, refit=True, **SETTINGS)
    model = fit_with(undirected_split, vectors, refit=True, temperature_scaling=True, **SETTINGS)
    factor = scaled.card.metrics["temperature_factor"]
    assert model.card.metrics["temperature_factor"] == factor
    assert abs(factor - 1) > 0.02
    before, after = (log_ratios(each, undirected_split.test, vectors) for each in (plain, model))
    shift = (after - factor * before).mean()
    np.testing.assert_allclose(after, factor * before + shift, atol=1e-4)


def test_labelled_non_pairs_of_both_parts_are_learned_from(
    labelled_split: pr.Split, vectors: pr.Embeddings
) -> None:
    """Without those of the validation part its proteins would all be known as joint."""
    model, blind = (
        fit_with(split, vectors, objective=OBJECTIVES["bce"](), refit=True, **SETTINGS)
        for split in (labelled_split, with_few_non_pairs(labelled_split))
    )
    non_pairs = labelled_split.validation.non_pairs
    known, unknown = (log_ratios(each, non_pairs, vectors).mean() for each in (model, blind))
    assert known < unknown


def with_few_non_pairs(split: pr.Split) -> pr.Split:
    """The validation part keeps eight of its non-pairs."""
    label = split.validation.frame[LABEL].to_numpy()
    kept = (label == 1) | (np.cumsum(label == 0) <= 8)
    validation = split.validation.select(kept)
    return pr.Split.from_tables(train=split.train, validation=validation, test=split.test)


def test_without_validation_pairs_nothing_is_done_twice_and_that_is_said(
    undirected_split: pr.Split, vectors: pr.Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    alone = without_validation(undirected_split)
    model = fit_with(alone, vectors, refit=True, **settings(max_epochs=1))
    assert "trainer.refit does nothing" in caplog.text
    assert "refit_epochs" not in model.card.metrics
    assert set(model.degrees.index) == set(undirected_split.train.joint.ids)


def divided_world(seed: int) -> tuple[pr.Split, pr.Embeddings]:
    """Pairs at random within each of three parts, of which the vectors tell nothing else."""
    rng = np.random.default_rng(seed)
    names = {part: [f"{part}{number}" for number in range(60)] for part in "abc"}
    tables = {}
    for part, own in names.items():
        rows = pd.DataFrame({"left": rng.choice(own, 500), "right": rng.choice(own, 500)})
        tables[part] = pr.PairTable.from_rows(rows, directed=False, name=part)
    matrix = rng.normal(size=(180, 4)).astype(np.float32)
    matrix[:, 0] = np.repeat([-1, 1, 0], 60)
    vectors = pr.Embeddings.from_arrays([name for own in names.values() for name in own], matrix)
    split = pr.Split.from_tables(train=tables["a"], validation=tables["b"], test=tables["c"])
    return split, vectors


def test_parts_that_share_no_protein_are_no_noise_to_each_other() -> None:
    split, vectors = divided_world(seed=0)
    critic = pr.Bilinear(rank=4, symmetric=True)
    model = fit_with(split, vectors, critic=critic, refit=True, patience=6, **SETTINGS)
    scores = model.score_matrix(vectors)
    within = [
        scores.loc[list(part.ids), list(part.ids)] for part in (split.train, split.validation)
    ]
    across = scores.loc[list(split.train.ids), list(split.validation.ids)]
    means = [each.to_numpy().mean() for each in (*within, across)]
    assert max(means) - min(means) < 0.2  # 0.36 where parts are noise to each other
    ratios = np.exp(np.concatenate([each.to_numpy().ravel() for each in within]))
    assert ratios.mean() == pytest.approx(1, abs=0.1)


def test_evaluation_shows_what_baselines_learn_from_both_parts(
    only_baselines: Callable[..., None],
) -> None:
    only_baselines("ulsif")
    split, vectors = divided_world(seed=0)
    critic = pr.Bilinear(rank=4, symmetric=True)
    model = fit_with(split, vectors, critic=critic, refit=True, **settings(max_epochs=1))
    results = pr.evaluate(
        model, split.test, vectors, training=split.train, validation=split.validation
    )
    groups = labelled_groups(split.test, seen=model.degrees.index, known=None, seed=0)
    as_learned, as_one = (
        baseline_scores(
            "ulsif",
            groups,
            degrees=model.degrees,
            directed=False,
            vectors=vectors,
            training=split.train_and_validation,
            held_apart=apart,
        )[0]
        for apart in (split.held_apart, frozenset())
    )
    shown = results.set_index(["scorer", "metric"])["value"].to_dict()["ulsif", "auroc"]
    assert as_learned is not None
    assert as_one is not None
    assert shown == value(AUROC(), groups[0].scored(as_learned))
    assert shown != value(AUROC(), groups[0].scored(as_one))
    with pytest.raises(
        ProvenanceError, match="the model was retrained on training and validation pairs, so g"
    ):
        pr.evaluate(model, split.test, vectors, training=split.train)
    with pytest.raises(
        ConfigError, match="baselines learn from training and validation pairs together; give the"
    ):
        pr.evaluate(model, split.test, vectors, validation=split.validation)
    once = fit_with(split, vectors, critic=pr.Bilinear(rank=4, symmetric=True), **SETTINGS)
    with pytest.raises(ValueError, match=r"another trainer\.refit"):
        pr.evaluate([once, model], split.test, vectors)
    with pytest.raises(ConfigError, match=r"trainer\.refit was off"):
        pr.evaluate(once, split.test, vectors, training=split.train, validation=split.validation)
