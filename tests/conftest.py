"""A small world in which who binds whom is known: shared by the tests of the later stages."""

import sys

import numpy as np
import pandas as pd
import pytest
import torch
from command_line import Outcome, Run

from ppi_ratio.cli import main
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.pairs import PairTable, Split, draw_non_pairs, split_by_protein
from ppi_ratio.pairs.table import labelled_table

N_PROTEINS, DIM = 150, 12

torch.set_num_threads(1)  # the tests themselves run beside one another


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
    """Vectors in three groups; proteins of one group are alike."""
    rng = np.random.default_rng(0)
    centres = 2.0 * rng.normal(size=(3, DIM))
    matrix = centres[np.arange(N_PROTEINS) % 3] + rng.normal(size=(N_PROTEINS, DIM))
    ids = [f"P{number:03d}" for number in range(N_PROTEINS)]
    made_by = Provenance(encoder="esm2_bundled", layer=2, checkpoint="ab" * 32)
    return Embeddings.from_arrays(ids, matrix.astype(np.float32), provenance=made_by)


def pairs_within_groups(directed: bool) -> PairTable:
    """Group 0 binds group 1, and group 2 binds itself."""
    rng = np.random.default_rng(1)
    left, right = rng.integers(N_PROTEINS, size=(2, 8000))
    kinds = np.stack([left % 3, right % 3])
    if directed:
        binds = ((kinds[0] == 0) & (kinds[1] == 1)) | ((kinds[0] == 2) & (kinds[1] == 2))
    else:
        binds = (kinds.sum(0) == 1) | ((kinds[0] == 2) & (kinds[1] == 2))
    rows = pd.DataFrame({"left": left[binds], "right": right[binds]})
    rows = rows.map(lambda number: f"P{number:03d}")
    return PairTable.from_rows(rows, directed=directed, name="groups")


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
