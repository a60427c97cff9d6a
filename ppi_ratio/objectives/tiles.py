"""The loss of a batch whose score matrix does not fit in memory, a few columns at a time.

A tile holds every left against some rights, which is all that the losses of its columns need. Only
the losses of a tile are kept, and the gradient computes the tile again. Memory grows with the
batch times the width of a tile. The result is the loss of the whole matrix.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from ppi_ratio.errors import ConfigError
from ppi_ratio.objectives.scores import NO_NOISE, ColumnObjective, Columns

Interaction = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class ProjectedBatch:
    """A batch before its scores are computed.

    Attributes:
        interact: projections of lefts and of rights -> their scores, ``(left, right)``.
        left: projection of each left protein. Row i of ``left`` and of ``right`` is an interaction.
        right: projection of each right protein.
        ids: a number for each left and each right protein. A pair with equal numbers is not noise.
            None if every entry off the diagonal is noise.
    """

    interact: Interaction
    left: Float[Tensor, "batch hidden"]
    right: Float[Tensor, "batch hidden"]
    ids: tuple[Int[Tensor, " batch"], Int[Tensor, " batch"]] | None

    @property
    def transposed(self) -> "ProjectedBatch":
        """The batch with left and right exchanged."""
        return ProjectedBatch(
            lambda v, u: self.interact(u, v).T,
            self.right,
            self.left,
            None if self.ids is None else (self.ids[1], self.ids[0]),
        )

    def columns(self, start: int, stop: int) -> Columns:
        """Scores and noise of some columns."""
        matrix = self.interact(self.left, self.right[start:stop])
        partner = torch.arange(start, stop, device=matrix.device)
        noise = torch.ones_like(matrix, dtype=torch.bool)
        noise[partner, partner - start] = False
        if self.ids is not None:
            noise &= self.ids[0][:, None] != self.ids[1][None, start:stop]
        return Columns(matrix, noise, partner)


def loss_in_tiles(
    objective: ColumnObjective, batch: ProjectedBatch, *, width: int, own: range | None = None
) -> Float[Tensor, ""]:
    """``objective.loss`` of the whole matrix, computed in tiles.

    Args:
        objective: a mean over columns, or over columns and over rows.
        batch: projections of both sides.
        width: columns of a tile.
        own: the columns, and rows, to take the mean over; all unless given. Each of several ranks
            that share a batch takes its own.

    Raises:
        ValueError: if no entry is noise.
    """
    own = own or range(len(batch.left))
    loss = _mean_over_columns(objective, batch, width, own)
    if objective.directions == 1:
        return loss
    return (loss + _mean_over_columns(objective, batch.transposed, width, own)) / 2


def _mean_over_columns(
    objective: ColumnObjective, batch: ProjectedBatch, width: int, own: range
) -> Tensor:
    def of_tile(left: Tensor, right: Tensor, start: int, stop: int) -> tuple[Tensor, Tensor]:
        tile = ProjectedBatch(batch.interact, left, right, batch.ids)
        columns = tile.columns(start, stop).informative()
        n_columns = torch.tensor(columns.matrix.shape[1], device=left.device)
        return objective.column_losses(columns).sum(), n_columns

    starts = range(own.start, own.stop, width)
    tiles = [
        checkpoint(
            of_tile,
            batch.left,
            batch.right,
            start,
            min(start + width, own.stop),
            use_reentrant=False,
        )
        for start in starts
    ]
    sums, counts = zip(*tiles, strict=True)
    n_columns = torch.stack(counts).sum()
    if not bool(n_columns):
        raise ConfigError(NO_NOISE)
    return torch.stack(sums).sum() / n_columns
