"""An objective of your own: a frozen dataclass that turns the scores of a batch into a loss."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from torch import Tensor

import ppi_ratio as pr
from ppi_ratio.objectives import Needs, Optimum


@dataclass(frozen=True)
class Hinge:
    optimum: ClassVar = Optimum.SKEWED_UP_TO_CONSTANT  # its scores rank pairs, and no more
    needs: ClassVar = Needs()
    name: str = "hinge"
    margin: float = 1.0

    def loss(self, scores: pr.PairScores) -> Tensor:
        noise = scores.noise_mean((self.margin + scores.matrix).relu())
        return noise + (self.margin - scores.joint).relu().mean()


def test_it_trains_and_is_loaded(split: pr.Split, vectors: pr.Embeddings, tmp_path: Path) -> None:
    model = pr.fit(split, vectors, objective=Hinge(), trainer=pr.TrainerSettings(max_epochs=2))
    model.save(tmp_path / "model")
    again = pr.RatioModel.load(tmp_path / "model", objective=Hinge)
    assert again.score(split.test, vectors).equals(model.score(split.test, vectors))
