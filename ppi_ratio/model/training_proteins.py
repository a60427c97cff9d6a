"""Training pairs -> the degrees of their proteins, which are found under any of their ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE, SEQUENCE_HASH
from ppi_ratio.pairs import PairTable
from ppi_ratio.sequences import IdIndex


def degree_table(training: PairTable, vectors: Embeddings | None = None) -> pd.DataFrame:
    """The number of interactions of each protein on each side.

    In an undirected table, both numbers count the interactions on both sides. The column
    ``sequence_hash`` holds the sequence hashes of ``vectors``; it is empty if there are none.
    """
    sides = ("left", "right") if training.directed else ("both", "both")
    columns = {
        name: training.degrees(side)
        for name, side in zip((LEFT_DEGREE, RIGHT_DEGREE), sides, strict=True)
    }
    degrees = pd.DataFrame(columns).fillna(0).astype(int).sort_index()
    hashes = None if vectors is None else vectors.hashes_of(degrees.index)
    return degrees.assign(**{SEQUENCE_HASH: "" if hashes is None else hashes})


@dataclass(frozen=True, eq=False)
class TrainingProteins:
    """The proteins of training; a protein is found by any of its ids and by its sequence.

    Attributes:
        degrees: a table of ``degree_table``; the column of sequence hashes may be absent.
    """

    degrees: pd.DataFrame

    def rows(self, ids: Iterable[str], vectors: Embeddings | None = None) -> np.ndarray:
        """Row of each protein in ``degrees``, -1 if it was not in training; ``(ids,)``.

        Args:
            ids: ids of proteins; they may repeat.
            vectors: find a protein that had another id in training, by the id and the sequence
                hash of its vector.
        """
        codes, distinct = pd.factorize(np.asarray(ids, dtype=object), use_na_sentinel=False)
        rows = self._index.rows(distinct)
        if vectors is not None:
            places = vectors.rows(distinct)
            not_found = np.flatnonzero((rows < 0) & (places >= 0))
            ids_of_vectors = [vectors.ids[place] for place in places[not_found]]
            rows[not_found] = self._index.rows(ids_of_vectors, vectors.hashes_of(ids_of_vectors))
        return rows[codes]

    def seen(self, ids: Iterable[str], vectors: Embeddings | None = None) -> np.ndarray:
        """Whether each protein was in training; ``(ids,)``."""
        return self.rows(ids, vectors) >= 0

    def among(self, ids: Sequence[str], vectors: Embeddings | None = None) -> list[str]:
        """The ids whose proteins were in training."""
        return [*compress(ids, self.seen(ids, vectors))]

    def named(self, ids: Iterable[str], vectors: Embeddings | None = None) -> np.ndarray:
        """The id of each protein in training, else the given id; ``(ids,)``."""
        names = np.asarray(ids, dtype=object)
        rows = self.rows(names, vectors)
        return np.where(rows >= 0, self.degrees.index.to_numpy(dtype=object)[rows], names)

    def counts(self, side: str, ids: Iterable[str], vectors: Embeddings | None) -> np.ndarray:
        """Degree of each protein on one side, 0 if it was not in training; ``(ids,)``."""
        rows = self.rows(ids, vectors)
        return np.append(self.degrees[side].to_numpy(), 0)[rows]

    @cached_property
    def _index(self) -> IdIndex:
        return IdIndex(self.degrees.index, self.degrees.get(SEQUENCE_HASH))
