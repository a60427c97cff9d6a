"""``ppi-ratio prepare`` on the command line."""

import hashlib
import json
from pathlib import Path

import pytest
from command_line import Run
from https_server import Server
from source_samples import ALIASES, DSCRIPT, HIPPIE, STRING, text

import ppi_ratio as pr
from data_prep.sources import SOURCES


@pytest.fixture
def links(tmp_path: Path) -> Path:
    return text(STRING, "9606.protein.physical.links.v12.0.txt")(tmp_path)


def test_a_table_is_prepared_with_a_provenance_file_beside_it(
    run: Run, links: Path, tmp_path: Path
) -> None:
    aliases = text(ALIASES, "aliases.txt")(tmp_path)
    out = tmp_path / "tables/human.tsv"
    outcome = run(
        "prepare", "string", "--input", links, "--min-score", 700, "--aliases", aliases,
        "--organism", 9606, "--out", out,
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert "1 pairs" in outcome.out
    assert pr.read_pairs(out, directed=False).ids == ("P84085", "Q13976")
    sheet = json.loads((out.parent / "human.tsv.provenance.json").read_text())
    assert (sheet["source"], sheet["release"], sheet["licence"]) == ("string", "12.0", "CC BY 4.0")
    assert sheet["settings"]["min_score"] == 700
    digest = hashlib.sha256(STRING.encode()).hexdigest()
    assert sheet["files"][0]["sha256"] == digest
    assert {file["role"] for file in sheet["files"]} == {"input", "aliases"}


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_shows_its_own_settings(name: str, run: Run) -> None:
    outcome = run("prepare", name, "--help")
    assert outcome.code == 0
    assert f"ppi-ratio prepare {name}" in outcome.out
    for option in ("--out", "--input", "--sha256"):
        assert option in outcome.out


def test_the_sources_are_listed(run: Run) -> None:
    outcome = run("prepare", "--help")
    assert all(name in outcome.out for name in SOURCES)


def test_the_hash_of_the_input_is_checked(run: Run, links: Path, tmp_path: Path) -> None:
    command = ("prepare", "string", "--input", links, "--min-score", 0)
    digest = hashlib.sha256(STRING.encode()).hexdigest()
    out = tmp_path / "out.tsv"
    assert run(*command, "--out", out, "--sha256", digest.upper()).code == 0
    other = tmp_path / "other.tsv"
    outcome = run(*command, "--out", other, "--sha256", "0" * 64)
    assert outcome.code == 1
    assert f"its SHA-256 is {digest}, not 000" in outcome.err
    assert not other.exists()


def test_without_a_network_the_message_says_what_to_do(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a proxy that nobody runs, so that this fails at once with a network as without
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    outcome = run("prepare", "hippie", "--min-score", 0.7, "--out", tmp_path / "out.tsv")
    assert outcome.code == 1
    assert "https://cbdm-01.zdv.uni-mainz.de/~mschaefer/hippie/hippie_current.txt" in outcome.err
    assert "download it yourself and give the file as --input" in outcome.err
    assert not list(tmp_path.iterdir())


def test_files_that_are_not_given_are_downloaded_and_kept(
    run: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_prep.dscript.ADDRESS", server.address)
    fasta = b">4932.YMR188C\nMK\n>4932.YOR182C\nMV\n"
    server.pages = {"/pairs/yeast_test.tsv": DSCRIPT.encode(), "/seqs/yeast.fasta": fasta}
    command = ("prepare", "dscript", "--table", "yeast_test", "--out")
    outcome = run(*command, tmp_path / "yeast.tsv")
    assert outcome.code == 0, outcome.err
    assert f"from {server.address}/pairs/yeast_test.tsv" in outcome.out
    assert pr.read_fasta(tmp_path / "yeast.fasta").ids == ("4932.YMR188C", "4932.YOR182C")
    sheet = json.loads((tmp_path / "yeast.tsv.provenance.json").read_text())
    assert [file["role"] for file in sheet["files"]] == ["input", "fasta"]
    assert sheet["files"][1]["url"] == f"{server.address}/seqs/yeast.fasta"
    assert run(*command, tmp_path / "again.tsv").code == 0
    assert len(server.ranges) == 2
    assert (tmp_path / "again.tsv").read_bytes() == (tmp_path / "yeast.tsv").read_bytes()


def test_the_provenance_of_an_old_table_does_not_stay_beside_a_new_one(
    run: Run, links: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.tsv"
    for cut in (0, 700):
        assert (
            run("prepare", "string", "--input", links, "--min-score", cut, "--out", out).code == 0
        )
    sheet = json.loads((tmp_path / "out.tsv.provenance.json").read_text())
    assert sheet["settings"]["min_score"] == 700
    assert sheet["counts"]["pairs"] == len(pr.read_pairs(out, directed=False))


FAULTS = {
    "no such source": (("intact",), 2, "mitab (IntAct, or another database"),
    "a missing setting": (("string",), 2, "--min-score"),
    "a setting of another source": (("hippie", "--min-score", "0", "--table", "x"), 2, "--table"),
    "a score out of range": (("string", "--min-score", "1001"), 2, "1000"),
    "nothing to download": (("dscript",), 2, "--table"),
    "an unknown suffix": (
        ("dscript", "--input", "{here}/pairs.tsv", "--out", "{here}/out.xls"), 2, ".tsv"
    ),
    "an output in place of the input": (
        ("dscript", "--input", "{here}/pairs.tsv", "--out", "{here}/pairs.tsv"), 2, "is an input"
    ),
    "sequences in place of the input": (
        ("dscript", "--input", "{here}/pairs.tsv", "--fasta", "{here}/out.fasta"), 2, "is an input"
    ),
    "a file of another source": (
        ("hippie", "--min-score", "0", "--input", "{here}/pairs.tsv"), 1, "prepare dscript"
    ),
    "a mapping that is not there": (
        ("dscript", "--input", "{here}/pairs.tsv", "--mapping", "{here}/none"), 1,
        "none: no such file",
    ),
    "a mapping that knows nothing": (
        ("dscript", "--input", "{here}/pairs.tsv", "--mapping", "{here}/hippie.txt"), 1,
        "no pair is left of 3 rows",
    ),
    "a hash of a folder": (
        ("gold_standard", "--input", "{here}", "--out", "{here}/gold", "--sha256", "ab"), 2,
        "is a folder",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_ends_with_one_message_and_changes_nothing(
    fault: tuple[tuple[str, ...], int, str], run: Run, tmp_path: Path
) -> None:
    words, code, said = fault
    text(DSCRIPT, "pairs.tsv")(tmp_path)
    text(HIPPIE, "hippie.txt")(tmp_path)
    text(">4932.YMR188C\nMK\n", "out.fasta")(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    if "--out" not in words:
        words = (*words, "--out", "{here}/out.tsv")
    outcome = run("prepare", *(word.format(here=tmp_path) for word in words))
    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert "`" not in outcome.err  # settings are named by their flags
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
