"""A critic and vectors -> log ratios, pair by pair, or the score matrix that a search reads.

Vectors are standardised, and each protein is projected once.
"""

import copy
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ppi_ratio.critics import Critic
from ppi_ratio.embeddings import Embeddings, usable, warn_of_far
from ppi_ratio.search import ScoreMatrix

PROTEINS_AT_ONCE = 4096
PAIRS_AT_ONCE = 65_536


@dataclass(frozen=True)
class Standardisation:
    """Mean and standard deviation of each vector entry over the training proteins."""

    mean: Float[Tensor, " dim"]
    scale: Float[Tensor, " dim"]

    @classmethod
    def of(cls, vectors: Float[Tensor, "protein dim"]) -> "Standardisation":
        """Mean and standard deviation of these vectors.

        A constant entry gets scale 1: division by almost 0 would make new proteins extreme.
        """
        scale = vectors.std(0, correction=0)
        constant = scale <= 1e-6 * vectors.abs().amax(0).clamp_min(1e-30)
        return cls(vectors.mean(0), scale.masked_fill(constant, 1.0))

    def __call__(self, vectors: Float[Tensor, "protein dim"]) -> Float[Tensor, "protein dim"]:
        return (vectors - self.mean) / self.scale

    def distance(self, vectors: np.ndarray) -> Float[np.ndarray, " protein"]:
        """Root mean square of each standardised vector; about 1 for training proteins."""
        return self(torch.from_numpy(vectors)).square().mean(1).sqrt().numpy()


@dataclass(frozen=True)
class Normaliser:
    """Critic score c -> log ratio: c - constant - log mean over references of exp c.

    Attributes:
        constant: number to subtract from every score, in nats.
        references: projections of left proteins drawn as noise. They make the mean ratio of each
            right protein 1. None if the objective leaves no free term of the right protein.
        proteins: id of each reference; empty if a protein may be noise to itself.
    """

    constant: float = 0.0
    references: Float[Tensor, "reference hidden"] | None = None
    proteins: tuple[str, ...] = ()

    def right_term(
        self,
        critic: Critic,
        v: Float[Tensor, "right hidden"],
        numbers: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> Float[Tensor, " right"]:
        """The number to subtract from all scores of each right protein, in nats.

        Args:
            critic: the critic that projected the right proteins.
            v: projections of the right proteins.
            numbers: a number for each reference and a number for each right protein. Equal numbers
                mean one protein, which is not noise to itself. -1 is for a reference that is none
                of the right proteins. None if a protein may be noise to itself.
        """
        if self.references is None:
            return torch.full((len(v),), self.constant, device=v.device)
        references = self.references.to(v.device)
        terms = []
        for start in range(0, len(v), PROTEINS_AT_ONCE):
            part = slice(start, start + PROTEINS_AT_ONCE)
            scores = critic.interact(references, v[part])
            n_noise = torch.full((scores.shape[1],), len(references), device=v.device)
            if numbers is not None:
                same = torch.from_numpy(numbers[0][:, None] == numbers[1][None, part])
                same = same.to(v.device)
                scores = scores.masked_fill(same, -torch.inf)
                n_noise -= same.sum(0)
            terms.append(scores.logsumexp(0) - n_noise.log())
        return torch.cat(terms) + self.constant


@dataclass(frozen=True)
class Scorer:
    """A critic with its standardisation and normaliser: computes log ratios from vectors."""

    critic: Critic
    standardise: Standardisation
    normaliser: Normaliser

    def usable(self, vectors: Embeddings, *of: Iterable[str] | None) -> Embeddings:
        """The vectors without those that cannot be scored; warns also of those that lie far out.

        Args:
            vectors: the vectors.
            of: the ids that are asked about; all if one of them is None.
        """
        given = [ids for ids in of if ids is not None]
        ids = [*itertools.chain(*given)] if len(given) == len(of) else None
        found = usable(vectors, ids)
        warn_of_far(found, found.ids if ids is None else ids, self.standardise.distance)
        return found

    @torch.inference_mode()
    def project(
        self, vectors: Embeddings, rows: np.ndarray, *, side: str
    ) -> Float[Tensor, "protein hidden"]:
        """Projections of the proteins in ``rows``; ``side`` is "left" or "right"."""
        project = self.critic.project_left if side == "left" else self.critic.project_right
        chunks = np.array_split(rows, max(1, -(-len(rows) // PROTEINS_AT_ONCE)))
        return torch.cat(
            [project(self.standardise(torch.from_numpy(vectors.matrix(chunk)))) for chunk in chunks]
        )

    @torch.inference_mode()
    def score_rows(
        self, vectors: Embeddings, left: np.ndarray, right: np.ndarray
    ) -> Float[np.ndarray, " pair"]:
        """Log ratio of each pair (left[i], right[i]) of rows of ``vectors``."""
        if len(left) == 0:
            return np.empty(0, dtype=np.float32)
        left_rows, left_index = np.unique(left, return_inverse=True)
        right_rows, right_index = np.unique(right, return_inverse=True)
        u = self.project(vectors, left_rows, side="left")
        v = self.project(vectors, right_rows, side="right")
        right_term = self._right_term(vectors, v, right_rows)
        scores = np.empty(len(left), dtype=np.float32)
        for start in range(0, len(left), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            i, j = torch.from_numpy(left_index[part]), torch.from_numpy(right_index[part])
            scores[part] = (self.critic.interact_paired(u[i], v[j]) - right_term[j]).numpy()
        return scores

    @torch.inference_mode()
    def score_matrix(
        self,
        vectors: Embeddings,
        left: np.ndarray,
        right: np.ndarray,
        *,
        excluded: tuple[np.ndarray, np.ndarray],
        bfloat16: bool = False,
        device: torch.device | None = None,
    ) -> ScoreMatrix:
        """Every left with every right: projections are computed, scores are not.

        Args:
            vectors: vectors of all proteins.
            left: rows of ``vectors`` of the lefts.
            right: rows of ``vectors`` of the rights.
            excluded: pairs to leave out, as positions in ``left`` and in ``right``.
            bfloat16: multiply in bfloat16.
            device: where to multiply; the CPU if not given.
        """
        u = self.project(vectors, left, side="left")
        same = self.critic.symmetric and np.array_equal(left, right)
        v = u if same else self.project(vectors, right, side="right")
        right_term = self._right_term(vectors, v, right)
        critic = copy.deepcopy(self.critic).to(device) if device else self.critic
        u, v, right_term = (each.to(device) for each in (u, v, right_term))
        return ScoreMatrix.of(critic, u, v, right_term, excluded, bfloat16=bfloat16)

    def _right_term(
        self, vectors: Embeddings, v: Float[Tensor, "right hidden"], rows: np.ndarray
    ) -> Float[Tensor, " right"]:
        """``Normaliser.right_term`` of the proteins in ``rows``, projected as ``v``."""
        proteins = self.normaliser.proteins
        numbers = (vectors.rows(proteins), rows) if proteins else None
        return self.normaliser.right_term(self.critic, v, numbers)
