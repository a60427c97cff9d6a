"""Vectors that cannot be used cost their own proteins, and nothing else."""

import numpy as np
import pandas as pd
import pytest

import ppi_ratio as pr
from ppi_ratio.embeddings import usable
from ppi_ratio.embeddings.usable import distances

IDS = [f"P{number:03d}" for number in range(60)]
SHORT = pr.TrainerSettings(batch_size=64, max_epochs=15, learning_rate=3e-3)


def matrix(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    groups = np.eye(3)[np.arange(len(IDS)) % 3]
    return np.hstack([groups, 0.1 * rng.normal(size=(len(IDS), 3))]).astype(np.float32)


def stored(values: np.ndarray, path: object) -> pr.Embeddings:
    """Vectors of a file; those in memory may not hold a value that is not finite."""
    np.savez(str(path), ids=np.array(IDS), embeddings=values)
    return pr.Embeddings.read(f"{path}.npz")


@pytest.fixture(scope="module")
def split() -> pr.Split:
    rng = np.random.default_rng(1)
    left, right = rng.integers(len(IDS), size=(2, 1500))
    kept = left % 3 == right % 3
    rows = pd.DataFrame({"left": np.array(IDS)[left[kept]], "right": np.array(IDS)[right[kept]]})
    return pr.split_by_pair(pr.PairTable.from_rows(rows, directed=False, name="groups"), seed=0)


@pytest.fixture(scope="module")
def model(split: pr.Split) -> pr.RatioModel:
    return pr.fit(split, pr.Embeddings.from_arrays(IDS, matrix()), trainer=SHORT, progress=False)


BAD = {"nan": np.nan, "inf": -np.inf, "1e10": 1e10, "1e25": -1e25, "largest": 3e38}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
def test_one_bad_vector_costs_its_own_pairs(
    value: float, model: pr.RatioModel, tmp_path: object, caplog: pytest.LogCaptureFixture
) -> None:
    values = matrix()
    values[3, 1] = value
    vectors = stored(values, f"{tmp_path}/vectors")
    pairs = pd.DataFrame({"left": ["P000", "P003", "P001"], "right": ["P006", "P009", "P003"]})
    good = model.score(pairs, pr.Embeddings.from_arrays(IDS, matrix()))
    for renormalise in (False, True):
        scores = model.score(pairs, vectors, renormalise=renormalise)
        assert scores["log_ratio"].isna().tolist() == [False, True, True]
        first, *others = scores["note"].tolist()
        assert first == ""
        assert all("P003 (its vector has a value" in note for note in others)
    first = model.score(pairs, vectors)["log_ratio"].tolist()[0]
    assert first == pytest.approx(good["log_ratio"].tolist()[0], rel=1e-4)
    assert "1 proteins are left out. P003: its vector" in caplog.text
    hits = model.screen(vectors, top_k=100)
    assert "P003" not in {*hits["left"], *hits["right"]}
    assert len(hits) == 59 * 58
    assert len(model.screen(vectors, left=["P000", "P003"], top_k=5)) == 5


@pytest.mark.parametrize("value", [np.nan, 1e12])
def test_training_and_evaluation_leave_the_protein_out(
    value: float, split: pr.Split, tmp_path: object, caplog: pytest.LogCaptureFixture
) -> None:
    values = matrix()
    values[4] = value
    vectors = stored(values, f"{tmp_path}/vectors")
    model = pr.fit(split, vectors, trainer=SHORT, progress=False)
    assert "P004" not in model.degrees.index
    assert "P004: its vector has a value" in caplog.text
    results = pr.evaluate(model, split.test, vectors, known=split.joint)
    assert _auroc(results) > 0.85


def test_when_all_are_bad_nothing_is_trained(split: pr.Split, tmp_path: object) -> None:
    vectors = stored(np.full_like(matrix(), np.nan), f"{tmp_path}/vectors")
    with pytest.raises(pr.InputError, match=r"none of 60 vectors can be used, e\.g\. P000"):
        pr.fit(split, vectors, trainer=SHORT, progress=False)


def test_one_vector_far_from_all_others_does_not_ruin_the_model(
    split: pr.Split, model: pr.RatioModel, caplog: pytest.LogCaptureFixture
) -> None:
    good = pr.Embeddings.from_arrays(IDS, matrix())
    before = _auroc(pr.evaluate(model, split.test, good, known=split.joint))
    values = matrix()
    values[5] = 1e6
    vectors = pr.Embeddings.from_arrays(IDS, values)
    robust = pr.fit(split, vectors, trainer=SHORT, progress=False)
    assert "P005: its vector is more than 30 times as far" in caplog.text
    after = _auroc(pr.evaluate(robust, split.test, vectors, training=split.train, validation=None))
    assert after > before - 0.03
    caplog.clear()
    robust.score(split.test, vectors)
    assert "1 vectors lie far outside those of training, e.g. P005" in caplog.text


def _auroc(results: pd.DataFrame) -> float:
    rows = (results["kind"] == "model") & (results["metric"] == "auroc")
    return float(results.loc[rows, "value"].iloc[0])


def test_usual_vectors_are_all_used() -> None:
    rng = np.random.default_rng(0)
    for values in (
        matrix(),
        rng.lognormal(sigma=1.5, size=(500, 20)),
        rng.standard_t(df=3, size=(500, 20)),
        (rng.random((500, 343)) < 0.02).astype(float),  # sparse counts
        np.ones((20, 4)),
    ):
        vectors = pr.Embeddings.from_arrays([f"P{n}" for n in range(len(values))], values)
        assert usable(vectors, outlying=True) is vectors


def test_distances_do_not_depend_on_scale_and_place() -> None:
    values = matrix()
    np.testing.assert_allclose(distances(values * 7 + 3), distances(values), rtol=1e-3)


def test_what_is_left_keeps_hashes_and_other_spellings() -> None:
    hashes = [f"{number:064d}" for number in range(len(IDS))]
    values = matrix()
    values[0] = 1e20
    vectors = pr.Embeddings.from_arrays(IDS, values, hashes=hashes)
    left = usable(vectors)
    assert left.ids == tuple(IDS[1:])
    assert left.hashes == tuple(hashes[1:])
    assert list(left.unusable) == ["P000"]
    np.testing.assert_array_equal(left.matrix(left.rows(["P007"])), values[[7]])
