"""HDF5 files that others made -> datasets, with one clear error for every fault.

No data is read from outside the file, and no dataset may claim more than the file can hold. For
files with one dataset per protein these functions use h5py's low-level calls, because creating
h5py's ``Dataset`` objects takes several times as long as reading.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
from h5py import h5a, h5d, h5l, h5o, h5s  # pyright: ignore[reportAttributeAccessIssue]

from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import check_unpacked_size

MAGIC = b"\x89HDF\r\n\x1a\n"


@contextmanager
def open_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open a file for reading.

    Raises:
        InputError: if HDF5 cannot read the file, also while the block reads from it.
    """
    try:
        with h5py.File(path, "r") as file:
            yield file
    except InputError:
        raise
    # h5py raises many kinds of exceptions for damaged types and names.
    except Exception as error:
        raise InputError(
            f"{path}: damaged or truncated HDF5 ({error}); download or create the file again"
        ) from error


def open_dataset(file: h5py.File, name: str, path: Path) -> h5d.DatasetID:
    """Open a dataset at the root whose values are stored in this file.

    HDF5 can redirect to other files by links, external storage and virtual datasets. Vectors need
    none of them. Following a redirect would read any file that the author of this file chose.

    Raises:
        InputError: if there is no such dataset, or its values are stored elsewhere.
    """
    key = name.encode(errors="surrogateescape")
    if not file.id.links.exists(key):
        raise InputError(f"{path}: has no dataset {name!r}; create the file again")
    if file.id.links.get_info(key).type != h5l.TYPE_HARD:
        raise InputError(
            f"{path}: {name!r} is a link, and links are not followed; store the values in it"
        )
    dataset = h5o.open(file.id, key)
    if not isinstance(dataset, h5d.DatasetID):
        raise InputError(f"{path}: {name!r} is a group; expected one dataset per protein")
    creation = dataset.get_create_plist()
    if creation.get_layout() == h5d.VIRTUAL or creation.get_external_count():
        raise InputError(f"{path}: the values of {name!r} are in another file, which is not read")
    return dataset


def check_sizes(datasets: Iterable[h5d.DatasetID], path: Path) -> None:
    """Refuse datasets that claim far more data than the file can hold, before memory is allocated.

    A dataset can claim any size: it takes no space until it is written, and little space if it is
    compressed. Reading one row unpacks a whole chunk, so chunks are checked too.

    Raises:
        InputError: if the datasets together, or one chunk, are too large for the file.
    """
    total, packed = 0, path.stat().st_size
    for dataset in datasets:
        size = dataset.dtype.itemsize
        total += math.prod(dataset.shape) * size
        creation = dataset.get_create_plist()
        if creation.get_layout() == h5d.CHUNKED:
            check_unpacked_size(path, math.prod(creation.get_chunk()) * size, packed)
    check_unpacked_size(path, total, packed)


def has_dataset(file: h5py.File, name: str) -> bool:
    """True if the root has an entry of that name; links are not followed."""
    return file.id.links.exists(name.encode())


def read_vector(file: h5py.File, name: str, into: np.ndarray) -> None:
    """Read a whole dataset into an array of the same shape, converting its type."""
    h5d.open(file.id, name.encode(errors="surrogateescape")).read(h5s.ALL, h5s.ALL, into)


def has_attribute(dataset: h5d.DatasetID, name: str) -> bool:
    """True if the dataset has an attribute of that name."""
    return h5a.exists(dataset, name.encode())
