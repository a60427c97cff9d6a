"""Training pairs -> how often each protein stood in them, found again under any of its ids."""

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
    """Joint training pairs of each protein on each side; without a direction on both alike.

    The column ``sequence_hash`` holds what ``vectors`` know of the sequences, empty otherwise.
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
    """The proteins of training; a protein is known by its ids and by its sequence.

    Attributes:
        degrees: as ``degree_table`` makes it; a table without sequence hashes will do.
    """

    degrees: pd.DataFrame

    def rows(self, ids: Iterable[str], vectors: Embeddings | None = None) -> np.ndarray:
        """Row of each protein in ``degrees``, -1 where training had it not; ``(ids,)``.

        Args:
            ids: of proteins, repeated as they come.
            vectors: tell of a protein that training named otherwise, by the id and the sequence
                that they have for it.
        """
        codes, distinct = pd.factorize(np.asarray(ids, dtype=object), use_na_sentinel=False)
        rows = self._index.rows(distinct)
        if vectors is not None:
            places = vectors.rows(distinct)
            open_ = np.flatnonzero((rows < 0) & (places >= 0))
            theirs = [vectors.ids[place] for place in places[open_]]
            rows[open_] = self._index.rows(theirs, vectors.hashes_of(theirs))
        return rows[codes]

    def seen(self, ids: Iterable[str], vectors: Embeddings | None = None) -> np.ndarray:
        """True where training had the protein; ``(ids,)``."""
        return self.rows(ids, vectors) >= 0

    def among(self, ids: Sequence[str], vectors: Embeddings | None = None) -> list[str]:
        """Those of ``ids`` that training had."""
        return [*compress(ids, self.seen(ids, vectors))]

    def named(self, ids: Iterable[str], vectors: Embeddings | None = None) -> np.ndarray:
        """Each protein as training named it, any other as it is; ``(ids,)``."""
        names = np.asarray(ids, dtype=object)
        rows = self.rows(names, vectors)
        return np.where(rows >= 0, self.degrees.index.to_numpy(dtype=object)[rows], names)

    def counts(self, side: str, ids: Iterable[str], vectors: Embeddings | None) -> np.ndarray:
        """Degree of each protein on one side, 0 where training had it not; ``(ids,)``."""
        rows = self.rows(ids, vectors)
        return np.append(self.degrees[side].to_numpy(), 0)[rows]

    @cached_property
    def _index(self) -> IdIndex:
        return IdIndex(self.degrees.index, self.degrees.get(SEQUENCE_HASH))
