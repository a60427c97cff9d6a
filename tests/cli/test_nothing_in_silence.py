"""What a verb leaves out, or reads in a way that a user may not expect, is said."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from command_line import Outcome, Run

import ppi_ratio as pr
from ppi_ratio.pairs import write_split
from ppi_ratio.settings.splits import GivenSplit

LEFT_OUT = "baselines left out: nearest, ulsif, logistic, random_forest, bce_network, lmi"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of thirty training pairs, and its files."""
    folder = tmp_path_factory.mktemp("small")
    pairs, vectors = pr.toy_data()
    vectors.write(folder / "vectors.h5", dtype="float32")
    frame = pairs.frame.sample(frac=1, random_state=0)
    rows = {"train": frame[:30], "validation": frame[30:50], "test": frame[50:100]}
    parts = {
        name: pr.PairTable.from_rows(pd.DataFrame(part), directed=False, name=name)
        for name, part in rows.items()
    }
    split = pr.Split.from_tables(**parts)
    write_split(split, folder / "parts")
    few = pr.TrainerSettings(max_epochs=2)
    pr.fit(split, vectors, trainer=few, progress=False).save(folder / "model")
    return folder


def given(run: Run, folder: Path, *words: object) -> Outcome:
    return run(*words, "--embeddings", folder / "vectors.h5")


def test_baselines_that_training_is_too_small_for_are_named(
    run: Run, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    test, train = folder / "parts/test.tsv", folder / "parts/train.tsv"
    assert given(run, folder, "evaluate", folder / "model", test).code == 0
    assert "left out" not in caplog.text
    assert given(run, folder, "evaluate", folder / "model", test, "--train", train).code == 0
    assert LEFT_OUT in caplog.text
    assert "at least 40 training interactions with vectors, and there are 30" in caplog.text


def test_compare_names_the_baselines_that_it_leaves_out(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train, validation, test = (
        folder / f"parts/{name}.tsv" for name in ("train", "validation", "test")
    )
    comparison = pr.Comparison(
        title="small",
        embeddings=folder / "vectors.h5",
        split=GivenSplit(train=train, validation=validation, test=test, directed=False),
        objectives=[pr.InfoNCEAnchor()],
        critics=[pr.Separable(rank=4, hidden=())],
        trainer=pr.TrainerSettings(max_epochs=1),
        baselines=["cosine", "ulsif"],
    )
    tables = pr.compare(comparison, progress=False)
    assert "ulsif" not in set(tables.results["scorer"])
    assert "baselines left out: ulsif; these learn from at least 40" in caplog.text


@pytest.mark.parametrize("verb", ["evaluate", "mi"])
def test_pairs_that_the_model_learned_from_are_recognised(
    verb: str,
    run: Run,
    folder: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    only_baselines: Callable[..., None],
) -> None:
    only_baselines("degree")
    train = folder / "parts/train.tsv"
    assert given(run, folder, verb, folder / "model", train).code == 0
    assert "the pairs that the model learned from; judge the model by other pairs" in caplog.text
    caplog.clear()
    mixed = tmp_path / "mixed.tsv"
    rows = (folder / "parts/test.tsv").read_text() + train.read_text().split("\n", 1)[1]
    mixed.write_text(rows)
    assert given(run, folder, verb, folder / "model", mixed, "--train", train).code == 0
    assert "30 of 80 test pairs are training pairs" in caplog.text
    caplog.clear()
    test = folder / "parts/test.tsv"
    assert given(run, folder, verb, folder / "model", test, "--train", train).code == 0
    assert "learned from" not in caplog.text


def test_score_says_which_lines_it_skips(
    run: Run, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pairs, out = tmp_path / "pairs.tsv", tmp_path / "scores.tsv"
    pairs.write_text("P000\tP001\n\n# comment\nP002\tP003\n\nP004\tP005\n\n")
    assert given(run, folder, "score", folder / "model", pairs, "--out", out).code == 0
    assert len(pd.read_csv(out, sep="\t")) == 3
    assert "3 blank lines or comments get no row in the output, first line 2" in caplog.text
    caplog.clear()
    pairs.write_text("P000\tP001\nP002\tP003\n\n")
    assert given(run, folder, "score", folder / "model", pairs, "--out", out).code == 0
    assert "blank" not in caplog.text


def test_score_without_any_score_fails_with_the_reason(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "pairs.tsv").write_text("X1\tX2\nX3\tX4\n")
    out = tmp_path / "scores.tsv"
    words = ("score", folder / "model", tmp_path / "pairs.tsv", "--out", out)
    outcome = given(run, folder, *words)
    assert outcome.code == 1
    assert "none of 2 pairs has a score, e.g. no vector for X1 and X2" in outcome.err
    assert "the vectors have e.g. P0" in outcome.err


def test_screen_says_that_it_reads_the_first_column_of_a_table(
    run: Run, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "table.tsv").write_text("P000\tP001\nP002\tP003\n")
    words = ("screen", folder / "model", "--left", tmp_path / "table.tsv")
    assert given(run, folder, *words, "--out", tmp_path / "hits.tsv").code == 0
    assert "2 lines have several columns; the ids are those of the first column" in caplog.text
    assert "such as P000, not P001" in caplog.text
