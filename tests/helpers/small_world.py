"""A small world in which who binds whom is known, and processes that know it from the start."""

import multiprocessing
from dataclasses import replace

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.pairs import PairTable, Split

N_PROTEINS, DIM = 150, 12

# new processes are forked by one that has imported all this already
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["ppi_ratio.model.fitting"])


def grouped_vectors() -> Embeddings:
    """Vectors in three groups; proteins of one group are alike."""
    rng = np.random.default_rng(0)
    centres = 2.0 * rng.normal(size=(3, DIM))
    matrix = centres[np.arange(N_PROTEINS) % 3] + rng.normal(size=(N_PROTEINS, DIM))
    ids = [f"P{number:03d}" for number in range(N_PROTEINS)]
    made_by = Provenance(encoder="esm2_bundled", layer=2, checkpoint="ab" * 32)
    return Embeddings.from_arrays(ids, matrix.astype(np.float32), provenance=made_by)


def without_validation(split: Split) -> Split:
    """The same with validation pairs of proteins that have no vector."""
    strange = split.validation.frame.assign(left="X" + split.validation.frame["left"])
    validation = PairTable.from_rows(strange, directed=split.directed, name="strange")
    return replace(split, validation=validation)


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
