"""Log ratios normalised over the noise of the proteins they are of."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import Run
from hypothesis import given
from hypothesis import strategies as st
from quick_fit import fit_with

import ppi_ratio as pr
from ppi_ratio.model.renormalise import N_DRAWN, against_noise, random_pairs
from ppi_ratio.model.scoring import Normaliser


@pytest.fixture
def model(split: pr.Split, vectors: pr.Embeddings) -> pr.RatioModel:
    critic = pr.Bilinear(rank=4, symmetric=not split.directed)
    return fit_with(
        split, vectors, critic=critic, max_epochs=3, batch_size=64, progress=False, seed=0
    )


def test_draws_have_the_marginals_of_the_pairs_and_none_with_itself() -> None:
    left, right = np.array(["a", "a", "a", "b"]), np.array(["b", "c", "d", "d"])
    lefts, rights = random_pairs(left, right, directed=True, seed=0)
    assert (lefts != rights).all()
    assert set(zip(lefts, rights, strict=True)) == {("a", "b"), ("a", "c"), ("a", "d")} | {
        ("b", "c"),
        ("b", "d"),
    }
    # of 16 equally likely draws one, b with b, is out
    assert np.mean(lefts == "a") == pytest.approx(12 / 15, abs=0.02)
    assert np.mean(rights == "d") == pytest.approx(8 / 15, abs=0.02)
    assert len(lefts) == pytest.approx(N_DRAWN * 15 / 16, rel=0.02)


def test_without_direction_a_protein_is_drawn_for_either_side() -> None:
    left, right = np.array([0, 0, 0]), np.array([1, 2, 3])
    lefts, rights = random_pairs(left, right, directed=False, seed=0)
    assert set(lefts) == set(rights) == {0, 1, 2, 3}
    assert np.mean(lefts == 0) == pytest.approx(np.mean(rights == 0), abs=0.02)


@pytest.mark.parametrize("ids", [["a", "a"], []])
def test_noise_takes_two_proteins(ids: list[str]) -> None:
    with pytest.raises(ValueError, match="all of one protein"):
        random_pairs(np.array(ids), np.array(ids), directed=False, seed=0)


@pytest.mark.parametrize(("n_of_one", "warned"), [(10, False), (30, True)])
def test_a_protein_that_is_much_of_the_pairs_is_warned_of(
    n_of_one: int, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    left = np.arange(100)
    left[:n_of_one] = 0
    random_pairs(left, np.arange(100, 200), directed=True, seed=0)
    assert (f"one protein is {n_of_one} %" in caplog.text) == warned


@given(shift=st.floats(-30, 30), spread=st.floats(0, 5))
def test_the_mean_ratio_over_noise_becomes_one_whatever_it_was(shift: float, spread: float) -> None:
    rng = np.random.default_rng(0)
    noise = shift + spread * rng.normal(size=500)
    assert np.exp(against_noise(noise, noise)).mean() == pytest.approx(1)
    log_ratio = rng.normal(size=7)
    np.testing.assert_allclose(np.ptp(against_noise(log_ratio, noise) - log_ratio), 0, atol=1e-9)


def test_renormalised_scores_have_a_mean_ratio_of_one_and_keep_their_order(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    pairs = split.test
    plain = model.score(pairs, vectors)
    scores = model.score(pairs, vectors, renormalise=True, prior=0.001)
    moved = (scores["log_ratio"] - plain["log_ratio"]).to_numpy()
    assert np.ptp(moved) < 1e-5
    left, right = (pairs.frame[side].value_counts(normalize=True) for side in ("left", "right"))
    if not split.directed:
        left = right = left.add(right, fill_value=0) / 2
    matrix = np.exp(model.score_matrix(vectors).loc[list(left.index), list(right.index)])
    mass = np.outer(left, right) * np.not_equal.outer(left.index.to_numpy(), right.index.to_numpy())
    mean = (matrix.to_numpy() * mass).sum() / mass.sum()
    assert moved.mean() == pytest.approx(-np.log(mean), abs=0.02)
    probability = scores["probability"].to_numpy()
    np.testing.assert_allclose(np.log(probability / 0.001), scores["log_ratio"], atol=1e-4)


def test_renormalised_scores_do_not_hang_on_the_constant_of_the_model(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    normaliser = Normaliser(
        model.scorer.normaliser.constant + 3, model.scorer.normaliser.references
    )
    moved = replace(model, scorer=replace(model.scorer, normaliser=normaliser))
    first, other = (each.score(split.test, vectors, renormalise=True) for each in (model, moved))
    np.testing.assert_allclose(first["log_ratio"], other["log_ratio"], atol=1e-4)


def test_rows_without_a_vector_stay_without_a_score(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    stranger = pd.DataFrame({"left": ["stranger"], "right": [split.test.ids[0]]})
    rows = pd.concat([split.test.frame, stranger], ignore_index=True)
    scores = model.score(rows, vectors, renormalise=True)["log_ratio"].to_numpy()
    assert np.isnan(scores[-1])
    expected = model.score(split.test, vectors, renormalise=True)["log_ratio"].to_numpy()
    np.testing.assert_array_equal(scores[:-1], expected)
    alone = model.score(stranger, vectors, renormalise=True)["log_ratio"].to_numpy()
    assert np.isnan(alone).all()


def test_evaluation_is_of_renormalised_scores(
    model: pr.RatioModel,
    split: pr.Split,
    vectors: pr.Embeddings,
    only_baselines: Callable[..., None],
) -> None:
    only_baselines()
    normaliser = replace(model.scorer.normaliser, constant=model.scorer.normaliser.constant + 3)
    moved = replace(model, scorer=replace(model.scorer, normaliser=normaliser))
    plain, right, wrong = (
        pr.evaluate(each, split.test, vectors, renormalise=renormalise)
        for each, renormalise in ((model, True), (moved, True), (moved, False))
    )
    np.testing.assert_allclose(plain["value"], right["value"], atol=1e-4)
    errors, ranks = ((right["metric"] == name).to_numpy() for name in ("ece", "auroc"))
    assert (wrong["value"] - right["value"]).to_numpy()[errors].min() > 0.1
    np.testing.assert_allclose(wrong["value"][ranks], right["value"][ranks], atol=1e-6)


def test_command_line(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings, run: Run, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    vectors.write(tmp_path / "vectors.h5")
    split.test.frame[["left", "right"]].to_csv(tmp_path / "p.tsv", sep="\t", index=False)
    words = [tmp_path / "model", tmp_path / "p.tsv", "--embeddings", tmp_path / "vectors.h5"]
    outcome = run("score", *words, "--out", tmp_path / "s.tsv", "--renormalise")
    assert outcome.code == 0, outcome.err
    assert "rescaled to mean ratio 1" in outcome.out
    found = pd.read_csv(tmp_path / "s.tsv", sep="\t")["log_ratio"]
    expected = model.score(split.test, vectors, renormalise=True)["log_ratio"]
    np.testing.assert_allclose(found, expected, atol=5e-3)  # the file holds float16
