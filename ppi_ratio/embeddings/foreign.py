"""Vector files of other programs -> ids, rows, and the provenance that the files state.

| what | recognised by | origin it states |
|---|---|---|
| UniProt ``per-protein.h5`` | HDF5, a dataset ``(dim,)`` or ``(1, dim)`` per id | nothing |
| any HDF5 | two datasets: a list of strings and a matrix with as many rows | nothing |
| bio_embeddings HDF5 | the same, each with the attribute ``original_id`` | nothing |
| ``esm-extract --include mean`` | a folder of ``.pt`` files | the layer, the pooling |
| ``.npz`` | a list of strings and a matrix with as many rows, or one array per id | nothing |
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from ppi_ratio.embeddings.provenance import UNSTATED, Provenance
from ppi_ratio.embeddings.sources import (
    ArrayRows,
    DatasetPerRow,
    FileVersion,
    StackedRows,
    VectorSource,
)
from ppi_ratio.errors import InputError
from ppi_ratio.io.hdf5 import check_sizes, has_attribute, open_dataset, open_hdf5
from ppi_ratio.io.limits import check_stored
from ppi_ratio.io.npz import open_npz

ORIGINAL_ID = "original_id"
UNKNOWN_ORIGIN = Provenance(pooling=UNSTATED)


@dataclass(frozen=True)
class ForeignVectors:
    """Ids, vectors and provenance read from a file of another program."""

    ids: tuple[str, ...]
    rows: VectorSource
    provenance: Provenance


def read_dataset_per_protein(path: Path) -> ForeignVectors:
    """Read HDF5 of UniProt or bio_embeddings: check the shapes, and leave the vectors on disk."""
    with open_hdf5(path) as file:
        names = tuple(file)
        if not names:
            raise InputError(f"{path}: this HDF5 file is empty")
        for name in names:
            if not isinstance(name, str):  # h5py returns bytes for a name that is not UTF-8
                raise InputError(f"{path}: the name {name!r} is not UTF-8; make the file again")
        datasets = [open_dataset(file, name, path) for name in names]
        listed = _listed(names, [(each.shape, each.dtype) for each in datasets])
        if listed is not None:
            check_sizes(datasets, path)
            ids = _decoded(h5py.Dataset(open_dataset(file, listed[0], path))[:], path)
            rows = h5py.Dataset(open_dataset(file, listed[1], path))
            source = StackedRows(FileVersion.of(path), rows.shape, rows.dtype.name, listed[1])
            return ForeignVectors(ids, source, UNKNOWN_ORIGIN)
        first = datasets[0]
        for name, dataset in zip(names, datasets, strict=True):
            _check_vector(name, dataset.shape, dataset.dtype, first.shape, path)
        check_sizes(datasets, path)
        renamed = any(has_attribute(dataset, ORIGINAL_ID) for dataset in datasets)
        ids = _original_ids([h5py.Dataset(d) for d in datasets], path) if renamed else names
        dim, dtype = first.shape[-1], first.dtype.name
    return ForeignVectors(
        ids, DatasetPerRow(FileVersion.of(path), names, dim, dtype), UNKNOWN_ORIGIN
    )


def read_npz(path: Path) -> ForeignVectors:
    """Read a list of ids and a matrix, or one array per id; never unpickles."""
    with open_npz(path) as archive:
        names = tuple(archive.files)
        vectors = [archive[name] for name in names]
    if {"ids", "vectors"} <= set(names) and vectors[names.index("ids")].dtype.kind not in "US":
        found = vectors[names.index("ids")].dtype
        raise InputError(f"{path}: 'ids' must be a list of strings, got {found}")
    if all(isinstance(vector, np.ndarray) for vector in vectors):
        listed = _listed(names, [(vector.shape, vector.dtype) for vector in vectors])
        if listed is not None:
            ids, matrix = (vectors[names.index(name)] for name in listed)
            return ForeignVectors(_decoded(ids, path), ArrayRows(matrix), UNKNOWN_ORIGIN)
    # numpy returns bytes for members that are not arrays, as in torch's checkpoints
    if not all(isinstance(vector, np.ndarray) for vector in vectors):
        raise InputError(f"{path}: is a zip file without arrays; expected an .npz of vectors")
    return ForeignVectors(names, ArrayRows(_stack(names, vectors, path)), UNKNOWN_ORIGIN)


def read_esm_extract(folder: Path) -> ForeignVectors:
    """Read the ``.pt`` files of ``esm-extract``: the highest layer that every file holds."""
    paths = sorted(folder.rglob("*.pt"))
    if not paths:
        raise InputError(f"{folder}: is a folder without .pt files of esm-extract")
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: is no file; expected one of esm-extract")
    means: list[dict[int, np.ndarray]] = []
    ids = []
    layers: set[int] = set()
    for path in paths:
        name, by_layer = _read_esm_file(path)
        layers = layers & by_layer.keys() if means else set(by_layer)
        if not layers:
            raise InputError(f"{path}: shares no layer with the other files; extract them alike")
        ids.append(name)
        means.append(by_layer)
    layer = max(layers)
    matrix = _stack(tuple(ids), [by_layer[layer] for by_layer in means], folder)
    return ForeignVectors(tuple(ids), ArrayRows(matrix), Provenance(layer=layer, pooling="mean"))


def _read_esm_file(path: Path) -> tuple[str, dict[int, np.ndarray]]:
    import torch

    check_stored(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a damaged header warns; the checks below decide
            content = torch.load(path, map_location="cpu", weights_only=True)
        name = content["label"].split(maxsplit=1)[0]
        means = content["mean_representations"]
        # an expanded tensor claims many numbers and stores one
        if any(mean.nbytes > mean.untyped_storage().nbytes() for mean in means.values()):
            raise ValueError("a vector is longer than its numbers")
        return name, {int(layer): mean.float().numpy() for layer, mean in means.items()}
    # torch raises many kinds of errors over damaged bytes
    except Exception as error:
        raise InputError(
            f"{path}: not a file of esm-extract with mean representations "
            f"(extract with --include mean)"
        ) from error


def _original_ids(datasets: list[h5py.Dataset], path: Path) -> tuple[str, ...]:
    originals = []
    for dataset in datasets:
        if ORIGINAL_ID not in dataset.attrs:
            raise InputError(f"{path}: {dataset.name} has no {ORIGINAL_ID}, though others have")
        original = dataset.attrs[ORIGINAL_ID]
        originals.append(original.decode() if isinstance(original, bytes) else str(original))
    return tuple(_first_word(name) for name in originals)


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0] if text.strip() else ""


def _stack(names: tuple[str, ...], vectors: list[np.ndarray], path: Path) -> np.ndarray:
    if not vectors:
        raise InputError(f"{path}: holds no vectors")
    for name, vector in zip(names, vectors, strict=True):
        _check_vector(name, vector.shape, vector.dtype, vectors[0].shape, path)
    return np.stack([vector.ravel() for vector in vectors]).astype(np.float32)


def _listed(
    names: tuple[str, ...], kinds: Sequence[tuple[tuple[int, ...], np.dtype]]
) -> tuple[str, str] | None:
    """The names of a list of ids and of a matrix with as many rows, if a file holds these two."""
    if len(names) != 2:
        return None
    for (ids, matrix), ((shape, dtype), (rows, _)) in (
        (names, kinds),
        (names[::-1], kinds[::-1]),
    ):
        if dtype.kind in "USO" and len(shape) == 1 and len(rows) == 2 and shape[0] == rows[0]:
            return ids, matrix
    return None


def _decoded(ids: np.ndarray, path: Path) -> tuple[str, ...]:
    try:
        return tuple(each.decode() if isinstance(each, bytes) else str(each) for each in ids)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the list of ids is not UTF-8; make the file again") from error


def _check_vector(
    name: str, shape: tuple[int, ...], dtype: np.dtype, first: tuple[int, ...], path: Path
) -> None:
    if len(shape) != 1 and (len(shape) != 2 or shape[0] != 1):
        hint = (
            "; if these are residues, take their mean, one vector per protein; if these are "
            "proteins, put one list of ids beside the matrix"
        )
        raise InputError(
            f"{path}: {name} has shape {shape}, expected one vector"
            f"{hint if len(shape) == 2 else ''}"
        )
    if shape[-1] != first[-1]:
        raise InputError(f"{path}: {name} has {shape[-1]} values, the first protein {first[-1]}")
    if dtype.kind not in "fiu":
        raise InputError(f"{path}: {name} holds {dtype}, expected numbers")
