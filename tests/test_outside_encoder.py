"""An encoder of your own: it names itself, plans batches and turns residues into vectors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import ppi_ratio as pr
from ppi_ratio.embeddings import Provenance

LETTERS, QUICK = "ACDEFGHIKLMNPQRSTVWY", pr.TrainerSettings(max_epochs=1)


class Composition:
    provenance = Provenance(encoder="composition", pooling="counts")
    dim = len(LETTERS)

    def batches(self, lengths: Sequence[int]) -> list[list[int]]:
        return [list(range(len(lengths)))]

    def vectors(self, sequences: Sequence[str]) -> np.ndarray:
        return np.array([[each.count(letter) for letter in LETTERS] for each in sequences])


def test_it_embeds_trains_and_scores(split: pr.Split, tmp_path: Path) -> None:
    proteins = pr.Proteins({f"P{number:03d}": LETTERS[number % 15 :] for number in range(150)})
    vectors = pr.embed_file(proteins, tmp_path / "vectors.h5", encoder=Composition())
    pr.fit(split, vectors, trainer=QUICK).save(tmp_path / "model")
    scores = pr.RatioModel.load(tmp_path / "model").score(split.test, vectors)
    assert set(scores["note"]) == {""}
