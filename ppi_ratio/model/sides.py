"""Ids of a screen or a score matrix -> rows of vectors, output names, and pairs to leave out."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import InputError
from ppi_ratio.pairs import LEFT, RIGHT, PairTable
from ppi_ratio.sequences import IdIndex

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Side:
    """The proteins on one side of a screen, each once.

    Attributes:
        rows: row of each protein in the vectors, ``(protein,)``.
        names: name of each protein in the output, ``(protein,)``.
    """

    rows: np.ndarray
    names: np.ndarray

    @classmethod
    def of(cls, vectors: Embeddings, ids: Sequence[str] | None) -> "Side":
        """The proteins of ``ids``, with these names; if None, all proteins, named by accession.

        Proteins whose vectors are unusable are left out. If several ids name one protein, the
        first id is used; a warning counts the others.

        Raises:
            InputError: if an id has no vector.
        """
        if ids is None:
            return cls(np.arange(len(vectors)), vectors.index.names)
        unusable = IdIndex(vectors.unusable)
        names = np.array(list(dict.fromkeys(ids)), dtype=object)
        names = names[unusable.rows(names) < 0]
        rows = vectors.rows(names)
        if (rows < 0).any():
            missing = names[rows < 0]
            raise InputError(
                f"{len(missing)} of {len(names)} ids have no vector, "
                f"e.g. {vectors.index.told(missing, 'the vectors')}"
            )
        again = pd.Index(rows).duplicated()
        if again.any():
            other = names[again][0]
            first = names[rows == rows[again][0]][0]
            logger.warning(
                "%d ids name a protein that an earlier id names, e.g. %s after %s; the "
                "earlier id is used",
                again.sum(),
                other,
                first,
            )
        return cls(rows[~again], names[~again])


def excluded_pairs(
    vectors: Embeddings,
    known: PairTable | None,
    left_rows: np.ndarray,
    right_rows: np.ndarray,
    *,
    directed: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """The self pairs and known pairs that are among the pairs of ``left_rows`` and ``right_rows``.

    A known pair is left out whatever its label; without a direction, in both orders.

    Args:
        vectors: where the rows are.
        known: pairs to leave out; pairs with another protein do not matter.
        left_rows: row of each left protein, each once, ``(left,)``.
        right_rows: row of each right protein, each once, ``(right,)``.
        directed: whether (a, b) and (b, a) are different pairs.

    Returns:
        Position in ``left_rows`` and in ``right_rows`` of each pair; two arrays, ``(pair,)``.
    """
    left_at = pd.Series(np.arange(len(left_rows)), index=left_rows)
    right_at = pd.Series(np.arange(len(right_rows)), index=right_rows)
    pairs = [(left_rows, left_rows)]
    if known is not None:
        left, right = vectors.rows(known.frame[LEFT]), vectors.rows(known.frame[RIGHT])
        pairs += [(left, right)] if directed else [(left, right), (right, left)]
    left = left_at.reindex(np.concatenate([left for left, _ in pairs]), fill_value=-1).to_numpy()
    right = right_at.reindex(
        np.concatenate([right for _, right in pairs]), fill_value=-1
    ).to_numpy()
    both = (left >= 0) & (right >= 0)
    return left[both], right[both]
