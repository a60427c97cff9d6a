"""The option ``--columns`` of every verb that reads pairs, and the line on how a table was read."""

from pathlib import Path

import pytest
from command_line import Run
from quick_fit import fit_with

import ppi_ratio as pr
from ppi_ratio.settings.experiment import read_experiment

VERBS = {
    "audit": "audit {pairs} --columns {columns}",
    "split": "split {pairs} --undirected --seed 0 --out {out} --by pair --columns {columns}",
    "non-pairs": "non-pairs {pairs} --undirected --law uniform --seed 0 --out {out}.tsv "
    "--columns {columns}",
    "score": "score {model} {pairs} --embeddings {vectors} --out {out}.tsv --columns {columns}",
    "evaluate": "evaluate {model} {pairs} --embeddings {vectors} --columns {columns}",
    "mi": "mi {model} {pairs} --embeddings {vectors} --columns {columns}",
    "screen": "screen {model} --embeddings {vectors} --known {pairs} --out {out}.tsv "
    "--columns {columns}",
}


@pytest.fixture(scope="module")
def files(
    tmp_path_factory: pytest.TempPathFactory, undirected_split: pr.Split, vectors: pr.Embeddings
) -> dict[str, Path]:
    """A model, vectors, and a table whose first column counts the rows."""
    folder = tmp_path_factory.mktemp("files")
    vectors.write(folder / "vectors.h5", dtype="float32")
    fit_with(undirected_split, vectors, seed=0, max_epochs=1, batch_size=128, progress=False).save(
        folder / "model"
    )
    frame = undirected_split.test.joint.frame
    frame.reset_index().to_csv(folder / "pairs.csv", index=False, header=False)
    paths = {"model": folder / "model", "vectors": folder / "vectors.h5"}
    return paths | {"pairs": folder / "pairs.csv"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_that_reads_pairs_takes_the_columns_and_says_what_it_read(
    verb: str, files: dict[str, Path], run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = VERBS[verb].format(**files, out=tmp_path / "out", columns="2,3").split()
    named = run(*words)
    assert named.code == 0, named.err
    assert "pairs.csv: " in caplog.text
    assert "left = column 2, right = column 3; e.g. " in caplog.text
    unnamed = run(*words[: words.index("--columns")], *(["--out", tmp_path / "x.tsv"] * 0))
    assert unnamed.code == 1
    assert "column 1 (" in unnamed.err
    assert "looks like row numbers, not like ids; name the columns to read: --columns 2,3" in (
        unnamed.err
    )


def test_columns_that_are_no_columns_are_refused(files: dict[str, Path], run: Run) -> None:
    outcome = run("audit", files["pairs"], "--columns", "2")
    assert outcome.code == 2
    assert "--columns: '2' does not name two columns of ids" in outcome.err


@pytest.mark.parametrize("columns", ["'2,3'", "[2, 3]", "[bait, prey]"])
def test_a_configuration_takes_columns_too(columns: str, tmp_path: Path) -> None:
    rows = "".join(f"{number},P{number},Q{number}\n" for number in range(9))
    (tmp_path / "pairs.csv").write_text("number,bait,prey\n" + rows)
    gold = Path(__file__).parents[2] / "configs" / "human" / "gold_standard.yaml"
    split = (
        f"split={{name: given, train: {tmp_path}/pairs.csv, directed: true, columns: {columns}}}"
    )
    settings = read_experiment(gold, [split, "critic.symmetric=null"]).split
    assert settings.read().train.frame["left"].tolist() == [f"P{number}" for number in range(9)]


def test_columns_of_a_configuration_that_are_no_columns_are_refused_by_their_key() -> None:
    gold = Path(__file__).parents[2] / "configs" / "human" / "gold_standard.yaml"
    with pytest.raises(pr.ConfigError, match=r"`split\.columns`: .*does not name two columns"):
        read_experiment(gold, ["split.columns=[2]"])
