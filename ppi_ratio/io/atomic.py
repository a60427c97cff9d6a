"""Write a file or folder under a temporary name, then rename it: readers never see half of it."""

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
# HDF5, safetensors and NumPy report a full disk only in the text of the error
FULL_IN_WORDS = re.compile(
    rf"(errno =|os error) ({'|'.join(map(str, FULL))})\b|\d+ requested and \d+ written"
)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file to a temporary name beside ``path``; rename it if the block ends without error.

    Yields:
        The temporary name.

    Raises:
        InputError: if the folder of ``path`` cannot be made, or ``path`` is a folder.
        InUseError: if another process is writing ``path``.
        OutputError: if the disk is full.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory, expected the name of a file to write")
    partial = path.with_name(path.name + PARTIAL)
    with locked(path), naming_full_disk(path):
        partial.unlink(missing_ok=True)  # left by a killed process, or a link to a file of others
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Like ``replacing``, for a folder; the old folder is removed once the new one is complete."""
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
    """Rename the folder ``new`` to ``path``, then remove the folder that was at ``path``.

    If an error comes between the two renames, the former folder is put back. After a kill between
    the two renames, ``restore_folder`` puts it back.
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
    """Put the former folder back if a kill came between the two renames; else remove it."""
    former = path.with_name(path.name + FORMER)
    if former.exists() and not path.exists():
        former.replace(path)
    remove(former)


@contextmanager
def naming_full_disk(path: Path) -> Iterator[None]:
    """Turn the error of a full disk, from any library, into an error that names ``path``.

    Raises:
        OutputError: instead of an error that means a full disk or quota.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, OutputError) and _means_full_disk(error):
            raise OutputError(
                f"{path}: the disk is full, or your quota is used up; no file was left "
                "half-written. Free some space and give the same command again"
            ) from error
        raise


def allocate(path: Path, n_bytes: int) -> None:
    """Make a file of this size and reserve its space on the disk, if the system can do so.

    Use it before writing to a memory-mapped file or with HDF5: on a full disk, both may kill the
    process.

    Raises:
        OSError: if the disk is full.
    """
    with path.open("ab") as file:
        if hasattr(os, "posix_fallocate") and n_bytes:
            os.posix_fallocate(file.fileno(), 0, n_bytes)


def remove(path: Path) -> None:
    """Remove a file, a folder with its content, or a link without its target, if it exists."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def check_no_link(folder: Path) -> None:
    """Refuse a link as a working folder: a job would write and remove files in another folder.

    Raises:
        InputError: if ``folder`` is a link.
    """
    if folder.is_symlink():
        raise InputError(
            f"{folder}: is a link, expected a folder of unfinished work; remove the link"
        )


def _means_full_disk(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return bool(FULL_IN_WORDS.search(str(error)))
