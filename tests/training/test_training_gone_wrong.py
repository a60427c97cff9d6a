"""Training that cannot work: it stops or warns with a remedy, and leaves no model of NaNs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quick_fit import fit_with
from small_world import without_validation

import ppi_ratio as pr
from ppi_ratio.errors import ProvenanceError

pytestmark = pytest.mark.timeout(60)

CRITIC = pr.Bilinear(rank=4, symmetric=True)
QUICK: dict[str, Any] = {"critic": CRITIC, "seed": 0, "batch_size": 64, "progress": False}


def with_vectors(vectors: pr.Embeddings, matrix: np.ndarray) -> pr.Embeddings:
    return pr.Embeddings.from_arrays(vectors.ids, matrix.astype(np.float32), vectors.provenance)


def test_a_loss_that_is_no_number_stops(
    undirected_split: pr.Split, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    with pytest.raises(FloatingPointError, match=r"in epoch 0; lower trainer\.learning_rate"):
        fit_with(undirected_split, vectors, learning_rate=1e38, run=tmp_path / "run", **QUICK)
    assert not (tmp_path / "run" / "model").exists()


def test_weights_that_are_no_numbers_are_not_kept(
    undirected_split: pr.Split, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    split = without_validation(undirected_split)
    settings: dict[str, Any] = QUICK | {
        "batch_size": 100_000
    }  # one step, whose loss is still that of the start
    with pytest.raises(FloatingPointError, match="weights that are not numbers in epoch 0; lower"):
        fit_with(split, vectors, learning_rate=1e39, max_epochs=1, run=tmp_path / "run", **settings)
    assert not (tmp_path / "run" / "model").exists()


def test_a_validation_loss_that_is_no_number_is_no_model(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    settings: dict[str, Any] = QUICK | {"batch_size": 100_000}
    with pytest.raises(FloatingPointError, match="infonce_anchor was not a number"):
        fit_with(undirected_split, vectors, learning_rate=1e39, max_epochs=1, **settings)


def test_a_gradient_that_vanishes_is_told(
    undirected_split: pr.Split, vectors: pr.Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    nearly_constant = with_vectors(vectors, 1 + 2e-7 * vectors.matrix())
    fit_with(undirected_split, nearly_constant, objective=pr.InfoNCE(), max_epochs=2, **QUICK)
    told = [each.message for each in caplog.records if "gradient vanished" in each.message]
    assert len(told) == 1
    assert "check that vectors differ" in told[0]


def test_vectors_that_are_all_the_same_are_refused(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    constant = with_vectors(vectors, np.ones_like(vectors.matrix()))
    with pytest.raises(ProvenanceError, match=r"vectors of all \d+ training proteins are the same"):
        fit_with(undirected_split, constant, **QUICK)


def test_too_few_pairs_are_refused(undirected_split: pr.Split, vectors: pr.Embeddings) -> None:
    few = pr.PairTable.from_rows(
        undirected_split.train.frame.iloc[:5], directed=False, name="few.tsv"
    )
    split = pr.Split.from_tables(
        train=few, validation=undirected_split.validation, test=undirected_split.test
    )
    with pytest.raises(
        ProvenanceError, match=r"few\.tsv: 5 interactions with vectors to learn from"
    ):
        fit_with(split, vectors, **QUICK)


def test_a_batch_beyond_the_data_and_no_validation_pairs_are_told(
    undirected_split: pr.Split, vectors: pr.Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    settings: dict[str, Any] = QUICK | {"batch_size": 100_000}
    model = fit_with(without_validation(undirected_split), vectors, max_epochs=2, **settings)
    told = " ".join(each.message for each in caplog.records)
    assert "a batch of 100000 is more than the" in told
    assert "no validation pairs: training runs for all 2 epochs and keeps the last" in told
    assert model.card.metrics["best_epoch"] == 1


def test_a_training_that_diverged_is_told(
    undirected_split: pr.Split, vectors: pr.Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    settings: dict[str, Any] = QUICK | {"max_epochs": 12}
    fit_with(undirected_split, vectors, learning_rate=1e-2, **settings)
    assert "no better than a ratio of one" not in caplog.text
    fit_with(undirected_split, vectors, learning_rate=1.0, **settings)
    assert "no better than a ratio of one for every pair" in caplog.text
    assert "lower trainer.learning_rate (now 1)" in caplog.text
