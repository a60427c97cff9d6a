"""A critic of your own: a frozen dataclass of settings whose ``build`` makes the network."""

from dataclasses import dataclass
from pathlib import Path

from torch import nn

import ppi_ratio as pr
from ppi_ratio.critics import Critic, ProductCritic
from ppi_ratio.objectives.link import Link

QUICK = pr.TrainerSettings(max_epochs=2)


@dataclass(frozen=True)
class Twin:
    symmetric: bool = True  # one network for both proteins
    name: str = "twin"
    rank: int = 8

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        network = nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, self.rank))
        return ProductCritic(network, None, rank=self.rank, link=link)


def test_it_trains_and_is_loaded(split: pr.Split, vectors: pr.Embeddings, tmp_path: Path) -> None:
    model = pr.fit(split, vectors, critic=Twin(), trainer=QUICK)
    model.save(tmp_path / "model")
    again = pr.RatioModel.load(tmp_path / "model", critic=Twin)
    assert again.score(split.test, vectors).equals(model.score(split.test, vectors))
