"""Write a file or folder under another name, then rename it: a reader never finds half of it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from ppi_ratio.errors import InputError, OutputError
from ppi_ratio.io.lock import locked

PARTIAL, FORMER = ".partial", ".former"
FULL = (ENOSPC, EDQUOT, EFBIG)
# HDF5, safetensors and NumPy report a full disk in words alone
FULL_IN_WORDS = re.compile(
    rf"(errno =|os error) ({'|'.join(map(str, FULL))})\b|\d+ requested and \d+ written"
)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path`` to write a file to; renamed when the block ends well.

    Raises:
        InputError: if the folder of ``path`` cannot be made, or ``path`` is a folder.
        InUseError: if another process is writing it.
        OutputError: if the disk is full.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory, expected the name of a file to write")
    partial = path.with_name(path.name + PARTIAL)
    with locked(path), naming_full_disk(path):
        partial.unlink(missing_ok=True)  # of a killed process, or a link to what is not ours
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder; the folder at ``path`` is removed once the new one is complete."""
    partial = path.with_name(path.name + PARTIAL)
    with locked(path), naming_full_disk(path):
        remove(partial)
        restore_folder(path)
        partial.mkdir()
        try:
            yield partial
            put_folder_in_place(partial, path)
        finally:
            remove(partial)


def put_folder_in_place(new: Path, path: Path) -> None:
    """Rename the folder ``new`` to ``path``; what was at ``path`` is removed afterwards.

    A process that stops between the two renames puts the former folder back; after a kill
    ``restore_folder`` does.
    """
    former = path.with_name(path.name + FORMER)
    restore_folder(path)
    try:
        if path.exists():
            path.replace(former)
        new.replace(path)
    finally:
        restore_folder(path)


def restore_folder(path: Path) -> None:
    """Put the former folder back where a kill came between two renames; remove it otherwise."""
    former = path.with_name(path.name + FORMER)
    if former.exists() and not path.exists():
        former.replace(path)
    remove(former)


@contextmanager
def naming_full_disk(path: Path) -> Iterator[None]:
    """Turn the error of a full disk, from whichever library, into one that names ``path``.

    Raises:
        OutputError: instead of an error that means a full disk or quota.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, OutputError) and _means_full_disk(error):
            raise OutputError(
                f"{path}: the disk is full, or your quota used up; nothing was left "
                "half-written. Free some space and give the same command again"
            ) from error
        raise


def allocate(path: Path, n_bytes: int) -> None:
    """Make a file of this size and reserve its space on the disk, where the system can.

    Use it before writing to a mapped file or by HDF5: on a full disk both may kill the process.

    Raises:
        OSError: if the disk is full.
    """
    with path.open("ab") as file:
        if hasattr(os, "posix_fallocate") and n_bytes:
            os.posix_fallocate(file.fileno(), 0, n_bytes)


def remove(path: Path) -> None:
    """Remove a file, a folder with all in it, or a link but not what it leads to, if there."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def check_no_link(folder: Path) -> None:
    """Refuse a link as a working folder: the job would write and remove in somebody else's folder.

    Raises:
        InputError: if it is one.
    """
    if folder.is_symlink():
        raise InputError(
            f"{folder}: is a link, expected a folder of unfinished work; remove the link"
        )


def _means_full_disk(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return bool(FULL_IN_WORDS.search(str(error)))
