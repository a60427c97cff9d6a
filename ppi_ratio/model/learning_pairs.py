"""A split and vectors -> what a critic trains on: a matrix of vectors, and pairs of its rows."""

import logging
from dataclasses import dataclass

import numpy as np
import torch

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ProvenanceError
from ppi_ratio.model.scoring import Standardisation
from ppi_ratio.objectives import Objective
from ppi_ratio.pairs import LEFT, RIGHT, PairTable, Split
from ppi_ratio.pairs.kinds import oriented, second_kind
from ppi_ratio.training.batches import PairRows

MIN_INTERACTIONS = 8

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LearningPairs:
    """The training and the validation pairs; all their proteins have vectors.

    Attributes:
        training: interactions to learn from.
        validation: interactions to choose the epoch by; may be empty.
        non_pairs: labelled non-pairs for training and for validation, if the objective learns from
            them.
        held_apart: proteins that the split kept out of training. In a retraining they are not
            noise to the other proteins.
    """

    training: PairTable
    validation: PairTable
    non_pairs: tuple[PairTable, PairTable] | None = None
    held_apart: frozenset[str] = frozenset()

    @classmethod
    def of(cls, split: Split, vectors: Embeddings, objective: Objective) -> "LearningPairs":
        """Take the pairs whose proteins have vectors; warnings count the others.

        Raises:
            ProvenanceError: if too few pairs are left, or labelled non-pairs are needed and
                missing.
        """
        training = with_vectors(split.train.joint, vectors, "training")
        validation = with_vectors(split.validation.joint, vectors, "validation")
        _check_enough(training, validation)
        non_pairs = _labelled_non_pairs(split, vectors, objective)
        return cls(training, validation, non_pairs)

    @classmethod
    def all_of(cls, split: Split, vectors: Embeddings, objective: Objective) -> "LearningPairs":
        """Training and validation pairs, all of them to learn from, for a retraining."""
        both, _ = split.train_and_validation.sorted().restrict_to(vectors.index)
        nothing = both.select(np.zeros(len(both), dtype=bool))
        non_pairs = (both.non_pairs, nothing) if objective.needs.non_pairs else None
        return cls(both.joint, nothing, non_pairs, split.held_apart)

    @property
    def tables(self) -> list[PairTable]:
        """All tables: training, validation, and the non-pairs of both if there are some."""
        return [self.training, self.validation, *(self.non_pairs or ())]


@dataclass(frozen=True)
class LearningRows:
    """The pairs of ``LearningPairs`` as row numbers of one standardised matrix.

    Attributes:
        matrix: standardised vectors of all proteins that occur, ``(protein, dim)``.
        ids: id of each row.
        standardise: mean and scale of the training proteins.
        training: pairs to learn from.
        validation: pairs to choose the epoch by.
        self_pairs: whether the training pairs include a protein with itself.
        two_kinds: whether undirected pairs have one protein of each of two kinds. These stand on
            the left and on the right, so that noise has one protein of each kind too.
    """

    matrix: torch.Tensor
    ids: tuple[str, ...]
    standardise: Standardisation
    training: PairRows
    validation: PairRows
    self_pairs: bool
    two_kinds: bool

    @classmethod
    def of(cls, pairs: LearningPairs, vectors: Embeddings) -> "LearningRows":
        """Read the vectors of all proteins that occur.

        Raises:
            ProvenanceError: if the vectors of all training proteins are the same.
        """
        numbers = [
            np.stack([vectors.rows(table.frame[side]) for side in (LEFT, RIGHT)])
            for table in pairs.tables
        ]
        rows = np.unique(np.concatenate(numbers, axis=1))
        matrix = torch.from_numpy(vectors.matrix(rows))
        trained = matrix[np.searchsorted(rows, np.unique(numbers[0]))]
        standardise = Standardisation.of(trained)
        if not bool((trained != trained[0]).any()):
            raise ProvenanceError(
                f"the vectors of all {len(trained)} training proteins are the same; embed them "
                "again"
            )
        flip, coded = not pairs.training.directed, [np.searchsorted(rows, each) for each in numbers]
        if flip:
            left, right = np.concatenate(coded[:2], axis=1)  # training and validation
            is_second = second_kind(left, right, len(rows))
            if is_second is not None:
                flip, coded = False, [np.stack(oriented(*each, is_second)) for each in coded]
        sides = [tuple(torch.from_numpy(each)) for each in coded]
        others = [PairRows(*side, flip=flip) for side in sides[2:]] or [None, None]
        blocks = _blocks(pairs.training, pairs.held_apart)
        return cls(
            standardise(matrix),
            tuple(vectors.ids[row] for row in rows),
            standardise,
            PairRows(*sides[0], flip=flip, non_pairs=others[0], blocks=blocks),
            PairRows(*sides[1], flip=flip, non_pairs=others[1]),
            bool((numbers[0][0] == numbers[0][1]).any()),
            not flip and not pairs.training.directed,
        )


def with_vectors(table: PairTable, vectors: Embeddings, part: str) -> PairTable:
    """The pairs whose two proteins have vectors; a warning counts the others."""
    kept, missing = table.restrict_to(vectors.index)
    if missing:
        logger.warning(
            "%d of %d %s pairs left out: %d of their proteins have no vector, e.g. %s",
            len(table) - len(kept),
            len(table),
            part,
            len(missing),
            vectors.index.told(missing, "the vectors"),
        )
    return kept


def _check_enough(training: PairTable, validation: PairTable) -> None:
    if len(training) < MIN_INTERACTIONS:
        raise ProvenanceError(
            f"{training.name}: {len(training)} interactions with vectors to learn from; "
            f"training needs at least {MIN_INTERACTIONS}"
        )
    if len(validation) == 1:
        raise ProvenanceError(
            f"{validation.name}: only one interaction with vectors for validation, and it has no "
            "noise to be compared with; hold out more interactions, or none"
        )


def _labelled_non_pairs(
    split: Split, vectors: Embeddings, objective: Objective
) -> tuple[PairTable, PairTable] | None:
    """Non-pairs of the training and of the validation part; None if the objective needs none."""
    if not objective.needs.non_pairs:
        return None
    for part, table in (("training", split.train), ("validation", split.validation)):
        if len(table.joint) and not len(table.non_pairs.restrict_to(vectors.index)[0]):
            raise ProvenanceError(
                f"{table.name}: {objective.name} learns from labelled non-pairs, and the "
                f"{part} part has none with vectors; add a label column, or choose nce, which "
                "draws noise of its own"
            )
    return (
        with_vectors(split.train.non_pairs, vectors, "training"),
        with_vectors(split.validation.non_pairs, vectors, "validation"),
    )


def _blocks(pairs: PairTable, held_apart: frozenset[str]) -> tuple[torch.Tensor, ...]:
    """Numbers of the pairs of each block: pairs of other proteins, pairs of ``held_apart``.

    Empty if the second block has fewer than ``MIN_INTERACTIONS`` pairs. Pairs between blocks must
    not be noise: a critic would learn from them which block a protein is in.
    """
    of_held_out = pairs.frame[LEFT].isin(sorted(held_apart)).to_numpy()
    if of_held_out.sum() < MIN_INTERACTIONS:
        return ()
    return tuple(torch.from_numpy(np.flatnonzero(mask)) for mask in (~of_held_out, of_held_out))
