"""What the tests of the later stages share: a command line, and pairs of the small world."""

import os
import sys

import pytest
import torch
from command_line import Outcome, Run
from small_world import grouped_vectors, pairs_within_groups

from ppi_ratio.cli import main
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.pairs import Split, draw_non_pairs, split_by_protein
from ppi_ratio.pairs.table import labelled_table

# the tests themselves run beside one another, and so do the processes that they start
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a command to ``ppi-ratio``."""

    def call(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ppi-ratio", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            main()
        captured = capsys.readouterr()
        return Outcome(int(caught.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def vectors() -> Embeddings:
    return grouped_vectors()


@pytest.fixture(scope="session", params=[False, True], ids=["undirected", "directed"])
def split(request: pytest.FixtureRequest) -> Split:
    pairs = pairs_within_groups(request.param)
    return split_by_protein(pairs, test_fraction=0.2, validation_fraction=0.1, seed=0)


@pytest.fixture(scope="session")
def undirected_split() -> Split:
    pairs = pairs_within_groups(False)
    return split_by_protein(pairs, test_fraction=0.2, validation_fraction=0.1, seed=0)


@pytest.fixture(scope="session")
def labelled_split(undirected_split: Split) -> Split:
    """The same pairs, each part with as many non-pairs of its own proteins."""
    tables = {}
    for part in ("train", "validation", "test"):
        joint = getattr(undirected_split, part)
        non_pairs = draw_non_pairs(
            joint, law="uniform", per_joint=1, known=undirected_split.joint, seed=0
        )
        tables[part] = labelled_table(joint, non_pairs)
    return Split.from_tables(**tables)
