"""Where the vectors of ``Embeddings`` are: in memory, or in one of two kinds of HDF5 file."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import h5py
import numpy as np
from jaxtyping import Float, Int

from ppi_ratio.errors import ProvenanceError
from ppi_ratio.io.hdf5 import open_dataset, open_hdf5, read_vector

BLOCK_ROWS = 4096  # rows read or written at a time; 20 MB at 1,280 dimensions


@runtime_checkable
class VectorSource(Protocol):
    """A matrix of vectors whose rows are read on demand."""

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def dtype(self) -> str: ...

    def read(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row dim"]:
        """These rows as float32; ``rows`` must ascend without repeats."""
        ...


@dataclass(frozen=True)
class ArrayRows:
    """Vectors in memory."""

    matrix: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        return self.matrix.shape

    @property
    def dtype(self) -> str:
        return self.matrix.dtype.name

    def read(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row dim"]:
        return self.matrix[rows].astype(np.float32, copy=False)


@dataclass(frozen=True)
class FileVersion:
    """Detects that a file changed after it was opened."""

    path: Path
    inode: int
    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> "FileVersion":
        status = path.stat()
        return cls(path, status.st_ino, status.st_size, status.st_mtime_ns)

    def check(self) -> None:
        if not self.path.exists() or FileVersion.of(self.path) != self:
            raise ProvenanceError(f"{self.path}: changed since it was opened; read it again")


@dataclass(frozen=True)
class StackedRows:
    """A dataset with one row per protein, such as ``vectors`` of our own format."""

    version: FileVersion
    shape: tuple[int, int]
    dtype: str
    name: str = "vectors"

    def read(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row dim"]:
        self.version.check()
        found = np.empty((len(rows), self.shape[1]), dtype=np.float32)
        with open_hdf5(self.version.path) as file:
            vectors = h5py.Dataset(open_dataset(file, self.name, self.version.path))
            # HDF5 reads a contiguous span at disk speed, and a list of rows slowly. So each block
            # is read from its first requested row to its last.
            for block in range(0, self.shape[0], BLOCK_ROWS):
                start, stop = np.searchsorted(rows, [block, block + BLOCK_ROWS])
                if start < stop:
                    wanted = rows[start:stop]
                    span = vectors[wanted[0] : wanted[-1] + 1]
                    found[start:stop] = span[wanted - wanted[0]]
        return found


@dataclass(frozen=True)
class DatasetPerRow:
    """One dataset per protein at the root, as UniProt and bio_embeddings write."""

    version: FileVersion
    names: tuple[str, ...]
    dim: int
    dtype: str

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.names), self.dim

    def read(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row dim"]:
        self.version.check()
        found = np.empty((len(rows), self.dim), dtype=np.float32)
        with open_hdf5(self.version.path) as file:
            for place, row in enumerate(rows):
                read_vector(file, self.names[row], found[place])
        return found


@dataclass(frozen=True, eq=False)
class ChosenRows:
    """Some rows of another source.

    Attributes:
        source: where the rows are.
        chosen: their numbers there, ascending; shape ``(row,)``.
    """

    source: VectorSource
    chosen: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.chosen), self.source.shape[1]

    @property
    def dtype(self) -> str:
        return self.source.dtype

    def read(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row dim"]:
        return self.source.read(self.chosen[rows])


@dataclass(frozen=True)
class JoinedRows:
    """The rows of several sources of equal width, one source after the other."""

    parts: Sequence[VectorSource]

    @property
    def shape(self) -> tuple[int, int]:
        return sum(part.shape[0] for part in self.parts), self.parts[0].shape[1]

    @property
    def dtype(self) -> str:
        return np.result_type(*(np.dtype(part.dtype) for part in self.parts)).name

    def read(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row dim"]:
        lengths = [part.shape[0] for part in self.parts]
        found = np.empty((len(rows), self.shape[1]), dtype=np.float32)
        for part, end in zip(self.parts, itertools.accumulate(lengths), strict=True):
            first = end - part.shape[0]
            start, stop = np.searchsorted(rows, [first, end])
            if start < stop:
                found[start:stop] = part.read(rows[start:stop] - first)
        return found
