"""Losses taken in tiles are those of the whole matrix, and so are their gradients."""

import pytest
import torch
from torch import Tensor

from ppi_ratio.objectives import ColumnObjective, InfoNCEAnchor, Objective, PairScores
from ppi_ratio.objectives.tiles import ProjectedBatch, loss_in_tiles

BATCH, HIDDEN = 13, 5


def projections() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    left, right = torch.randn(2, BATCH, HIDDEN, generator=generator)
    return left.requires_grad_(), right.requires_grad_(), torch.zeros((), requires_grad=True)


@pytest.mark.parametrize("width", [1, 4, BATCH])
@pytest.mark.parametrize("with_ids", [False, True])
def test_tiles_are_the_whole(objective: Objective, width: int, with_ids: bool) -> None:
    if not isinstance(objective, ColumnObjective):
        pytest.skip(f"{objective.name} is no mean over columns")
    ids = (torch.arange(BATCH) % 7, torch.arange(BATCH) % 5) if with_ids else None
    results = []
    for whole in (True, False):
        left, right, bias = projections()

        def interact(u: Tensor, v: Tensor, bias: Tensor = bias) -> Tensor:
            return objective.needs.link(u @ v.T + bias)

        if whole:
            noise = PairScores.in_batch(torch.zeros(BATCH, BATCH)).noise
            if ids is not None:
                noise &= ids[0][:, None] != ids[1][None, :]
            loss = objective.loss(PairScores(interact(left, right), noise))
        else:
            batch = ProjectedBatch(interact, left, right, ids)
            loss = loss_in_tiles(objective, batch, width=width)
        loss.backward()
        results.append([loss.detach(), left.grad, right.grad, bias.grad])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)


def test_own_columns_of_several_ranks_make_the_whole() -> None:
    left, right, bias = projections()
    batch = ProjectedBatch(lambda u, v: u @ v.T + bias, left[:12], right[:12], None)
    parts = [
        loss_in_tiles(InfoNCEAnchor(), batch, width=3, own=range(start, start + 4))
        for start in (0, 4, 8)
    ]
    whole = loss_in_tiles(InfoNCEAnchor(), batch, width=12)
    torch.testing.assert_close(torch.stack(parts).mean(), whole)


def test_tiles_without_any_noise_are_refused() -> None:
    left, right, _ = projections()
    same = torch.zeros(BATCH, dtype=torch.int64)
    batch = ProjectedBatch(lambda u, v: u @ v.T, left, right, (same, same))
    with pytest.raises(ValueError, match="two pairs or more"):
        loss_in_tiles(InfoNCEAnchor(), batch, width=4)
