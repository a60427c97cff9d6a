"""Blocks of vectors -> a complete HDF5 file of our format, which ``files.py`` describes."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Literal, NamedTuple

import h5py
import numpy as np

from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.errors import InputError
from ppi_ratio.io.atomic import allocate, replacing

FORMAT = "ppi_ratio.embeddings"
FORMAT_VERSION = 1
CHUNK_BYTES = 2**18
REMAINING_BYTES = 2**20  # bytes for attributes, checksums and the last chunk, at most
FLOAT16_MAX = float(np.finfo(np.float16).max)

StoredType = Literal["float16", "float32"]


class Heading(NamedTuple):
    """What a file says beside its vectors; see ``Embeddings``."""

    ids: tuple[str, ...]
    hashes: tuple[str, ...] | None
    provenance: Provenance
    dim: int


def write_blocks(
    path: Path, heading: Heading, blocks: Iterable[np.ndarray], dtype: StoredType
) -> None:
    """Write ids, hashes and provenance of ``heading`` with the rows of ``blocks``."""
    dim, n_rows = heading.dim, len(heading.ids)
    chunk_rows = max(1, min(n_rows, CHUNK_BYTES // (dim * np.dtype(dtype).itemsize)))
    # The newer layout and fixed-length text have checksums throughout. Without them a damaged
    # heap of variable-length text makes the HDF5 library loop without end.
    texts = (heading.ids, heading.hashes or ())
    text_bytes = sum(max((len(text.encode()) for text in each), default=0) for each in texts)
    row_bytes = dim * np.dtype(dtype).itemsize + text_bytes
    with ExitStack() as stack:
        partial = stack.enter_context(replacing(path))
        allocate(partial, n_rows * row_bytes + REMAINING_BYTES)
        file = stack.enter_context(h5py.File(partial, "w", libver=("v110", "v110")))
        origin = heading.provenance.to_dict()
        stated = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "ppi_ratio_version": version("ppi-ratio"),
        }
        for key, value in (stated | origin).items():
            if value is not None:
                file.attrs[key] = np.bytes_(value.encode()) if isinstance(value, str) else value
        _write_strings(file, "ids", heading.ids)
        if heading.hashes is not None:
            _write_strings(file, "hashes", heading.hashes)
        vectors = file.create_dataset(
            "vectors",
            shape=(n_rows, dim),
            dtype=dtype,
            chunks=(chunk_rows, dim),
            maxshape=(None, dim),
            fletcher32=True,
        )
        start = 0
        for block in blocks:
            stop = start + len(block)
            vectors[start:stop] = stored_as(block, dtype, heading.ids[start:stop])
            start = stop
        assert start == n_rows


def stored_as(vectors: np.ndarray, dtype: StoredType, ids: Sequence[str]) -> np.ndarray:
    """Convert vectors to the number type of the file.

    Raises:
        InputError: if a value does not fit; names the id and the remedy.
    """
    if dtype == "float16":
        beyond = np.abs(vectors).max(axis=1) > FLOAT16_MAX
        if beyond.any():
            name = ids[int(beyond.argmax())]
            raise InputError(f"{name}: a value is beyond float16 (65504); store float32 instead")
    return vectors.astype(dtype)


def _write_strings(file: h5py.File, name: str, strings: Sequence[str]) -> None:
    encoded = np.array([string.encode() for string in strings])
    marked = encoded.astype(h5py.string_dtype(length=encoded.dtype.itemsize))
    file.create_dataset(name, data=marked, maxshape=(None,), fletcher32=True)
