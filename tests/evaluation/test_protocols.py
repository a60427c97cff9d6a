"""What a model is judged against."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from quick_fit import fit_with

import ppi_ratio as pr
from ppi_ratio.evaluation.protocols import evaluate


def test_training_pairs_are_not_drawn_as_non_pairs(
    only_baselines: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    """Here every pair is an interaction, so that validation pairs alone are left to be drawn."""
    only_baselines("degree")
    ids = [f"P{number}" for number in range(48)]
    rows = pd.DataFrame(combinations(ids, 2), columns=["left", "right"])
    pairs = pr.PairTable.from_rows(rows, directed=False, name="everyone")
    split = pr.split_by_pair(pairs, test_fraction=0.2, validation_fraction=0.1, seed=0)
    matrix = np.random.default_rng(0).normal(size=(len(ids), 3)).astype(np.float32)
    vectors = pr.Embeddings.from_arrays(ids, matrix)
    model = fit_with(split, vectors, seed=0, max_epochs=1, progress=False)
    n_test, n_validation = len(split.test), len(split.validation)
    assert 10 < n_validation < n_test
    unknowing = evaluate(model, split.test, vectors)
    assert "may be training interactions; give the training pairs" in caplog.text
    caplog.clear()
    knowing = evaluate(model, split.test, vectors, training=split.train)
    assert "may be training interactions" not in caplog.text
    assert set(unknowing["n_non_pairs"]) == {n_test}
    assert knowing["n_non_pairs"].to_numpy().max() <= n_validation
    with pytest.raises(ValueError, match="no class of pairs has 10 interactions and 10 non-pairs"):
        evaluate(model, split.test, vectors, training=split.train, known=split.validation)
