"""A critic and vectors -> log ratios: row by row, in tiles, or the best partners of each protein.

Everything here works on standardised vectors that are projected once per protein.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ppi_ratio.critics import Critic
from ppi_ratio.embeddings import Embeddings

PROTEINS_AT_ONCE = 4096
PAIRS_AT_ONCE = 65_536
TILE_ROWS = 1024


@dataclass(frozen=True)
class Standardisation:
    """Mean and standard deviation of each vector entry over the training proteins."""

    mean: Float[Tensor, " dim"]
    scale: Float[Tensor, " dim"]

    @classmethod
    def of(cls, vectors: Float[Tensor, "protein dim"]) -> "Standardisation":
        """Constant entries keep their scale: dividing by nearly nothing would blow up new ones."""
        scale = vectors.std(0, correction=0)
        constant = scale <= 1e-6 * vectors.abs().amax(0).clamp_min(1e-30)
        return cls(vectors.mean(0), scale.masked_fill(constant, 1.0))

    def __call__(self, vectors: Float[Tensor, "protein dim"]) -> Float[Tensor, "protein dim"]:
        return (vectors - self.mean) / self.scale


@dataclass(frozen=True)
class Normaliser:
    """What turns critic scores into log ratios: c - constant - log mean over references of exp c.

    Attributes:
        constant: the same for every pair, in nats.
        references: projections of draws from the left noise marginal; with them the mean ratio
            of each right protein is one. None where the objective leaves no term of the right.
    """

    constant: float = 0.0
    references: Float[Tensor, "reference hidden"] | None = None

    def right_term(
        self, critic: Critic, v: Float[Tensor, "right hidden"]
    ) -> Float[Tensor, " right"]:
        """What to subtract from every score of each right protein."""
        if self.references is None:
            return torch.full((len(v),), self.constant, device=v.device)
        scores = critic.interact(self.references.to(v.device), v)
        return scores.logsumexp(0) - math.log(len(scores)) + self.constant


@dataclass(frozen=True)
class Scorer:
    """A critic with all that its scores need to be log ratios."""

    critic: Critic
    standardise: Standardisation
    normaliser: Normaliser

    @torch.inference_mode()
    def project(
        self, vectors: Embeddings, rows: np.ndarray, *, side: str
    ) -> Float[Tensor, "protein hidden"]:
        """Projections of the proteins in ``rows`` on ``side`` ("left" or "right")."""
        project = self.critic.project_left if side == "left" else self.critic.project_right
        chunks = np.array_split(rows, max(1, -(-len(rows) // PROTEINS_AT_ONCE)))
        return torch.cat(
            [project(self.standardise(torch.from_numpy(vectors.matrix(chunk)))) for chunk in chunks]
        )

    @torch.inference_mode()
    def score_rows(
        self, vectors: Embeddings, left: np.ndarray, right: np.ndarray
    ) -> Float[np.ndarray, " pair"]:
        """Log ratio of (left[i], right[i]), rows of ``vectors``."""
        if len(left) == 0:
            return np.empty(0, dtype=np.float32)
        left_rows, left_index = np.unique(left, return_inverse=True)
        right_rows, right_index = np.unique(right, return_inverse=True)
        u = self.project(vectors, left_rows, side="left")
        v = self.project(vectors, right_rows, side="right")
        right_term = self.normaliser.right_term(self.critic, v)
        scores = np.empty(len(left), dtype=np.float32)
        for start in range(0, len(left), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            i, j = torch.from_numpy(left_index[part]), torch.from_numpy(right_index[part])
            scores[part] = (self.critic.interact_paired(u[i], v[j]) - right_term[j]).numpy()
        return scores

    def score_tiles(
        self, vectors: Embeddings, left: np.ndarray, right: np.ndarray
    ) -> Iterator[tuple[int, Float[np.ndarray, "left right"]]]:
        """Log ratios of some lefts against all rights, with the index of the first left."""
        u = self.project(vectors, left, side="left")
        v = self.project(vectors, right, side="right")
        with torch.inference_mode():
            right_term = self.normaliser.right_term(self.critic, v)
        for start in range(0, len(left), TILE_ROWS):
            with torch.inference_mode():  # not around the yield: it would leak to the caller
                tile = self.critic.interact(u[start : start + TILE_ROWS], v) - right_term
            yield start, tile.numpy()

    def best_partners(
        self,
        vectors: Embeddings,
        left: np.ndarray,
        right: np.ndarray,
        *,
        count: int,
        excluded: tuple[np.ndarray, np.ndarray],
    ) -> tuple[Float[np.ndarray, "left best"], np.ndarray]:
        """The ``count`` rights with the highest log ratio for each left, best first.

        Args:
            vectors: where the proteins are.
            left: rows of the lefts.
            right: rows of the rights.
            count: partners of each left; all rights if there are fewer.
            excluded: pairs that may not be reported, as positions in ``left`` and in ``right``;
                where too few others are left their log ratio comes back as -inf.

        Returns:
            Log ratios and positions in ``right``, both ``(left, best)``.
        """
        count = min(count, len(right))
        order = np.argsort(excluded[0], kind="stable")
        excluded_left, excluded_right = excluded[0][order], excluded[1][order]
        ratios = np.empty((len(left), count), dtype=np.float32)
        partners = np.empty((len(left), count), dtype=np.int64)
        for start, tile in self.score_tiles(vectors, left, right):
            stop = start + len(tile)
            first, last = np.searchsorted(excluded_left, [start, stop])
            tile[excluded_left[first:last] - start, excluded_right[first:last]] = -np.inf
            best = torch.from_numpy(tile).topk(count, dim=1)
            ratios[start:stop], partners[start:stop] = best.values.numpy(), best.indices.numpy()
        return ratios, partners
