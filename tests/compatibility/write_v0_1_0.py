"""Writes the files of format 1 that every later release must read, with the scores they give.

They were written once, by ppi_ratio 0.1.0, and are not to be written again: of a newer format,
write others beside them. By hand, into a new folder:

    python tests/compatibility/write_v0_1_0.py FOLDER
"""

import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

sys.path.append(str(Path(__file__).parents[1] / "helpers"))

from made_model import made_model

import ppi_ratio as pr
from ppi_ratio.critics import CriticSettings
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.io.tables import write_table
from ppi_ratio.pairs import write_split

DIM = 6
IDS = ("P12345", "Q67890", "4932.YAL001C", "Ü<b>&", "sp|P04637|P53_HUMAN", "P1")
MODELS: dict[str, tuple[CriticSettings, bool]] = {
    "bilinear": (pr.Bilinear(rank=3, symmetric=True), False),
    "bilinear_directed": (pr.Bilinear(rank=3), True),
    "separable": (pr.Separable(rank=3, hidden=(4,), symmetric=True), False),
    "separable_directed": (pr.Separable(rank=3, hidden=(4, 5)), True),
    "mlp": (pr.MLP(hidden=4, symmetric=True), False),
    "mlp_directed": (pr.MLP(hidden=4, layers=2), False),
}


def write(folder: Path) -> None:
    rng = np.random.default_rng(0)
    made_by = Provenance("esm2_bundled", 2, "mean", "ab" * 32, "fp32", 1022, 256)
    matrix = rng.normal(size=(len(IDS), DIM)).astype(np.float32)
    hashes = [f"{number:032x}" for number in range(len(IDS))]
    vectors = pr.Embeddings.from_arrays(IDS, matrix, made_by, hashes)
    vectors.write(folder / "vectors.h5", dtype="float32")
    pr.Embeddings.from_arrays(IDS, matrix, made_by).write(folder / "halves.h5", dtype="float16")
    _write_old_layout(folder / "old_layout.h5", matrix)
    pd.DataFrame(matrix, index=list(IDS)).to_csv(folder / "vectors.tsv", sep="\t")
    pairs = pd.DataFrame([(a, b) for a in IDS for b in IDS], columns=["left", "right"])
    pairs.to_csv(folder / "pairs.tsv", sep="\t", index=False)
    scores = pairs.copy()
    for name, (critic, per_right) in MODELS.items():
        model = made_model(critic, vectors, per_right=per_right)
        model.save(folder / name)
        scores[name] = model.score(pairs, vectors)["log_ratio"]
    scores.to_csv(folder / "scores.tsv", sep="\t", index=False, float_format="%.9g")
    known = [("P12345", "Q67890"), ("P1", "Ü<b>&"), ("P1", "Q67890"), ("P12345", "P1")]
    table = pr.read_pairs(pd.DataFrame(known, columns=["left", "right"]), directed=False)
    parts = {"train": table, "validation": table, "test": table}
    write_split(pr.Split.from_tables(**parts), folder / "split")
    write_table(table.frame, folder / "pairs.parquet")


def _write_old_layout(path: Path, matrix: np.ndarray) -> None:
    """As before the first release: HDF5's oldest layout, text of any length, no hashes."""
    with h5py.File(path, "w", libver="earliest") as file:
        file.attrs["format"], file.attrs["version"] = "ppi_ratio.embeddings", 1
        file.attrs["encoder"], file.attrs["layer"] = "esm2_bundled", 2
        file.create_dataset("ids", data=list(IDS), dtype=h5py.string_dtype())
        file["vectors"] = matrix


if __name__ == "__main__":
    write(Path(sys.argv[1]))
