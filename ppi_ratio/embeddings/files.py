"""Vectors on disk <-> ``Embeddings``: ids, lazily read rows, provenance.

Our own format is one HDF5 file:

| part | content |
|---|---|
| ``ids`` | one UTF-8 string per row |
| ``vectors`` | ``(protein, dim)``, float16 or float32, chunked by rows, resizable |
| ``hashes`` | ``sequence_hash`` of each row's residues; absent if unknown |
| attributes | ``format``, ``version``, ``ppi_ratio_version``, and the fields of ``Provenance`` |
"""

import dataclasses
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from ppi_ratio.embeddings.checks import check, check_finite
from ppi_ratio.embeddings.foreign import (
    UNKNOWN_ORIGIN,
    ForeignVectors,
    read_dataset_per_protein,
    read_esm_extract,
    read_npz,
)
from ppi_ratio.embeddings.provenance import UNSTATED, Provenance
from ppi_ratio.embeddings.sources import (
    BLOCK_ROWS,
    ArrayRows,
    ChosenRows,
    FileVersion,
    JoinedRows,
    StackedRows,
    VectorSource,
)
from ppi_ratio.embeddings.writing import FORMAT, FORMAT_VERSION, Heading, StoredType, write_blocks
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.io.hdf5 import (
    MAGIC,
    check_sizes,
    has_dataset,
    open_dataset,
    open_hdf5,
)
from ppi_ratio.sequences import IdIndex

ZIP_MAGIC = b"PK\x03\x04"


