"""A critic whose interaction is your own: projections, and scores of all pairs and row by row."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, cdist, nn, no_grad

import ppi_ratio as pr
from ppi_ratio.critics import Critic
from ppi_ratio.objectives.link import Link


class DistanceCritic(Critic):
    def __init__(self, dim: int, rank: int, link: Link) -> None:
        super().__init__(symmetric=True, link=link)
        self.place = nn.Linear(dim, rank)

    def project_left(self, x: Tensor) -> Tensor:
        return self.place(x)

    def project_right(self, y: Tensor) -> Tensor:
        return self.place(y)

    def products(self, u: Tensor, v: Tensor) -> Tensor:
        return -cdist(u, v)

    def paired_products(self, u: Tensor, v: Tensor) -> Tensor:
        return -(u - v).norm(dim=-1)

    @no_grad()
    def multiply_(self, factor: float) -> None:
        self.place.weight.mul_(factor)


@dataclass(frozen=True)
class Distance:
    """Pairs that lie close together score high."""

    name: str = "distance"
    rank: int = 8
    symmetric: bool = True

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        return DistanceCritic(dim, self.rank, link)


def test_it_trains_and_is_loaded(split: pr.Split, vectors: pr.Embeddings, tmp_path: Path) -> None:
    trainer = pr.TrainerSettings(max_epochs=2)
    model = pr.fit(split, vectors, critic=Distance(rank=4), trainer=trainer, progress=False)
    model.save(tmp_path / "model")
    again = pr.RatioModel.load(tmp_path / "model", critic=Distance)
    assert again.screen(vectors, top_k=3).equals(model.screen(vectors, top_k=3))
