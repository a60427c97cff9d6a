"""Vectors whose ids are spelled otherwise than in the tables, in every verb that reads them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import Outcome, Run

import ppi_ratio as pr
from ppi_ratio.pairs import write_split

HINT = "differ in the prefix, e.g."
CONFIG = """
embeddings: {folder}/vectors.h5
split: {{name: given, train: {folder}/parts/train.tsv, validation: {folder}/parts/validation.tsv,
         test: {folder}/parts/test.tsv, directed: false}}
critic: {{name: separable, rank: 4, hidden: [], symmetric: true}}
objective: {{name: infonce_anchor, beta: 1.0}}
trainer: {{batch_size: 64, learning_rate: 3.0e-3, max_epochs: 2}}
seed: 0
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of plain ids, vectors of ids with a prefix, and a model trained on these vectors."""
    folder = tmp_path_factory.mktemp("spelled")
    pairs, plain = pr.toy_data()
    ids = [f"uniprotkb:{name}" for name in plain.ids]
    vectors = pr.Embeddings.from_arrays(ids, plain.matrix())
    vectors.write(folder / "vectors.h5", dtype="float32")
    split = pr.split_by_pair(pairs, test_fraction=0.3, seed=0)
    write_split(split, folder / "parts")
    (folder / "experiment.yaml").write_text(CONFIG.format(folder=folder))
    few = pr.TrainerSettings(max_epochs=2)
    pr.fit(split, plain, trainer=few, progress=False).save(folder / "model")
    return folder


def given(run: Run, folder: Path, *words: object) -> Outcome:
    return run(*words, "--embeddings", folder / "vectors.h5")


def test_score_names_what_differs_and_matches_on_request(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    test, out = folder / "parts/test.tsv", tmp_path / "scores.tsv"
    plain = given(run, folder, "score", folder / "model", test, "--out", out)
    assert plain.code == 1
    assert "none of" in plain.err
    assert HINT in plain.err
    assert "--match-ids" in plain.err
    assert "the vectors have e.g. uniprotkb:P" in plain.err
    words = ("score", folder / "model", test, "--out", out, "--match-ids", "prefix")
    matched = given(run, folder, *words)
    assert matched.code == 0, matched.err
    scores = pd.read_csv(out, sep="\t")
    assert np.isfinite(scores["log_ratio"]).all()
    asked = pr.read_pairs(test, directed=False)
    assert set(scores["left"]) | set(scores["right"]) == set(asked.ids)
    assert set(scores["pair_class"]) == {"C1"}


def test_evaluate_mi_and_screen_match_on_request(run: Run, folder: Path, tmp_path: Path) -> None:
    model, test = folder / "model", folder / "parts/test.tsv"
    (tmp_path / "ids.txt").write_text("P000\nP001\n")
    hits = tmp_path / "hits.tsv"
    for words in (
        ("evaluate", model, test),
        ("mi", model, test),
        ("screen", model, "--left", tmp_path / "ids.txt", "--out", hits),
    ):
        plain = given(run, folder, *words)
        assert plain.code == 1, words
        assert HINT in plain.err, words
        assert "the vectors have e.g. uniprotkb:P" in plain.err, words
        matched = given(run, folder, *words, "--match-ids", "prefix,version")
        assert matched.code == 0, matched.err
    assert set(pd.read_csv(hits, sep="\t")["left"]) == {"P000", "P001"}


def test_train_matches_by_a_key_of_the_experiment(
    run: Run, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    command = ("train", folder / "experiment.yaml", "--out", tmp_path / "run")
    assert run(*command).code == 1
    assert HINT in caplog.text
    matched = run(*command, "--set", "match_ids=[prefix]")
    assert matched.code == 0, matched.err
    judged = given(
        run, folder, "evaluate", tmp_path / "run/model", folder / "parts/test.tsv",
        "--match-ids", "prefix",
    )  # fmt: skip
    assert judged.code == 0, judged.err
    assert "C1, " in judged.out
    assert "C3, " not in judged.out


def test_an_unknown_kind_is_a_fault_of_the_command_line(run: Run, folder: Path) -> None:
    outcome = given(run, folder, "mi", folder / "model", "x.tsv", "--match-ids", "spelling")
    assert outcome.code in (1, 2)
    plain = run("audit", folder / "parts/test.tsv", "--match-ids", "spelling")
    assert plain.code == 2
    assert "--match-ids: no kind of difference 'spelling'" in plain.err


def test_training_proteins_in_another_spelling_are_not_new_in_silence(
    run: Run, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The vectors and the pairs have prefixes; the model remembers its proteins without."""
    test = tmp_path / "test.tsv"
    rows = pd.read_csv(folder / "parts/test.tsv", sep="\t")
    ("uniprotkb:" + rows[["left", "right"]]).to_csv(test, sep="\t", index=False)
    for words in (
        ("score", folder / "model", test, "--out", tmp_path / "scores.tsv"),
        ("evaluate", folder / "model", test),
        ("screen", folder / "model", "--out", tmp_path / "hits.tsv"),
    ):
        caplog.clear()
        assert given(run, folder, *words).code == 0, words
        assert "count as new, but may be training proteins in another spelling" in caplog.text
        assert "differ in the prefix, e.g. uniprotkb:P0" in caplog.text
