"""What a baseline may read: candidates, training degrees and, where given, vectors and pairs."""

import dataclasses
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import InputError
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.model.training_proteins import TrainingProteins
from ppi_ratio.pairs import LEFT, RIGHT, PairTable
from ppi_ratio.pairs.kinds import TwoKinds

BLOCK_SIZE = 4096  # pairs or proteins held in memory at once
MIN_NON_PAIRS = 10  # to learn from, since a tenth of them is held out
MIN_INTERACTIONS = 40  # to learn from, since a tenth of them is held out for early stopping


class Need(Enum):
    """What a baseline cannot be computed without, beyond candidates and degrees."""

    LABELS = "labels of the candidates"
    ROLES = "pairs with a direction, or training pairs of two kinds of proteins"
    VECTORS = "vectors"
    TRAINING = f"at least {MIN_INTERACTIONS} training interactions with vectors"
    NON_PAIRS = "labelled training pairs, or training interactions to draw non-pairs for"


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
    """Everything that a baseline may read; ``Baseline.needs`` says what a baseline does read.

    Attributes:
        degrees: number of training interactions of each training protein, indexed by id. The
            columns ``left_degree`` and ``right_degree`` are equal if pairs are undirected.
        candidates: the pairs to score.
        directed: True where left and right are roles.
        labels: True where a candidate is an interaction. Only ``Identity`` reads labels.
        vectors: the vectors that the model under evaluation reads.
        training: the pairs that the model learned from. Classifiers learn from labelled non-pairs
            if ``training`` has at least ``MIN_NON_PAIRS`` of them.
        law: key of ``NOISE_LAWS``; classifiers draw non-pairs by this noise law otherwise. Give
            the noise law of the candidates' non-pairs, so that training and test agree.
        held_apart: proteins that a split separated from the other training proteins, as in
            ``Split.held_apart``. A pair of a held-apart and another protein is never drawn as a
            non-pair, because the split alone kept the two apart.
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
            raise ValueError(f"the degrees list {twice} more than once; give one row per protein")
        left, right = self.degrees[LEFT_DEGREE], self.degrees[RIGHT_DEGREE]
        if not self.directed and not np.array_equal(left, right):
            raise ValueError(
                "pairs are undirected, but left_degree and right_degree differ; a protein of "
                "undirected pairs has one degree"
            )
        if self.training is not None and self.training.directed != self.directed:
            raise ValueError(
                f"{self.training.name}: candidates and training pairs must both be directed "
                "or both undirected"
            )

    @cached_property
    def learnable(self) -> PairTable | None:
        """Training pairs with two vectors; None below ``MIN_INTERACTIONS`` interactions."""
        if self.training is None or self.vectors is None:
            return None
        frame, vectors = self.training.frame, self.vectors
        known = [vectors.rows(frame[side].to_numpy()) >= 0 for side in (LEFT, RIGHT)]
        table = self.training.select(np.logical_and(*known))
        return table if len(table.joint) >= MIN_INTERACTIONS else None

    @cached_property
    def kinds(self) -> TwoKinds | None:
        """The two kinds of proteins of the training pairs, if they have two and no direction."""
        return None if self.training is None else self.training.kinds

    def degrees_of(self, side: str, ids: np.ndarray) -> np.ndarray:
        """Training pairs of each protein, from a column of ``degrees``; 0 for other proteins."""
        return self._training_proteins.counts(side, ids, self.vectors)

    @cached_property
    def _training_proteins(self) -> TrainingProteins:
        return TrainingProteins(self.degrees)

    def parts(self, joint: PairTable) -> list[np.ndarray]:
        """Masks of the interactions within which non-pairs may be drawn, ``(pair,)`` each.

        Held-apart proteins form one part and all other proteins another. Empty parts are left out.
        """
        apart = joint.frame[LEFT].isin(sorted(self.held_apart)).to_numpy()
        return [rows for rows in (~apart, apart) if rows.any()]

    @property
    def draws_non_pairs(self) -> bool:
        """True if training has too few labelled non-pairs, so that classifiers draw them."""
        return self.learnable is not None and len(self.learnable.non_pairs) < MIN_NON_PAIRS

    def meets(self, needs: frozenset[Need]) -> bool:
        return not self._lacking(needs)

    def check(self, baseline: "Baseline") -> None:
        """Refuse a baseline whose needs the task does not meet.

        Raises:
            ValueError: names what is missing.
        """
        lacking = self._lacking(baseline.needs)
        if lacking:
            what = " and ".join(need.value for need in lacking)
            raise ValueError(f"the {baseline.name} baseline needs {what}; add it to the task")

    def _lacking(self, needs: frozenset[Need]) -> list[Need]:
        given = {
            Need.LABELS: self.labels is not None,
            Need.ROLES: self.directed or self.kinds is not None,
            Need.VECTORS: self.vectors is not None,
            Need.TRAINING: self.learnable is not None,
            Need.NON_PAIRS: self.learnable is not None,
        }
        return [need for need, met in given.items() if need in needs and not met]


@runtime_checkable
class Baseline(Protocol):
    """Scores pairs without learning a ratio.

    Attributes:
        needs: what the task must hold beyond candidates and degrees.
    """

    needs: ClassVar[frozenset[Need]]

    @property
    def name(self) -> str: ...

    def score(self, task: BaselineTask) -> np.ndarray:
        """Score every candidate; a higher score means more likely an interaction.

        Scores have shape ``(pair,)`` and are finite. Their scale has no meaning.

        Raises:
            ValueError: if the task does not meet the needs of this baseline.
        """
        ...


def known_rows(vectors: Embeddings, ids: np.ndarray) -> np.ndarray:
    """Row of each id in the vectors.

    Raises:
        InputError: if an id has no vector.
    """
    rows = vectors.rows(ids)
    missing = np.unique(ids[rows < 0])
    if missing.size:
        raise InputError(
            f"{missing.size} of {np.unique(ids).size} proteins have no vector, "
            f"e.g. {vectors.index.told(missing, 'the vectors')}; "
            "leave out their pairs or embed their sequences first"
        )
    return rows


def blocks(length: int) -> Iterator[slice]:
    """Consecutive slices of at most ``BLOCK_SIZE`` that cover ``range(length)``."""
    return (slice(start, start + BLOCK_SIZE) for start in range(0, length, BLOCK_SIZE))