class Embeddings:
    """One vector per protein; vectors of a file are read when they are asked for.

    Attributes:
        ids: id of each row, without repeats.
        provenance: the encoder, layer, pooling and weights that made the vectors.
        hashes: ``sequence_hash`` of the residues behind each row, or None if unknown.
        index: finds the row of a protein, however its id is spelled.
        unusable: why each protein that was left out cannot be used; see ``usable``.

    Examples:
        >>> import ppi_ratio as pr
        >>> vectors = pr.Embeddings.from_arrays(["sp|P12345|A_RAT", "Q9"], [[0.5, 2.0], [1.0, 3.0]])
        >>> len(vectors), vectors.dim
        (2, 2)
        >>> vectors.rows(["Q9", "P12345", "unknown"])
        array([ 1,  0, -1])
    """

    def __init__(
        self,
        ids: tuple[str, ...],
        rows: VectorSource,
        provenance: Provenance,
        hashes: tuple[str, ...] | None = None,
    ) -> None:
        self.ids = ids
        self.provenance = provenance
        self.hashes = hashes
        self._source = rows
        self.index = IdIndex(ids)
        self.unusable: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return (
            f"Embeddings({len(self)} proteins, {self.dim} dimensions, {self.provenance.describe()})"
        )

    @property
    def dim(self) -> int:
        """Numbers per protein."""
        return self._source.shape[1]

    @property
    def dtype(self) -> str:
        """Number type of the stored vectors; ``matrix`` returns float32 in any case."""
        return self._source.dtype

    def rows(self, ids: Iterable[str]) -> Int[np.ndarray, " id"]:
        """Row of each id, -1 where there is none; shape ``(ids,)``.

        ``sp|P12345|NAME`` and ``P12345`` name one protein.
        """
        return self.index.rows(ids)

    def hashes_of(self, ids: Iterable[str]) -> list[str] | None:
        """``sequence_hash`` of each protein, "" without a vector; None if ``hashes`` is None."""
        if self.hashes is None:
            return None
        return [self.hashes[row] if row >= 0 else "" for row in self.rows(ids)]

    def matrix(self, rows: ArrayLike | None = None) -> Float[np.ndarray, "row dim"]:
        """Vectors of ``rows`` (all by default) in that order, float32, shape ``(rows, dim)``.

        Raises:
            IndexError: if a row is negative or beyond the last.
            InputError: if a value is not finite.

        Examples:
            >>> import ppi_ratio as pr
            >>> vectors = pr.Embeddings.from_arrays(["P1", "P2"], [[0.5, 2.0], [1.0, 3.0]])
            >>> vectors.matrix(vectors.rows(["P2", "P1"]))
            array([[1. , 3. ],
                   [0.5, 2. ]], dtype=float32)
        """
        asked = np.arange(len(self)) if rows is None else np.asarray(rows, dtype=np.int64)
        distinct, inverse = np.unique(asked, return_inverse=True)
        if distinct.size and (distinct[0] < 0 or distinct[-1] >= len(self)):
            wrong = distinct[0] if distinct[0] < 0 else distinct[-1]
            raise IndexError(f"row {wrong} of {len(self)} vectors; -1 marks ids without a vector")
        found = self.unchecked(distinct)
        check_finite(found, [self.ids[row] for row in distinct])
        return found if np.array_equal(distinct, asked) else found[inverse]

    def unchecked(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row dim"]:
        """Vectors of ascending ``rows`` without repeats, whether their values are finite or not."""
        return self._source.read(rows)

    def chosen(self, rows: Int[np.ndarray, " row"], unusable: dict[str, str]) -> "Embeddings":
        """The vectors of ascending ``rows``; ``unusable`` says why others are left out."""
        hashes = None if self.hashes is None else tuple(self.hashes[row] for row in rows)
        ids, source = tuple(self.ids[row] for row in rows), ChosenRows(self._source, rows)
        found = Embeddings(ids, source, self.provenance, hashes)
        found.index, found.unusable = IdIndex(ids, match=self.index.match), unusable
        return found

    def in_memory(self, ids: Iterable[str]) -> "Embeddings":
        """Only the vectors of these proteins, sorted by id and held in memory.

        Raises:
            IndexError: if an id has no vector.
        """
        names = sorted(ids)
        rows = self.rows(names)
        hashes = None if self.hashes is None else [self.hashes[row] for row in rows]
        return Embeddings.from_arrays(names, self.matrix(rows), self.provenance, hashes)

    def content_hash(self, rows: ArrayLike) -> str:
        """SHA-256 of the ids and vectors of ``rows`` in that order, in hexadecimal.

        The vectors are read a block at a time. Raises the errors of ``matrix``.
        """
        numbers = np.asarray(rows, dtype=np.int64)
        digest = hashlib.sha256("\n".join(self.ids[row] for row in numbers).encode())
        for start in range(0, len(numbers), BLOCK_ROWS):
            block = self.matrix(numbers[start : start + BLOCK_ROWS])
            digest.update(np.ascontiguousarray(block).data)
        return digest.hexdigest()

    @classmethod
    def from_arrays(
        cls,
        ids: Iterable[str],
        matrix: ArrayLike,
        provenance: Provenance | None = None,
        hashes: Iterable[str] | None = None,
    ) -> "Embeddings":
        """Make embeddings of a matrix in memory, shape ``(ids, dim)``, one row for each id.

        Args:
            ids: id of each row.
            matrix: the vectors.
            provenance: how the vectors were made; unstated if not given.
            hashes: ``sequence_hash`` of the residues behind each row.

        Raises:
            InputError: on repeated or empty ids, a shape that is not ``(len(ids), dim)``,
                no vectors, or values that are not finite; names the first id at fault.
        """
        names = tuple(str(name) for name in ids)
        numbers = np.asarray(matrix)
        known = None if hashes is None else tuple(hashes)
        check(names, numbers.shape, numbers.dtype, known, "the vectors")
        with np.errstate(over="ignore"):  # an overflow is reported by id below
            numbers = numbers.astype(np.float32, copy=False)
        check_finite(numbers, names)
        return cls(names, ArrayRows(numbers), provenance or UNKNOWN_ORIGIN, known)

    @classmethod
    def read(cls, path: Path | str, encoder: str | None = None) -> "Embeddings":
        """Open a file of vectors.

        Formats: HDF5 of this package, UniProt or bio_embeddings, ``.npz``, and folders of
        ``esm-extract``. The content tells them apart, not the suffix.

        Args:
            path: a file, or a folder of ``esm-extract``.
            encoder: name of the encoder, for files that do not state it.

        Raises:
            FileNotFoundError: if nothing is at ``path``.
            InputError: if the file is damaged, of no known format, or breaks a rule of
                ``from_arrays``. Whether values are finite is checked when they are read.
            ProvenanceError: if the file states another encoder than ``encoder``.

        Examples:
            >>> import numpy as np
            >>> import ppi_ratio as pr
            >>> np.savez("other_tool.npz", P1=[0.5, 2.0], P2=[1.0, 3.0])
            >>> vectors = pr.Embeddings.read("other_tool.npz", encoder="prott5")
            >>> vectors.ids, vectors.dim, vectors.provenance.encoder
            (('P1', 'P2'), 2, 'prott5')
        """
        path = Path(path)
        found = _read_any(path)
        stated = found.provenance.encoder
        if encoder is not None and stated not in (UNSTATED, encoder):
            raise ProvenanceError(f"{path}: states the encoder {stated}, not {encoder}")
        if encoder is None:
            return found
        provenance = dataclasses.replace(found.provenance, encoder=encoder)
        return cls(found.ids, found._source, provenance, found.hashes)

    @classmethod
    def join(cls, parts: Sequence["Embeddings"]) -> "Embeddings":
        """Join the vectors of several files into one set, e.g. the files of two species.

        Raises:
            ConfigError: if there are no parts.
            ProvenanceError: if provenance or number of dimensions differ between the parts.
            InputError: if two parts have the same id.

        Examples:
            >>> import ppi_ratio as pr
            >>> human = pr.Embeddings.from_arrays(["P1"], [[0.5, 2.0]])
            >>> virus = pr.Embeddings.from_arrays(["V1"], [[1.0, 3.0]])
            >>> pr.Embeddings.join([human, virus]).ids
            ('P1', 'V1')
        """
        if not parts:
            raise ConfigError("no vectors to join")
        first = parts[0]
        if len(parts) == 1:
            return first
        for part in parts[1:]:
            if (part.provenance, part.dim) != (first.provenance, first.dim):
                raise ProvenanceError(
                    f"vectors of one model must come from one encoder: {part!r} beside {first!r}"
                )
        ids = tuple(name for part in parts for name in part.ids)
        hashes = [part.hashes for part in parts if part.hashes is not None]
        known = tuple(itertools.chain(*hashes)) if len(hashes) == len(parts) else None
        source = JoinedRows([part._source for part in parts])
        check(ids, source.shape, np.dtype(source.dtype), known, "the joined vectors")
        return cls(ids, source, first.provenance, known)

    def to_frame(self) -> pd.DataFrame:
        """All vectors as a data frame of float32: one row per protein, indexed by id.

        Examples:
            >>> import ppi_ratio as pr
            >>> pr.Embeddings.from_arrays(["P1", "P2"], [[0.5, 2.0], [1.0, 3.0]]).to_frame()
                       0    1
            protein
            P1       0.5  2.0
            P2       1.0  3.0
        """
        return pd.DataFrame(self.matrix(), index=pd.Index(self.ids, name="protein"))

    def write(self, path: Path | str, dtype: StoredType | None = None) -> None:
        """Write an HDF5 file of this package's format, completely or not at all.

        Args:
            path: the file.
            dtype: how numbers are stored. By default the precision of these vectors is kept:
                float16 stays float16, and any other type becomes float32.

        Raises:
            InputError: if a value is beyond the range of ``dtype``.
            OutputError: if the disk is full or the folder cannot be written.

        Examples:
            >>> import ppi_ratio as pr
            >>> _, vectors = pr.toy_data()
            >>> vectors.write("toy.h5", dtype="float16")
            >>> pr.Embeddings.read("toy.h5").dtype
            'float16'
        """
        kept: StoredType = "float16" if self.dtype == "float16" else "float32"
        blocks = (
            self.matrix(np.arange(start, min(start + BLOCK_ROWS, len(self))))
            for start in range(0, len(self), BLOCK_ROWS)
        )
        heading = Heading(self.ids, self.hashes, self.provenance, self.dim)
        write_blocks(Path(path), heading, blocks, dtype or kept)


def _read_any(path: Path) -> Embeddings:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; vectors are made by ppi-ratio embed")
    if path.is_dir():
        return _from_foreign(read_esm_extract(path), path)
    if not path.is_file():
        raise InputError(f"{path}: is a device or a pipe, expected a file of vectors")
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start.startswith(ZIP_MAGIC):
        return _from_foreign(read_npz(path), path)
    if start != MAGIC:
        raise InputError(
            f"{path}: no vectors in a known format; expected HDF5 (of ppi-ratio embed, UniProt or "
            "bio_embeddings), .npz, or a folder of esm-extract"
        )
    with open_hdf5(path) as file:
        own = _attribute(file, "format") == FORMAT
    return _read_own(path) if own else _from_foreign(read_dataset_per_protein(path), path)


def _read_own(path: Path) -> Embeddings:
    with open_hdf5(path) as file:
        stated = _attribute(file, "version")
        if not isinstance(stated, int) or stated > FORMAT_VERSION:
            raise InputError(
                f"{path}: format version {stated}, this ppi_ratio reads up to {FORMAT_VERSION}; "
                "install a newer one"
            )
        provenance = _read_provenance(file)
        vectors = open_dataset(file, "vectors", path)
        shape, dtype = vectors.shape, vectors.dtype
        strings = [name for name in ("ids", "hashes") if has_dataset(file, name)]
        check_sizes([vectors, *(open_dataset(file, name, path) for name in strings)], path)
        ids = _read_strings(file, "ids", path)
        hashes = _read_strings(file, "hashes", path) if "hashes" in strings else None
    check(ids, shape, dtype, hashes, str(path))
    return Embeddings(ids, StackedRows(FileVersion.of(path), shape, dtype.name), provenance, hashes)


def _read_provenance(file: h5py.File) -> Provenance:
    plain = {}
    for field in dataclasses.fields(Provenance):
        if field.name in file.attrs:
            plain[field.name] = _attribute(file, field.name)
    return Provenance.from_dict(plain)


def _attribute(file: h5py.File, name: str) -> object:
    """An attribute as a plain Python value; None if the file lacks it."""
    value = file.attrs.get(name)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return int(value) if isinstance(value, np.integer) else value


def _read_strings(file: h5py.File, name: str, path: Path) -> tuple[str, ...]:
    dataset = h5py.Dataset(open_dataset(file, name, path))
    if h5py.check_string_dtype(dataset.dtype) is None or dataset.ndim != 1:
        raise InputError(f"{path}: {name!r} is not a list of strings; make the file again")
    try:
        return tuple(dataset.asstr()[:])
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {name!r} is not UTF-8; make the file again") from error


def _from_foreign(found: ForeignVectors, path: Path) -> Embeddings:
    check(found.ids, found.rows.shape, np.dtype(found.rows.dtype), None, str(path))
    return Embeddings(found.ids, found.rows, found.provenance)
