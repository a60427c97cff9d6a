"""Finished batches of an embedding as steps of its job, found by sequence hash."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ppi_ratio.embeddings.writing import StoredType
from ppi_ratio.errors import InputError
from ppi_ratio.io.atomic import allocate
from ppi_ratio.io.npz import open_npz
from ppi_ratio.jobs import Job
from ppi_ratio.sequences import sequence_hash

logger = logging.getLogger(__name__)


class VectorJournal:
    """The vectors of an unfinished embedding; each batch is one ``.npz`` step of its job."""

    def __init__(self, job: Job, dtype: StoredType) -> None:
        self._job = job
        self._dtype = dtype
        self._places: dict[str, tuple[Path, int]] = {}  # file and row of each vector, by hash
        for path in job.steps:
            self._read(path)

    def __contains__(self, digest: object) -> bool:
        return digest in self._places

    def add(self, hashes: Sequence[str], vectors: np.ndarray) -> None:
        """Store a finished batch, in the number type of the final file."""
        step = f"batch-{sequence_hash(''.join(hashes))}.npz"
        with self._job.add(step) as partial, partial.open("wb") as file:
            np.savez(file, hashes=np.array(hashes), vectors=vectors)
        path = self._job.read(step)
        self._places |= {digest: (path, row) for row, digest in enumerate(hashes)}

    def gather(self, hashes: Sequence[str], dim: int) -> np.ndarray:
        """Vectors of ``hashes`` in that order; they are mapped from a file, not held in memory."""
        if not hashes:
            return np.empty((0, dim), dtype=self._dtype)
        path = self._job.scratch("assembled.npy")
        gathered = np.lib.format.open_memmap(
            path, mode="w+", dtype=self._dtype, shape=(len(hashes), dim)
        )
        allocate(path, gathered.nbytes)
        by_path: dict[Path, list[tuple[int, int]]] = {}
        for target, digest in enumerate(hashes):
            step, row = self._places[digest]
            by_path.setdefault(step, []).append((target, row))
        for step, moves in by_path.items():
            targets, rows = np.array(moves).T
            with np.load(step, allow_pickle=False) as batch:
                gathered[targets] = batch["vectors"][rows]
        return gathered

    def _read(self, path: Path) -> None:
        """Note the vectors of a finished batch; remove the file if it is damaged."""
        try:
            with open_npz(path) as batch:
                hashes = batch["hashes"].tolist()
                vectors = batch["vectors"]
            if vectors.shape[:1] != (len(hashes),) or vectors.dtype != self._dtype:
                raise ValueError(f"{vectors.shape} {vectors.dtype} for {len(hashes)} sequences")
        except (InputError, ValueError, KeyError) as error:
            # only a failing disk or power supply leaves such a file; the batch is computed again
            logger.warning("%s: damaged (%s), computed again", path, error)
            path.unlink()
            return
        self._places |= {digest: (path, row) for row, digest in enumerate(hashes)}
