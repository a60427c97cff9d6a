"""What a baseline may look at: candidates, training degrees and, where given, more than that."""

import dataclasses
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.model.training_proteins import TrainingProteins
from ppi_ratio.pairs import LEFT, RIGHT, PairTable

BLOCK_SIZE = 4096  # pairs or proteins whose numbers are in memory at once
MIN_NON_PAIRS = 10  # to learn from; a tenth of them is held out
MIN_JOINT_PAIRS = 40  # to learn from; with a tenth held out to stop by, at least some remain


class Need(Enum):
    """What a baseline cannot do without, beyond candidates and degrees."""

    LABELS = "labels of the candidates"
    DIRECTION = "pairs with a direction"
    VECTORS = "vectors"
    TRAINING = f"at least {MIN_JOINT_PAIRS} joint training pairs with vectors"
    NON_PAIRS = "labelled training pairs, or joint ones to draw non-pairs beside"


@dataclasses.dataclass(frozen=True, eq=False)
class IdPairs:
    """Pairs of protein ids; both arrays have shape ``(pair,)``."""

    left: np.ndarray
    right: np.ndarray

    def __post_init__(self) -> None:
        if not self.left.shape == self.right.shape == (self.left.size,):
            raise ValueError(
                "pairs need two one-axis arrays of one length, got "
                f"{self.left.shape} and {self.right.shape}"
            )

    def __len__(self) -> int:
        return len(self.left)


@dataclasses.dataclass(frozen=True, eq=False)
class BaselineTask:
    """What a baseline may look at; each takes what it needs.

    Attributes:
        degrees: number of joint training pairs of each training protein, indexed by id; columns
            ``left_degree`` and ``right_degree``, which are alike if pairs are undirected.
        candidates: the pairs to score.
        directed: whether left and right are roles.
        labels: True where a candidate is a joint pair. Only ``Identity`` reads it.
        vectors: the vectors that a model beside it reads.
        training: the pairs that a model beside it learns from. What learns to tell pairs from
            non-pairs learns from labelled ones if there are any.
        law: key of ``NOISE_LAWS`` by which it draws them otherwise. Name that of the candidates'
            non-pairs, so that it is judged by what it was trained for.
        held_apart: proteins that stand in no training pair with the others because somebody
            divided them, as ``Split.held_apart``: they and the others are no noise to each other.
    """

    degrees: pd.DataFrame
    candidates: IdPairs
    directed: bool
    labels: np.ndarray | None = None
    vectors: Embeddings | None = None
    training: PairTable | None = None
    law: str = "uniform"
    held_apart: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.degrees.index.is_unique:
            twice = self.degrees.index[self.degrees.index.duplicated()][0]
            raise ValueError(f"the degrees name {twice} more than once")
        left, right = self.degrees[LEFT_DEGREE], self.degrees[RIGHT_DEGREE]
        if not self.directed and not np.array_equal(left, right):
            raise ValueError("a protein of undirected pairs has one degree, not one for each side")
        if self.training is not None and self.training.directed != self.directed:
            raise ValueError(
                f"{self.training.name}: candidates and training pairs are both directed, or none is"
            )

    @cached_property
    def learnable(self) -> PairTable | None:
        """The training pairs whose proteins have vectors, if enough of them are joint."""
        if self.training is None or self.vectors is None:
            return None
        frame, vectors = self.training.frame, self.vectors
        known = [vectors.rows(frame[side].to_numpy()) >= 0 for side in (LEFT, RIGHT)]
        table = self.training.select(np.logical_and(*known))
        return table if len(table.joint) >= MIN_JOINT_PAIRS else None

    def degrees_of(self, side: str, ids: np.ndarray) -> np.ndarray:
        """Training pairs of each protein, in a column of ``degrees``; 0 where it was in none."""
        return TrainingProteins(self.degrees).counts(side, ids, self.vectors)

    def parts(self, joint: PairTable) -> list[np.ndarray]:
        """Masks of the pairs that are noise to each other, ``(pair,)`` each, none of them empty."""
        apart = joint.frame[LEFT].isin(sorted(self.held_apart)).to_numpy()
        return [rows for rows in (~apart, apart) if rows.any()]

    @property
    def draws_non_pairs(self) -> bool:
        """What learns to tell pairs from non-pairs draws these, as training has too few."""
        return self.learnable is not None and len(self.learnable.non_pairs) < MIN_NON_PAIRS

    def meets(self, needs: frozenset[Need]) -> bool:
        return not self._lacking(needs)

    def check(self, baseline: "Baseline") -> None:
        """Refuse a baseline that needs more.

        Raises:
            ValueError: naming what is lacking.
        """
        lacking = self._lacking(baseline.needs)
        if lacking:
            what = " and ".join(need.value for need in lacking)
            raise ValueError(f"the {baseline.name} baseline needs {what}, the task has none")

    def _lacking(self, needs: frozenset[Need]) -> list[Need]:
        given = {
            Need.LABELS: self.labels is not None,
            Need.DIRECTION: self.directed,
            Need.VECTORS: self.vectors is not None,
            Need.TRAINING: self.learnable is not None,
            Need.NON_PAIRS: self.learnable is not None,
        }
        return [need for need, met in given.items() if need in needs and not met]


@runtime_checkable
class Baseline(Protocol):
    """Scores pairs without learning a ratio.

    Attributes:
        needs: what the task must have beyond candidates and degrees.
    """

    needs: ClassVar[frozenset[Need]]

    @property
    def name(self) -> str: ...

    def score(self, task: BaselineTask) -> np.ndarray:
        """Higher means more likely joint; shape ``(pair,)``, finite, on no particular scale.

        Raises:
            ValueError: if the task lacks what this baseline needs.
        """
        ...


def known_rows(vectors: Embeddings, ids: np.ndarray) -> np.ndarray:
    """Row of each id.

    Raises:
        ValueError: if an id has no vector.
    """
    rows = vectors.rows(ids)
    missing = np.unique(ids[rows < 0])
    if missing.size:
        raise ValueError(
            f"{missing.size} of {np.unique(ids).size} proteins have no vector, "
            f"e.g. {vectors.index.example(missing)}; "
            "leave out their pairs or embed their sequences first"
        )
    return rows


def blocks(length: int) -> Iterator[slice]:
    """Slices of at most ``BLOCK_SIZE`` that cover ``length``."""
    return (slice(start, start + BLOCK_SIZE) for start in range(0, length, BLOCK_SIZE))
