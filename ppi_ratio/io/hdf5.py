"""Reading HDF5 that others made: one clear error, no data from outside the file, no bombs.

Where files hold one dataset per protein this uses h5py's low-level calls: its ``Dataset`` objects
cost several times as much as the reading.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
from h5py import h5a, h5d, h5l, h5o, h5s  # pyright: ignore[reportAttributeAccessIssue]

from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import check_growth

MAGIC = b"\x89HDF\r\n\x1a\n"


@contextmanager
def open_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open for reading; what HDF5 cannot read ends as one ``InputError`` naming the file."""
    try:
        with h5py.File(path, "r") as file:
            yield file
    except InputError:
        raise
    # what h5py raises over damaged types and names is no closed list
    except Exception as error:
        raise InputError(
            f"{path}: damaged or truncated HDF5 ({error}); fetch it or make it again"
        ) from error


def open_dataset(file: h5py.File, name: str, path: Path) -> h5d.DatasetID:
    """A dataset at the root whose values stand in this very file.

    HDF5 can redirect to other files by links, by external storage and by virtual datasets;
    vectors need none of these, and following them would read whatever the file's author named.

    Raises:
        InputError: if there is no such dataset, or its values lie elsewhere.
    """
    key = name.encode(errors="surrogateescape")
    if not file.id.links.exists(key):
        raise InputError(f"{path}: has no dataset {name!r}; make the file again")
    if file.id.links.get_info(key).type != h5l.TYPE_HARD:
        raise InputError(f"{path}: {name!r} is a link to elsewhere, which is not followed")
    dataset = h5o.open(file.id, key)
    if not isinstance(dataset, h5d.DatasetID):
        raise InputError(f"{path}: {name!r} is a group, expected one dataset per protein")
    creation = dataset.get_create_plist()
    if creation.get_layout() == h5d.VIRTUAL or creation.get_external_count():
        raise InputError(f"{path}: the values of {name!r} lie in another file, which is not read")
    return dataset


def check_sizes(datasets: Iterable[h5d.DatasetID], path: Path) -> None:
    """Refuse datasets that claim far more than the file can hold, before anything is allocated.

    A dataset takes no room until it is written to, and compressed ones take little; a whole chunk
    is unpacked for one row of it.

    Raises:
        InputError: if all of them, or a chunk of one, are too large for the file.
    """
    total, packed = 0, path.stat().st_size
    for dataset in datasets:
        size = dataset.dtype.itemsize
        total += math.prod(dataset.shape) * size
        creation = dataset.get_create_plist()
        if creation.get_layout() == h5d.CHUNKED:
            check_growth(path, math.prod(creation.get_chunk()) * size, packed)
    check_growth(path, total, packed)


def has_dataset(file: h5py.File, name: str) -> bool:
    """Whether there is something of that name at the root; a link is not followed to tell."""
    return file.id.links.exists(name.encode())


def read_vector(file: h5py.File, name: str, into: np.ndarray) -> None:
    """Read a whole dataset into an array of its shape, converting as it is read."""
    h5d.open(file.id, name.encode(errors="surrogateescape")).read(h5s.ALL, h5s.ALL, into)


def has_attribute(dataset: h5d.DatasetID, name: str) -> bool:
    """Whether the dataset carries an attribute of that name."""
    return h5a.exists(dataset, name.encode())
