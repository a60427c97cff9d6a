"""``ppi-ratio split`` on some of the shipped yeast data."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import Outcome, Run

from ppi_ratio.examples import YEAST_FASTA, YEAST_PAIRS
from ppi_ratio.pairs import read_pairs, read_split
from ppi_ratio.sequences import read_fasta, write_fasta

N_PROTEINS = 500


@pytest.fixture(scope="module")
def yeast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the proteins of most interactions, and the pairs among them."""
    folder = tmp_path_factory.mktemp("yeast")
    table = read_pairs(YEAST_PAIRS, directed=False)
    busiest = table.degrees("both").nlargest(N_PROTEINS, keep="first").index
    pairs, _ = table.restrict_to(busiest)
    with gzip.open(folder / "pairs.tsv.gz", "wt") as file:
        pairs.frame.to_csv(file, sep="\t", index=False)
    write_fasta(read_fasta(YEAST_FASTA).select(pairs.ids), folder / "proteins.fasta")
    return folder


def split(run: Run, yeast: Path, out: Path, *options: object) -> Outcome:
    common = ("--undirected", "--seed", 0, "--validation-fraction", 0.2, "--out", out)
    return run("split", yeast / "pairs.tsv.gz", *common, *options)


WORDS = ("--fasta", "proteins.fasta", "--method", "words")


def test_a_folder_that_holds_the_input_is_not_replaced(
    run: Run, yeast: Path, tmp_path: Path
) -> None:
    assert split(run, yeast, tmp_path / "parts").code == 0
    train = tmp_path / "parts" / "train.tsv"
    before = train.read_bytes()
    options = ("--undirected", "--seed", 0, "--out", tmp_path / "parts")
    outcome = run("split", train, *options)
    assert outcome.code == 2
    assert "train.tsv: is an input, and" in outcome.err
    assert train.read_bytes() == before


def test_a_split_by_cluster_has_no_leaks_and_accounts_for_every_pair(
    run: Run, yeast: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(yeast)
    outcome = split(run, yeast, tmp_path / "one", "--by", "cluster", *WORDS)
    assert outcome.code == 0, outcome.err
    assert "by cluster (shared words, identity 0.4)" in outcome.out
    assert "pairs between test and train proteins" in outcome.out
    assert "leak" not in outcome.out
    made = read_split(tmp_path / "one")
    sheet = json.loads((tmp_path / "one" / "split.json").read_text())
    assert sheet["kind"] == "by cluster (shared words, identity 0.4)"
    n_pairs = len(read_pairs(yeast / "pairs.tsv.gz", directed=False))
    assert sum(map(len, made.parts.values())) + sum(sheet["dropped"].values()) == n_pairs

    assert split(run, yeast, tmp_path / "two", "--by", "cluster", *WORDS).code == 0
    for table in tmp_path.glob("one/*"):
        assert table.read_bytes() == (tmp_path / "two" / table.name).read_bytes()


def test_a_split_by_protein_reports_related_proteins_only_if_sequences_are_given(
    run: Run, yeast: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(yeast)
    plain = split(run, yeast, tmp_path / "plain", "--disjoint")
    assert plain.code == 0, plain.err
    assert "leak" not in plain.out
    told = split(run, yeast, tmp_path / "told", "--disjoint", *WORDS)
    relatives = "test proteins that are not train proteins share a sequence cluster with one"
    assert relatives in told.out
    assert told.out.startswith(plain.out.rstrip())
    sheet = json.loads((tmp_path / "told" / "split.json").read_text())
    assert any(relatives in leak for leak in sheet["leaks"])
    assert read_split(tmp_path / "plain").content_hash() == sheet["content_hash"]


def test_a_split_by_species_tests_on_the_given_species_only(
    run: Run, yeast: Path, tmp_path: Path
) -> None:
    """Every yeast pair is given twice, the second time as a pair of another species."""
    pairs = read_pairs(yeast / "pairs.tsv.gz", directed=False).frame.head(2000)
    ends = ["left", "right"]
    other = pairs.assign(**{end: pairs[end].str.replace("4932.", "5476.") for end in ends})
    pd.concat([pairs, other]).to_csv(tmp_path / "two.tsv", sep="\t", index=False)
    outcome = run(
        "split", tmp_path / "two.tsv", "--undirected", "--seed", 0, "--by", "species",
        "--test-species", "5476", "--out", tmp_path / "out",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    made = read_split(tmp_path / "out")
    assert made.kind == "by species, 5476 held out"
    assert len(made.test) == len(pairs)
    assert {name[:5] for name in made.test.ids} == {"5476."}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--by", "cluster"), "split by cluster: give --fasta"),
        (("--by", "species"), "split by species: give --test-species"),
        (("--by", "pair", "--disjoint"), "a split by pair cannot be disjoint"),
        (
            ("--by", "species", "--test-species", 4932, "--test-fraction", 0.2),
            "--test-fraction does not go with a split by species",
        ),
        (("--test-species", 4932), "--test-species does not go with a split by protein"),
        (("--test-fraction", 1.5), "--test-fraction: expected a number less than 1, got 1.5"),
        (("--test-fraction", 0.7, "--validation-fraction", 0.5), "leave nothing to train on"),
        (("--seed", -1), "--seed"),
    ],
)
def test_options_that_do_not_fit_end_with_a_message_and_write_nothing(
    run: Run, yeast: Path, tmp_path: Path, options: tuple[object, ...], said: str
) -> None:
    outcome = split(run, yeast, tmp_path / "out", *options)
    assert outcome.code == 2
    assert said in outcome.err
    assert outcome.out == ""
    assert not (tmp_path / "out").exists()


def test_proteins_without_a_sequence_are_counted_not_said_to_have_no_relatives(
    run: Run, tmp_path: Path
) -> None:
    rows = "".join(f"P{i}\tP{i + 1}\n" for i in range(60))
    (tmp_path / "pairs.tsv").write_text(rows)
    (tmp_path / "other.fasta").write_text(">X1\nMKTAYIAKQRQISFVKSHFSRQ\n")
    outcome = run(
        "split", tmp_path / "pairs.tsv", "--undirected", "--seed", 0, "--out", tmp_path / "parts",
        "--fasta", tmp_path / "other.fasta", "--method", "words",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    n_train = len(read_split(tmp_path / "parts").train.ids)
    assert f"relatives of {n_train} of {n_train} train proteins cannot be found" in outcome.out
    sheet = json.loads((tmp_path / "parts" / "split.json").read_text())
    assert sum("cannot be found" in leak for leak in sheet["leaks"]) == 3


def test_a_hub_is_said_before_a_split_fails_for_it(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "star.tsv").write_text("".join(f"HUB\tP{i}\n" for i in range(120)))
    outcome = run(
        "split", tmp_path / "star.tsv", "--undirected", "--seed", 0, "--disjoint",
        "--out", tmp_path / "parts",
    )  # fmt: skip
    assert outcome.code == 1
    assert "All 120 interactions are of one protein, HUB" in caplog.text
