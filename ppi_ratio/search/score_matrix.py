"""Log ratios of every left with every right, computed in tiles on demand."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ppi_ratio.critics import Critic
from ppi_ratio.objectives.link import Link
from ppi_ratio.runtime.threads import row_blocks


@dataclass(frozen=True)
class ScoreMatrix:
    """Log ratios of every left with every right, computed on demand.

    A log ratio is ``tile(lefts, rights) + offset[rights]``. The search adds the offset while it
    reads the tile, which saves a pass over the tile.

    Attributes:
        critic: on the device of the projections, in evaluation mode.
        left: projections of the lefts.
        right: projections of the rights.
        offset: number to add to every product of each right.
        excluded: pairs that a search leaves out: row numbers of their lefts and column numbers of
            their rights, sorted by row, then by column.
        bfloat16: True to multiply in bfloat16 instead of the type of the projections.
    """

    critic: Critic
    left: Float[Tensor, "left hidden"]
    right: Float[Tensor, "right hidden"]
    offset: Float[Tensor, " right"]
    excluded: tuple[np.ndarray, np.ndarray]
    bfloat16: bool = False

    @classmethod
    def of(
        cls,
        critic: Critic,
        left: Float[Tensor, "left hidden"],
        right: Float[Tensor, "right hidden"],
        right_term: Float[Tensor, " right"],
        excluded: tuple[np.ndarray, np.ndarray],
        *,
        bfloat16: bool = False,
    ) -> "ScoreMatrix":
        """Make a matrix; ``right_term`` is subtracted from the scores of each right.

        The pairs of ``excluded`` may have any order.
        """
        offset = -right_term
        if critic.link is Link.LOG:
            offset = offset + critic.bias.detach()
        order = np.lexsort((excluded[1], excluded[0]))
        in_order = (excluded[0][order], excluded[1][order])
        return cls(critic, left, right, offset, in_order, bfloat16=bfloat16)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.left), len(self.right)

    def tile(self, lefts: slice, rights: slice) -> Float[Tensor, "left right"]:
        """Log ratios minus the offset of each right; -inf for an excluded pair."""
        left, right = self._factors
        tile = self.critic.products(left[lefts], right[rights]).float()
        if self.critic.link is not Link.LOG:
            tile = self.critic.link(tile + self.critic.bias)
        rows, columns = self._excluded_in(lefts, rights)
        if len(rows):
            index = (torch.from_numpy(each).to(tile.device) for each in (rows, columns))
            tile[tuple(index)] = -torch.inf
        return tile

    @torch.inference_mode()
    def to_numpy(self, *, rows_at_once: int = 512) -> Float[np.ndarray, "left right"]:
        """All log ratios in memory, in float32; -inf for an excluded pair."""
        n_lefts, n_rights = self.shape
        whole = np.empty((n_lefts, n_rights), dtype=np.float32)
        for rows in row_blocks(n_lefts, rows_at_once):
            tile = self.tile(rows, slice(0, n_rights)) + self.offset
            whole[rows] = tile.cpu().numpy()
        return whole

    @torch.inference_mode()
    def log_ratios(
        self, lefts: np.ndarray, rights: np.ndarray, *, at_once: int = 2**16
    ) -> Float[np.ndarray, " pair"]:
        """Log ratios of single pairs, in float32 even if tiles are in bfloat16."""
        parts = [np.empty(0, dtype=np.float32)]
        # both ``interact_paired`` and the offset include the bias, so it is subtracted once
        bias = self.critic.bias.detach() if self.critic.link is Link.LOG else 0.0
        for start in range(0, len(lefts), at_once):
            i, j = (
                torch.from_numpy(each[start : start + at_once].astype(np.int64)).to(
                    self.left.device
                )
                for each in (lefts, rights)
            )
            scores = self.critic.interact_paired(self.left[i].float(), self.right[j].float())
            parts.append((scores + (self.offset[j] - bias)).cpu().numpy())
        return np.concatenate(parts)

    @cached_property
    def _factors(self) -> tuple[Tensor, Tensor]:
        """Projections in the type of the matrix product."""
        kind = torch.bfloat16 if self.bfloat16 else self.left.dtype
        return self.left.to(kind), self.right.to(kind)

    def _excluded_in(self, lefts: slice, rights: slice) -> tuple[np.ndarray, np.ndarray]:
        """Excluded pairs of a tile, as row and column numbers within the tile."""
        first, last = np.searchsorted(self.excluded[0], [lefts.start, lefts.stop])
        rows, columns = (side[first:last] for side in self.excluded)
        inside = (columns >= rights.start) & (columns < rights.stop)
        return rows[inside] - lefts.start, columns[inside] - rights.start
