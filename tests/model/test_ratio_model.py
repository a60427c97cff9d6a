"""Saving, loading and scoring."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from quick_fit import fit_with
from scipy.special import expit, logit

import ppi_ratio as pr
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.errors import InputError, ProvenanceError
from ppi_ratio.evaluation.metrics import CALIBRATION_METRICS
from ppi_ratio.evaluation.protocols import evaluate
from ppi_ratio.model.store import CARD_FILE, WEIGHTS_FILE
from ppi_ratio.pairs import LEFT, NOTE, RIGHT
from ppi_ratio.runs.screening import screen_file

QUICK: dict[str, Any] = {
    "max_epochs": 3,
    "batch_size": 128,
    "learning_rate": 3e-3,
    "progress": False,
}


@pytest.fixture(scope="module", params=["infonce_anchor", "infonce"])
def model(request: pytest.FixtureRequest, split: pr.Split, vectors: pr.Embeddings) -> pr.RatioModel:
    return fit_with(split, vectors, objective=pr.OBJECTIVES[request.param](), seed=0, **QUICK)


@pytest.fixture
def saved(model: pr.RatioModel, tmp_path: Path) -> Path:
    model.save(tmp_path / "model")
    return tmp_path / "model"


def test_a_saved_model_scores_as_before(
    model: pr.RatioModel, saved: Path, split: pr.Split, vectors: pr.Embeddings
) -> None:
    loaded = pr.RatioModel.load(saved)
    assert loaded.card == model.card
    pd.testing.assert_frame_equal(
        loaded.score(split.test, vectors), model.score(split.test, vectors)
    )


def test_probability_is_the_prior_times_the_ratio_or_bayes_rule_in_a_mixture(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    among_all = model.score(split.test, vectors, prior=0.5)
    ratio = np.exp(among_all["log_ratio"].to_numpy(dtype=float))
    assert 0 < (0.5 * ratio > 1).mean() < 1
    np.testing.assert_allclose(among_all["probability"], np.minimum(0.5 * ratio, 1), rtol=1e-5)
    mixed = model.score(split.test, vectors, prior=0.01, prevalence=0.2)
    ratio *= 0.99 / (1 - np.minimum(0.01 * ratio, 0.99))
    np.testing.assert_allclose(mixed["probability"], expit(np.log(ratio) + logit(0.2)), rtol=1e-5)


def test_a_ratio_to_labelled_non_pairs_is_that_of_a_mixture(
    labelled_split: pr.Split, vectors: pr.Embeddings
) -> None:
    objective = pr.OBJECTIVES["bce"]()
    model = fit_with(labelled_split, vectors, objective=objective, seed=0, **QUICK)
    scores = model.score(labelled_split.test, vectors, prior=0.2)
    expected = expit(scores["log_ratio"].to_numpy(dtype=float) + logit(0.2))
    np.testing.assert_allclose(scores["probability"], expected, rtol=1e-5)


@pytest.mark.parametrize("key", ["ml_cpc", "alpha_infonce"])
def test_scores_that_are_no_log_ratios_have_no_probability_and_no_calibration(
    key: str,
    labelled_split: pr.Split,
    vectors: pr.Embeddings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model, other = (
        fit_with(
            labelled_split,
            vectors,
            objective=pr.OBJECTIVES[name](),
            seed=0,
            **QUICK,
        )
        for name in (key, "infonce")
    )
    scores = model.score(labelled_split.test, vectors)
    assert f"{key} does not learn log ratios" in caplog.text
    assert np.isnan(scores["probability"].to_numpy()).all()
    assert np.isfinite(scores["log_ratio"]).all()
    screen_file(model, vectors, tmp_path / "hits.parquet", progress=False)
    hits = pd.read_parquet(tmp_path / "hits.parquet")
    assert np.isnan(hits["probability"].to_numpy()).all()
    results = evaluate([model, other], labelled_split.test, vectors, progress=False)
    metrics = {name: set(each["metric"]) for name, each in results.groupby("scorer")}
    assert metrics["infonce"] - metrics[key] == set(CALIBRATION_METRICS)
    assert metrics[key] <= metrics["infonce"]


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, float("nan")])
def test_a_share_outside_the_open_interval_is_refused(
    share: float, model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    with pytest.raises(pr.ConfigError, match="the prior is a share strictly between 0 and 1"):
        model.score(split.test, vectors, prior=share)
    with pytest.raises(pr.ConfigError, match="the prevalence is a share strictly between 0 and 1"):
        model.score(split.test, vectors, prevalence=share)


def test_every_row_comes_back_with_a_score_or_a_reason(
    model: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    a, b = vectors.ids[:2]
    lines = [f"{a}\t{b}", f"{b}\t{a}", f"{a}\t{b}", f"{a}\t{a}", f"{a}\tnobody", "x\ty", a, ""]
    path = tmp_path / "pairs.tsv"
    path.write_text("\n".join(lines) + "\n")
    scores = model.score(path, vectors)
    assert len(scores) == 7
    ratios = scores["log_ratio"].to_numpy()
    assert np.isfinite(ratios).tolist() == [True] * 4 + [False] * 3
    assert ratios[0] == ratios[2]
    assert scores[NOTE].tolist()[:4] == [""] * 4
    assert scores[NOTE].tolist()[4] == "no vector for nobody"
    assert scores[NOTE].tolist()[5] == "no vector for x and y"
    assert "fewer than two ids" in scores[NOTE].tolist()[6]


def test_symmetric_scores_ignore_the_order_of_a_pair(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    frame = pd.DataFrame(split.test.frame[[LEFT, RIGHT]])
    mirrored = pd.DataFrame({LEFT: frame[RIGHT], RIGHT: frame[LEFT]})
    forth, back = (model.score(each, vectors)["log_ratio"].to_numpy() for each in (frame, mirrored))
    if model.card.directed:
        assert not np.allclose(forth, back)
    else:
        np.testing.assert_allclose(forth, back, atol=1e-5)


def test_scores_do_not_depend_on_the_rows_around(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    frame = pd.DataFrame(split.test.frame[[LEFT, RIGHT]])
    whole = model.score(frame, vectors)["log_ratio"].to_numpy()
    backwards = model.score(pd.DataFrame(frame[::-1]), vectors)["log_ratio"].to_numpy()[::-1]
    alone = model.score(pd.DataFrame(frame.iloc[[3]]), vectors)["log_ratio"].to_numpy()
    np.testing.assert_allclose(whole, backwards, atol=1e-5)
    np.testing.assert_allclose(whole[3], alone[0], atol=1e-5)


def test_pair_class_counts_the_proteins_seen_in_training(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    seen = set(split.train.joint.ids)
    scores = model.score(split.test, vectors)
    expected = [3 - (a in seen) - (b in seen) for a, b in scores[[LEFT, RIGHT]].to_numpy()]
    assert scores["pair_class"].tolist() == [f"C{number}" for number in expected]


def test_screen_finds_the_best_partners_of_each_protein(
    model: pr.RatioModel, split: pr.Split, vectors: pr.Embeddings
) -> None:
    left, right = vectors.ids[:5], vectors.ids[3:60]
    known = split.train.joint
    hits = model.screen(vectors, left=left, right=right, top_k=4, known=known)
    listed = {tuple(pair) for pair in known.frame[[LEFT, RIGHT]].to_numpy()}
    for protein in left:
        others = [
            other
            for other in right
            if other != protein
            and (protein, other) not in listed
            and (model.card.directed or (other, protein) not in listed)
        ]
        brute = model.score(pd.DataFrame({LEFT: protein, RIGHT: others}), vectors)
        best = brute.sort_values("log_ratio", ascending=False).head(4)
        found = hits[hits[LEFT] == protein]
        np.testing.assert_allclose(found["log_ratio"], best["log_ratio"], atol=1e-5)
        assert found[RIGHT].tolist() == best[RIGHT].tolist()
    assert hits["log_ratio"].is_monotonic_decreasing


def test_screen_names_an_id_without_vector(model: pr.RatioModel, vectors: pr.Embeddings) -> None:
    with pytest.raises(InputError, match=r"e\.g\. nobody"):
        model.screen(vectors, left=["nobody"])


@pytest.mark.parametrize(
    "other",
    [Provenance(encoder="esm2_t6_8M_UR50D", layer=2), Provenance(encoder="esm2_bundled", layer=1)],
    ids=["encoder", "layer"],
)
def test_vectors_of_another_encoder_are_refused_naming_both(
    other: Provenance, model: pr.RatioModel, vectors: pr.Embeddings, split: pr.Split
) -> None:
    foreign = pr.Embeddings.from_arrays(vectors.ids, vectors.matrix(), provenance=other)
    with pytest.raises(ProvenanceError) as caught:
        model.score(split.test, foreign)
    assert model.card.provenance.describe() in str(caught.value)
    assert other.describe() in str(caught.value)


def test_vectors_of_another_length_are_refused(
    model: pr.RatioModel, vectors: pr.Embeddings, split: pr.Split
) -> None:
    short = pr.Embeddings.from_arrays(
        vectors.ids, vectors.matrix()[:, :5], provenance=vectors.provenance
    )
    with pytest.raises(ProvenanceError, match=r"12 numbers .* have 5"):
        model.score(split.test, short)


def test_a_folder_that_is_no_model_is_not_overwritten(model: pr.RatioModel, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="is no model"):
        model.save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no model there"):
        pr.RatioModel.load(tmp_path / "none")


def test_truncated_weights_are_refused(saved: Path) -> None:
    weights = saved / WEIGHTS_FILE
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(InputError, match=WEIGHTS_FILE):
        pr.RatioModel.load(saved)


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"version": 2}, ProvenanceError, "newer than this ppi_ratio"),
        ({"format": "other"}, InputError, "not the card of a model"),
        ({"dim": 5}, InputError, "does not fit"),
        ({"dim": "many"}, InputError, "dim"),
        ({"surprise": 1}, InputError, "surprise"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    saved: Path, changes: dict[str, object], error: type[Exception], match: str
) -> None:
    card = saved / CARD_FILE
    card.write_text(json.dumps(json.loads(card.read_text()) | changes))
    with pytest.raises(error, match=match):
        pr.RatioModel.load(saved)
