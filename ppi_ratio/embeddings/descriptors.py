"""Encoders without a model: each is a function of the residues of one protein."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ppi_ratio.embeddings.provenance import Provenance

SEQUENCES_PER_BATCH = 4096


@dataclass(frozen=True)
class DescriptorEncoder:
    """Computes the ``dim`` numbers of a protein from its residues with ``describe``."""

    provenance: Provenance
    dim: int
    describe: Callable[[str], np.ndarray]

    def batches(self, lengths: Sequence[int]) -> list[list[int]]:
        rows = range(len(lengths))
        return [list(rows[i : i + SEQUENCES_PER_BATCH]) for i in rows[::SEQUENCES_PER_BATCH]]

    def vectors(self, sequences: Sequence[str]) -> Float[np.ndarray, "protein dim"]:
        return np.stack([self.describe(residues) for residues in sequences])
