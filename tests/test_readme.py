"""The README's commands and Python run as they stand, but for its encoder of large weights."""

import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import Run
from markdown import ROOT, blocks, code_spans

from ppi_ratio.sequences import STANDARD_RESIDUES, Proteins
from ppi_ratio.sequences.proteins import write_fasta

README = ROOT / "README.md"
LARGE_ENCODER, SMALL_ENCODER = "esm2_t30_150M_UR50D", "conjoint_triad"
N_PROTEINS = 120


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somewhere with the files that the README speaks of."""
    rng = np.random.default_rng(0)
    ids = [f"P{number:05d}" for number in range(N_PROTEINS)]
    letters = list(STANDARD_RESIDUES)
    write_fasta(
        Proteins({name: "".join(rng.choice(letters, 60)) for name in ids}),
        tmp_path / "proteins.fasta",
    )
    for name, n_pairs in {"interactions": 900, "candidates": 20}.items():
        pairs = pd.DataFrame(rng.choice(ids, (n_pairs, 2)))
        pairs.to_csv(tmp_path / f"{name}.tsv", sep="\t", header=False, index=False)
    (tmp_path / "experiment.yaml").write_text("".join(blocks(README, "yaml")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands() -> list[list[str]]:
    lines = [line for block in blocks(README) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("ppi-ratio ")]


def test_commands_run_one_after_the_other_and_write_what_is_said(folder: Path, run: Run) -> None:
    verbs = []
    for words in commands():
        encoder = ["--encoder", SMALL_ENCODER] if words[0] == "embed" else []
        outcome = run(*words, *encoder)
        assert outcome.code == 0, outcome.err
        verbs.append(words[0])
    assert verbs == ["embed", "split", "train", "evaluate", "score", "screen"]
    for written in ("vectors.h5", "parts/test.tsv", "run/model", "results/results.parquet"):
        assert (folder / written).exists()
    scores = pd.read_csv("scores.tsv", sep="\t")
    assert set(scores.columns) <= set(code_spans(README))
    assert len(scores) == len(Path("candidates.tsv").read_text().splitlines())
    hits = pd.read_parquet("hits.parquet")
    assert hits["log_ratio"].is_monotonic_decreasing


def test_python_runs(folder: Path) -> None:
    (code,) = blocks(README, "python")
    assert LARGE_ENCODER in code
    names: dict[str, object] = {}
    exec(code.replace(LARGE_ENCODER, SMALL_ENCODER), names)
    for table in ("scores", "hits", "results"):
        rows = names[table]
        assert isinstance(rows, pd.DataFrame)
        assert len(rows)


def test_table_of_probabilities_is_what_its_command_prints() -> None:
    text = README.read_text(encoding="utf-8")
    (command,) = [line for line in text.splitlines() if line.startswith("python -c ")]
    words = [sys.executable, *shlex.split(command)[1:]]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert len(printed.splitlines()) > 3
    assert printed in text
