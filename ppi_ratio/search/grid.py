"""Projected lefts and rights and what turns their products into log ratios."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ppi_ratio.critics import Critic
from ppi_ratio.objectives.link import Link
from ppi_ratio.runtime.threads import blocks_of


@dataclass(frozen=True)
class Grid:
    """Every left against every right, none of it computed yet.

    A log ratio is ``tile(lefts, rights) + offset(rights)``; adding the offset is left to whoever
    reads the tile next.

    Attributes:
        critic: on the device of the projections, in evaluation mode.
        left: projections of the lefts.
        right: projections of the rights.
        offset: of each right.
        excluded: pairs that may not be found, as places among lefts and among rights, sorted by
            left and then by right.
        coarse: multiply in bfloat16.
    """

    critic: Critic
    left: Float[Tensor, "left hidden"]
    right: Float[Tensor, "right hidden"]
    offset: Float[Tensor, " right"]
    excluded: tuple[np.ndarray, np.ndarray]
    coarse: bool = False

    @classmethod
    def of(
        cls,
        critic: Critic,
        left: Float[Tensor, "left hidden"],
        right: Float[Tensor, "right hidden"],
        right_term: Float[Tensor, " right"],
        excluded: tuple[np.ndarray, np.ndarray],
        *,
        coarse: bool = False,
    ) -> "Grid":
        """From what is subtracted from the scores of each right; ``excluded`` in any order."""
        offset = -right_term
        if critic.link is Link.LOG:
            offset = offset + critic.bias.detach()
        order = np.lexsort((excluded[1], excluded[0]))
        return cls(
            critic, left, right, offset, (excluded[0][order], excluded[1][order]), coarse=coarse
        )

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.left), len(self.right)

    def tile(self, lefts: slice, rights: slice) -> Float[Tensor, "left right"]:
        """Log ratios less the offset of their right, -inf where a pair is excluded."""
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
    def matrix(self, *, rows_at_once: int = 512) -> Float[np.ndarray, "left right"]:
        """All log ratios, in float32."""
        n_lefts, n_rights = self.shape
        whole = np.empty((n_lefts, n_rights), dtype=np.float32)
        for rows in blocks_of(n_lefts, rows_at_once):
            tile = self.tile(rows, slice(0, n_rights)) + self.offset
            whole[rows] = tile.cpu().numpy()
        return whole

    @torch.inference_mode()
    def log_ratios(
        self, lefts: np.ndarray, rights: np.ndarray, *, at_once: int = 2**16
    ) -> Float[np.ndarray, " pair"]:
        """Of single pairs, in float32 whatever the tiles are computed in."""
        parts = [np.empty(0, dtype=np.float32)]
        own = self.critic.bias.detach() if self.critic.link is Link.LOG else 0.0
        for start in range(0, len(lefts), at_once):
            i, j = (
                torch.from_numpy(each[start : start + at_once].astype(np.int64)).to(
                    self.left.device
                )
                for each in (lefts, rights)
            )
            scores = self.critic.interact_paired(self.left[i].float(), self.right[j].float())
            parts.append((scores + (self.offset[j] - own)).cpu().numpy())
        return np.concatenate(parts)

    @cached_property
    def _factors(self) -> tuple[Tensor, Tensor]:
        """Projections in the type that they are multiplied in."""
        kind = torch.bfloat16 if self.coarse else self.left.dtype
        return self.left.to(kind), self.right.to(kind)

    def _excluded_in(self, lefts: slice, rights: slice) -> tuple[np.ndarray, np.ndarray]:
        """Excluded pairs within a tile, counted from its corner."""
        first, last = np.searchsorted(self.excluded[0], [lefts.start, lefts.stop])
        rows, columns = (side[first:last] for side in self.excluded)
        inside = (columns >= rights.start) & (columns < rights.stop)
        return rows[inside] - lefts.start, columns[inside] - rights.start
