"""``.npz`` files -> arrays, without unpickling and without arrays larger than the file can hold."""

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import check_unpacked_size


@contextmanager
def open_npz(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    """Open a file for reading, after checking the sizes that its arrays claim.

    Raises:
        InputError: if the file is damaged, is no ``.npz``, holds Python objects, or claims arrays
            larger than its content.
    """
    try:
        # NumPy would leave a damaged file open if it had opened the file itself.
        with path.open("rb") as raw:
            _check_sizes(raw, path)
            raw.seek(0)
            with np.load(raw, allow_pickle=False) as archive:
                yield archive
    except InputError:
        raise
    # zipfile, zlib and NumPy raise many kinds of exceptions for damaged bytes.
    except Exception as error:
        raise InputError(
            f"{path}: not a readable .npz of plain arrays ({error}); create the file again"
        ) from error


def _check_sizes(raw: BinaryIO, path: Path) -> None:
    with zipfile.ZipFile(raw) as archive:
        members = archive.infolist()
        check_unpacked_size(path, sum(member.file_size for member in members), path.stat().st_size)
        for member in members:
            if not member.filename.endswith(".npy"):
                continue
            with archive.open(member) as stream:
                shape, item_size = _claimed(stream)
            # Items of width 0 count as 1 byte: a million empty strings take memory too.
            if math.prod(shape) * max(1, item_size) > member.file_size:
                raise InputError(
                    f"{path}: {member.filename} claims the shape {shape} and has "
                    f"{member.file_size:,} bytes; create the file again"
                )


def _claimed(stream: Any) -> tuple[tuple[int, ...], int]:  # noqa: ANN401 -- of zipfile, no IO
    """Shape and bytes per item, as stated in the header of the array."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype.itemsize
