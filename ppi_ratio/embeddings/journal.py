"""Vectors of a job under way -> a folder beside its target, so that a killed job can go on.

The folder holds ``job.json``, written first and removed last, and one ``.npz`` file of sequence
hashes and vectors per finished batch. Each file comes into being by a rename, so at any moment
what is there is whole.
"""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from ppi_ratio.embeddings.files import StoredType
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.errors import InputError, ProvenanceError
from ppi_ratio.io.atomic import PARTIAL, allocate, check_no_link, replacing
from ppi_ratio.io.npz import open_npz
from ppi_ratio.sequences import sequence_hash

JOB_FILE = "job.json"
ASSEMBLED_FILE = "assembled.npy"
BATCH_FILES = "batch-*.npz"

logger = logging.getLogger(__name__)


class Journal:
    """Finished batches of one job, found by sequence hash."""

    def __init__(self, folder: Path, provenance: Provenance, dtype: StoredType) -> None:
        """Open the journal in ``folder``, or prepare to begin one there.

        Raises:
            ProvenanceError: if the folder holds the batches of another job, or something else.
            InputError: if it is a link.
        """
        self.folder = folder
        self._dtype = dtype
        self._job = {"provenance": provenance.to_dict(), "dtype": dtype}
        self._places: dict[str, tuple[Path, int]] = {}
        check_no_link(folder)
        if folder.exists():
            self._check_job()
            for path in sorted(folder.glob(BATCH_FILES)):
                self._adopt(path)

    def __contains__(self, sequence: object) -> bool:
        return sequence in self._places

    def add(self, hashes: Sequence[str], vectors: np.ndarray) -> None:
        """Keep a finished batch, in the type of the file to come."""
        if not (self.folder / JOB_FILE).exists():
            with replacing(self.folder / JOB_FILE) as partial:
                partial.write_text(json.dumps(self._job, indent=2) + "\n", encoding="utf-8")
        path = self.folder / f"batch-{sequence_hash(''.join(hashes))}.npz"
        with replacing(path) as partial, partial.open("wb") as file:
            np.savez(file, hashes=np.array(hashes), vectors=vectors)
        self._places |= {name: (path, row) for row, name in enumerate(hashes)}

    def gather(self, hashes: Sequence[str], dim: int) -> np.ndarray:
        """Vectors of ``hashes`` in that order, mapped from a file rather than held in memory."""
        if not hashes:
            return np.empty((0, dim), dtype=self._dtype)
        gathered = np.lib.format.open_memmap(
            self.folder / ASSEMBLED_FILE, mode="w+", dtype=self._dtype, shape=(len(hashes), dim)
        )
        allocate(self.folder / ASSEMBLED_FILE, gathered.nbytes)
        by_path: dict[Path, list[tuple[int, int]]] = {}
        for target, name in enumerate(hashes):
            path, row = self._places[name]
            by_path.setdefault(path, []).append((target, row))
        for path, moves in by_path.items():
            targets, rows = np.array(moves).T
            with np.load(path, allow_pickle=False) as batch:
                gathered[targets] = batch["vectors"][rows]
        return gathered

    def remove(self) -> None:
        """Delete what this class wrote, then the folder."""
        if not self.folder.exists():
            return
        for path in [*self.folder.glob(BATCH_FILES), *self.folder.glob(f"*{PARTIAL}")]:
            path.unlink()
        (self.folder / ASSEMBLED_FILE).unlink(missing_ok=True)
        (self.folder / JOB_FILE).unlink(missing_ok=True)
        self.folder.rmdir()

    def _check_job(self) -> None:
        path = self.folder / JOB_FILE
        try:
            job = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        except (ValueError, RecursionError):
            job = {}
        if job is None and not any(self.folder.glob(BATCH_FILES)):
            return  # killed before the first batch or after the last removal
        if job != self._job:
            raise ProvenanceError(
                f"{self.folder}: holds the unfinished work of another job "
                f"({_describe(job)}), not of this one ({_describe(self._job)}); finish that one "
                "with its own options, or delete the folder"
            )

    def _adopt(self, path: Path) -> None:
        try:
            with open_npz(path) as batch:
                hashes = batch["hashes"].tolist()
                vectors = batch["vectors"]
            if vectors.shape[:1] != (len(hashes),) or vectors.dtype != self._dtype:
                raise ValueError(f"{vectors.shape} {vectors.dtype} for {len(hashes)} sequences")
        except (InputError, ValueError, KeyError) as error:
            # Only a failing disk or power supply leaves this behind; the batch can be made again.
            logger.warning("%s: damaged (%s), computed again", path, error)
            path.unlink()
            return
        self._places |= {name: (path, row) for row, name in enumerate(hashes)}


def _describe(job: object) -> str:
    match job:
        case {"provenance": dict(values), "dtype": str(dtype)}:
            with suppress(InputError):  # of damaged values
                return f"{Provenance.from_dict(values).describe()}, {dtype}"
    return "of unknown origin"
