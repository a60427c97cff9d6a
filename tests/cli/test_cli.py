"""The real command line, on good and on bad input."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pandas as pd
import pytest
from command_line import Run
from quick_fit import fit_with

import ppi_ratio as pr
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.evaluation.baselines import BASELINES
from ppi_ratio.pairs import pair_classes, read_split, write_split

CONFIG = """
embeddings: {vectors}
split: {{name: given, train: {split}/train.tsv, validation: {split}/validation.tsv,
         test: {split}/test.tsv, directed: false}}
critic: {{name: separable, rank: 8, hidden: [16], symmetric: true}}
objective: {{name: infonce_anchor, beta: 1.0}}
trainer: {{batch_size: 128, learning_rate: 3.0e-3, max_epochs: 3}}
seed: 0
"""


@pytest.fixture(scope="session")
def world(
    tmp_path_factory: pytest.TempPathFactory,
    undirected_split: pr.Split,
    vectors: pr.Embeddings,
) -> Path:
    """A folder as a user may have it: vectors, a split, a configuration and a trained model."""
    folder = tmp_path_factory.mktemp("world")
    vectors.write(folder / "vectors.h5", dtype="float32")
    write_split(undirected_split, folder / "split")
    text = CONFIG.format(vectors=folder / "vectors.h5", split=folder / "split")
    (folder / "config.yaml").write_text(text)
    critic = pr.Separable(rank=8, hidden=(16,), symmetric=True)
    model = fit_with(
        undirected_split,
        vectors,
        critic=critic,
        seed=0,
        max_epochs=3,
        batch_size=128,
        progress=False,
    )
    model.save(folder / "model")
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_help_names_every_verb(run: Run) -> None:
    outcome = run("--help")
    assert outcome.code == 0
    for verb in ("demo", "embed", "split", "train", "score", "evaluate"):
        assert verb in outcome.out


def test_train_then_score_then_evaluate(run: Run, world: Path, tmp_path: Path) -> None:
    trained = run("train", world / "config.yaml", "--out", tmp_path / "run")
    assert trained.code == 0, trained.err
    names = set(files_in(tmp_path / "run"))
    assert {"config.yaml", "metrics.csv", "training.png", "model/model.json"} <= names
    assert not any("checkpoint" in name or "partial" in name for name in names)

    scored = run(
        "score", tmp_path / "run/model", world / "split/test.tsv",
        "--embeddings", world / "vectors.h5", "--out", tmp_path / "scores.tsv",
    )  # fmt: skip
    assert scored.code == 0, scored.err
    scores = pd.read_csv(tmp_path / "scores.tsv", sep="\t")
    rows = len((world / "split/test.tsv").read_text().splitlines()) - 1
    assert len(scores) == rows
    assert np.isfinite(scores["log_ratio"].to_numpy()).all()

    judged = run(
        "evaluate", tmp_path / "run/model", world / "split/test.tsv",
        "--embeddings", world / "vectors.h5", "--out", tmp_path / "results",
    )  # fmt: skip
    assert judged.code == 0, judged.err
    results = pd.read_parquet(tmp_path / "results/results.parquet")
    assert {"infonce_anchor", "degree", "cosine"} <= set(results["scorer"])
    assert {"auroc.png", "roc.png", "scores.png"} <= set(files_in(tmp_path / "results"))
    assert "logistic" not in set(results["scorer"])


def test_evaluate_shows_what_baselines_learn_from_the_training_pairs(
    run: Run, world: Path, tmp_path: Path, only_baselines: Callable[..., None]
) -> None:
    only_baselines(*BASELINES.keys() - {"lmi", "bce_network"})  # these take half a minute
    assert run("train", world / "config.yaml", "--out", tmp_path / "run").code == 0
    command = (
        "evaluate", tmp_path / "run/model", world / "split/test.tsv",
        "--embeddings", world / "vectors.h5", "--out", tmp_path / "results",
    )  # fmt: skip
    beside = run(
        *command, "--train", world / "split/train.tsv",
        "--validation", world / "split/validation.tsv",
    )  # fmt: skip
    assert beside.code == 2
    assert "trainer.refit was off" in beside.err
    refused = run(*command, "--train", world / "split/validation.tsv")
    assert refused.code == 1
    assert "not the pairs that the model learned from" in refused.err
    assert not (tmp_path / "results").exists()
    judged = run(*command, "--train", world / "split/train.tsv")
    assert judged.code == 0, judged.err
    results = pd.read_parquet(tmp_path / "results/results.parquet")
    assert {"logistic", "random_forest"} <= set(results["scorer"])


def test_evaluate_takes_the_validation_pairs_of_a_model_that_learned_from_them(
    run: Run, world: Path, tmp_path: Path, only_baselines: Callable[..., None]
) -> None:
    only_baselines("logistic")
    train = ("train", world / "config.yaml", "--set", "trainer.refit=true")
    assert run(*train, "--out", tmp_path / "run").code == 0
    command = (
        "evaluate", tmp_path / "run/model", world / "split/test.tsv",
        "--embeddings", world / "vectors.h5", "--validation", world / "split/validation.tsv",
    )  # fmt: skip
    alone = run(*command)
    assert alone.code == 2
    assert "give --train too" in alone.err
    judged = run(*command, "--train", world / "split/train.tsv", "--renormalise")
    assert judged.code == 0, judged.err
    assert "logistic" in judged.out
    assert "renormalised" in judged.out


def test_train_again_on_a_finished_run_changes_nothing(
    run: Run, world: Path, tmp_path: Path
) -> None:
    command = ("train", world / "config.yaml", "--out", tmp_path / "run")
    assert run(*command).code == 0
    before = files_in(tmp_path / "run")
    assert run(*command).code == 0
    assert files_in(tmp_path / "run") == before


@pytest.mark.parametrize("refit", ["true", "false"])
def test_train_says_whether_it_learned_from_the_validation_pairs_too(
    refit: str, run: Run, world: Path, tmp_path: Path
) -> None:
    outcome = run(
        "train", world / "config.yaml", "--out", tmp_path / "run", "--set", f"trainer.refit={refit}"
    )
    assert outcome.code == 0
    told = "retrained on training and validation pairs" in outcome.out.replace("\n", " ")
    assert told == (refit == "true")


def test_run_folder_of_another_configuration_is_refused(
    run: Run, world: Path, tmp_path: Path
) -> None:
    command = ("train", world / "config.yaml", "--out", tmp_path / "run")
    assert run(*command).code == 0
    before = files_in(tmp_path / "run")
    outcome = run(*command, "--set", "seed=1")
    assert outcome.code == 1
    assert "result of another job (seed was 0, now 1)" in outcome.err
    assert files_in(tmp_path / "run") == before


@pytest.mark.parametrize("by", ["pair", "protein"])
def test_split_counts_test_pairs_by_class_and_does_not_call_shared_proteins_a_leak(
    by: str, run: Run, world: Path, tmp_path: Path
) -> None:
    outcome = run(
        "split", world / "split/train.tsv", "--undirected", "--by", by, "--seed", 0,
        "--out", tmp_path / "parts",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert {"train.tsv", "validation.tsv", "test.tsv"} <= set(files_in(tmp_path / "parts"))
    titles, counts = (
        next(line.split() for line in outcome.out.splitlines() if line.split()[:1] == [first])
        for first in ("joint", "test")
    )
    made = read_split(tmp_path / "parts")
    classes = pair_classes(made.train, made.test).tolist()
    for name in ("C1", "C2", "C3"):
        assert int(counts[1 + titles.index(name)]) == classes.count(name)
    assert classes.count("C1" if by == "pair" else "C2") > 0
    assert "leak" not in outcome.out


def test_embed_makes_vectors_that_can_be_read(run: Run, tmp_path: Path) -> None:
    fasta = tmp_path / "proteins.fasta"
    fasta.write_text(">sp|P12345|NAME\nMKVLAAGICSTPEDK\n>b\nMSTNPKPQRKTKRNT\n")
    out = tmp_path / "vectors.h5"
    outcome = run("embed", fasta, "--encoder", "conjoint_triad", "--out", out)
    assert outcome.code == 0, outcome.err
    assert pr.Embeddings.read(out).rows(["P12345", "b"]).tolist() == [0, 1]


class Fault(NamedTuple):
    """A wrong command: files to write first, the words of the command, exit code and message."""

    prepare: Callable[[Path, Path], object]
    words: tuple[str, ...]
    code: int
    said: str


def truncated_copy(world: Path, here: Path) -> None:
    content = (world / "vectors.h5").read_bytes()
    (here / "cut.h5").write_bytes(content[: len(content) // 2])


def foreign_vectors(world: Path, here: Path) -> None:
    made_by = Provenance(encoder="esm2_t6_8M_UR50D", layer=6)
    known = pr.Embeddings.read(world / "vectors.h5")
    pr.Embeddings.from_arrays(known.ids, known.matrix(), made_by).write(here / "foreign.h5")


def nothing(world: Path, here: Path) -> None:
    pass


def empty_files(world: Path, here: Path) -> None:
    for name in ("empty.fasta", "empty.tsv", "empty.yaml"):
        (here / name).touch()


def junk(world: Path, here: Path) -> None:
    (here / "junk").write_bytes(np.random.default_rng(0).bytes(2000))


def strangers(world: Path, here: Path) -> None:
    (here / "strangers.tsv").write_text("A\tB\nC\tD\n")


def other_hdf5(world: Path, here: Path) -> None:
    with h5py.File(here / "other.h5", "w") as file:
        file["table"] = np.zeros((3, 3, 3))


SCORE = ("score", "{world}/model", "{world}/split/test.tsv", "--out", "{here}/out.tsv")
EMBED = ("--encoder", "conjoint_triad", "--out", "{here}/out.h5")
FAULTS = {
    "empty FASTA": Fault(empty_files, ("embed", "{here}/empty.fasta", *EMBED), 1, "no protein"),
    "no FASTA": Fault(nothing, ("embed", "{here}/none.fasta", *EMBED), 1, "no such file"),
    "directory as FASTA": Fault(nothing, ("embed", "{here}", *EMBED), 1, "is a directory"),
    "junk as FASTA": Fault(junk, ("embed", "{here}/junk", *EMBED), 1, "not UTF-8"),
    "unknown encoder": Fault(
        nothing,
        ("embed", "{world}/split/test.tsv", "--encoder", "esm3", "--out", "{here}/out.h5"),
        2,
        "esm3",
    ),
    "truncated vectors": Fault(
        truncated_copy, (*SCORE, "--embeddings", "{here}/cut.h5"), 1, "cut.h5"
    ),
    "vectors of another encoder": Fault(
        foreign_vectors, (*SCORE, "--embeddings", "{here}/foreign.h5"), 1, "esm2_t6_8M_UR50D"
    ),
    "another HDF5 file": Fault(
        other_hdf5, (*SCORE, "--embeddings", "{here}/other.h5"), 1, "other.h5"
    ),
    "junk as vectors": Fault(junk, (*SCORE, "--embeddings", "{here}/junk"), 1, "junk"),
    "no vectors": Fault(nothing, SCORE, 2, "--embeddings or --fasta"),
    "score to an unknown suffix": Fault(
        nothing,
        ("score", "{world}/model", "{world}/split/test.tsv", "--out", "{here}/out.xls",
         "--embeddings", "{world}/vectors.h5"),
        2,
        ".tsv, .csv, .parquet",
    ),
    "empty pairs": Fault(
        empty_files,
        ("score", "{world}/model", "{here}/empty.tsv", "--out", "{here}/out.tsv",
         "--embeddings", "{world}/vectors.h5"),
        1,
        "empty.tsv",
    ),
    "no model": Fault(
        nothing,
        ("score", "{here}", "{world}/split/test.tsv", "--out", "{here}/out.tsv",
         "--embeddings", "{world}/vectors.h5"),
        1,
        "no model there",
    ),
    "misspelt key": Fault(
        nothing,
        ("train", "{world}/config.yaml", "--set", "critic.rnk=3", "--out", "{here}/run"),
        2,
        "unknown key `critic.rnk`",
    ),
    "empty configuration": Fault(
        empty_files, ("train", "{here}/empty.yaml", "--out", "{here}/run"), 2, "empty.yaml"
    ),
    "misspelt option": Fault(
        nothing, ("train", "{world}/config.yaml", "--uot", "{here}/run"), 2, "--uot"
    ),
    "wrong prior": Fault(
        nothing, (*SCORE, "--embeddings", "{world}/vectors.h5", "--prior", "2"), 2, "prior"
    ),
    "pairs without vectors": Fault(
        strangers,
        ("evaluate", "{world}/model", "{here}/strangers.tsv",
         "--embeddings", "{world}/vectors.h5"),
        1,
        "no pair has vectors for both proteins, e.g. none for A",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_ends_with_one_message_and_leaves_nothing_behind(
    fault: Fault, run: Run, world: Path, tmp_path: Path
) -> None:
    fault.prepare(world, tmp_path)
    before, world_before = files_in(tmp_path), files_in(world)
    outcome = run(*(word.format(world=world, here=tmp_path) for word in fault.words))
    assert outcome.code == fault.code
    assert fault.said in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""
    assert files_in(tmp_path) == before
    assert files_in(world) == world_before


def test_an_unknown_id_is_named_and_its_row_kept(run: Run, world: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("P000,P001\nP000,Q99999\n")
    out = tmp_path / "scores.csv"
    outcome = run(
        "score", world / "model", pairs, "--embeddings", world / "vectors.h5", "--out", out
    )
    assert outcome.code == 0
    assert "no vector for Q99999" in outcome.err
    scores = pd.read_csv(out, keep_default_na=False)
    assert scores["note"].tolist() == ["", "no vector for Q99999"]
