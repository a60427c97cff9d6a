"""``.npz`` files -> arrays: never unpickled, and never larger than the file can hold."""

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import check_growth


@contextmanager
def open_npz(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    """Open for reading, once the sizes that its arrays claim are known to be there.

    Raises:
        InputError: if it is damaged, is no ``.npz``, holds Python objects, or claims too much.
    """
    try:
        # numpy leaves a file that it opens itself open when it finds it damaged.
        with path.open("rb") as raw:
            _check_sizes(raw, path)
            raw.seek(0)
            with np.load(raw, allow_pickle=False) as archive:
                yield archive
    except InputError:
        raise
    # what zipfile, zlib and numpy raise over damaged bytes is no closed list
    except Exception as error:
        raise InputError(f"{path}: not a readable .npz of plain arrays ({error})") from error


def _check_sizes(raw: BinaryIO, path: Path) -> None:
    with zipfile.ZipFile(raw) as archive:
        members = archive.infolist()
        check_growth(path, sum(member.file_size for member in members), path.stat().st_size)
        for member in members:
            if not member.filename.endswith(".npy"):
                continue
            with archive.open(member) as stream:
                shape, item_size = _claimed(stream)
            # of no width too: a list of a million empty strings takes room
            if math.prod(shape) * max(1, item_size) > member.file_size:
                raise InputError(
                    f"{path}: {member.filename} claims the shape {shape} and has "
                    f"{member.file_size:,} bytes; make the file again"
                )


def _claimed(stream: Any) -> tuple[tuple[int, ...], int]:  # noqa: ANN401 -- of zipfile, no IO
    """Shape and bytes of an item, as the array's header states them."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype.itemsize
