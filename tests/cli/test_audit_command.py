"""``ppi-ratio audit`` and ``ppi-ratio non-pairs`` on the command line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import Run

from ppi_ratio.cli.options import Law
from ppi_ratio.pairs import NOISE_LAWS, read_pairs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Labelled pairs of thirty proteins, their training pairs, sequences and scores."""
    rng = np.random.default_rng(0)
    pairs = [(f"P{a}", f"P{b}") for a in range(30) for b in range(a)]
    chosen = [pairs[i] for i in rng.permutation(len(pairs))[:100]]
    lines = [f"{a}\t{b}\t{int(i < 40)}" for i, (a, b) in enumerate(chosen)]
    (tmp_path / "pairs.tsv").write_text("\n".join([*lines, "P1\tP1\t0", lines[0]]) + "\n")
    (tmp_path / "train.tsv").write_text("\n".join([lines[3], "P2\tX\t1", "Y\tZ\t0"]) + "\n")
    records = [f">P{i}\nMKVLAAGGWW{'ACDEFGHIKL'[i % 10] * 8}\n" for i in range(29)]
    (tmp_path / "proteins.fasta").write_text("".join(records))
    scores = [f"{b} {a} {rng.normal():.4f}" for a, b in chosen[:90]]
    (tmp_path / "scores.txt").write_text("\n".join(scores) + "\n")
    return tmp_path


def test_audit_says_on_the_terminal_and_in_the_file_what_it_found(run: Run, folder: Path) -> None:
    outcome = run(
        "audit", folder / "pairs.tsv", "--undirected", "--fasta", folder / "proteins.fasta",
        "--train", folder / "train.tsv", "--scores", folder / "scores.txt",
        "--out", folder / "audit.json",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert "reading" in outcome.err
    assert "auditing 100 pairs" in outcome.err
    written = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    found = {entry["check"]: entry for entry in written["checks"]}
    assert found["self_pairs"]["count"] == 1
    assert found["repeated_rows"]["count"] == 1
    assert found["training_pairs"]["count"] == 1
    assert found["without_sequence"]["examples"] == ["P29"]
    assert found["pairs_without_score"]["count"] == 10
    shown = " ".join(outcome.out.split())
    assert " ".join(written["verdict"].split()) in shown
    for name in found:
        assert name.replace("_", " ") in shown
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_audit_is_undirected_by_default_and_takes_scores_from_any_column(
    run: Run, folder: Path
) -> None:
    alone = run("audit", folder / "pairs.tsv")
    assert alone.code == 0
    assert "undirected" in alone.out
    text = (folder / "scores.txt").read_text().replace(" -", " x -")
    (folder / "fourth.txt").write_text("\n".join(f"{line} 0.5" for line in text.splitlines()))
    chosen = run(
        "audit", folder / "pairs.tsv", "--scores", folder / "fourth.txt", "--score-column", 4
    )
    assert chosen.code == 0, chosen.err
    assert "score auroc" in chosen.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("audit", "none.tsv"), 1, "no such file"),
        (("audit", "junk"), 1, "junk"),
        (("audit", "pairs.tsv", "--train", "none.tsv"), 1, "none.tsv"),
        (("audit", "pairs.tsv", "--fasta", "pairs.tsv"), 1, "not FASTA"),
        (("audit", "pairs.tsv", "--scores", "junk"), 1, "junk"),
        (("audit", "pairs.tsv", "--scores", "pairs.tsv"), 1, "--score-column"),
        (("audit", "pairs.tsv", "--out", "audit.txt"), 2, "ending in .json"),
        (("audit", "pairs.tsv", "--fsta", "proteins.fasta"), 2, "--fsta"),
        (("non-pairs", "none.tsv"), 1, "no such file"),
        (("non-pairs", "pairs.tsv", "--known", "junk"), 1, "junk"),
        (("non-pairs", "pairs.tsv", "--law", "unifrom"), 2, "unifrom"),
        (("non-pairs", "pairs.tsv", "--per-joint", "0"), 2, "--per-joint"),
        (("non-pairs", "pairs.tsv", "--out", "out.xls"), 2, ".tsv, .csv"),
    ],
)
def test_a_fault_ends_with_a_message_and_its_exit_code(
    words: tuple[str, ...],
    code: int,
    said: str,
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / "junk").write_bytes(np.random.default_rng(0).bytes(2000))
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    if words[0] == "non-pairs":
        given = {"--law": "uniform", "--out": "out.tsv", "--seed": "0", "--undirected": ""}
        for option, value in given.items():
            if option not in words:
                words = (*words, option, *filter(None, [value]))
    outcome = run(*words)
    assert outcome.code == code
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("law", Law)
def test_drawn_non_pairs_are_written_with_the_joint_pairs_and_read_back(
    law: Law, run: Run, folder: Path
) -> None:
    (folder / "known.tsv").write_text("P0\tP29\nP1\tP28\n")
    outcome = run(
        "non-pairs", folder / "pairs.tsv", "--law", law, "--per-joint", 2, "--seed", 0,
        "--undirected", "--known", folder / "known.tsv", "--out", folder / "labelled.tsv",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    joint = read_pairs(folder / "pairs.tsv", directed=False).joint
    written = read_pairs(folder / "labelled.tsv", directed=False)
    assert written.joint.content_hash() == joint.content_hash()
    assert len(written.non_pairs) == 2 * len(joint)
    assert f"40 interactions, 80 {law.value} non-pairs" in " ".join(outcome.out.split())
    known = read_pairs(folder / "known.tsv", directed=False)
    assert pd.merge(written.non_pairs.frame, known.frame).empty


def test_the_command_line_offers_every_law() -> None:
    assert [law.value for law in Law] == list(NOISE_LAWS)
