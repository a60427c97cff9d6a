"""Writing so that a reader finds the old content or the new, never half of it, nor of two."""

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from filelock import FileLock, Timeout

from ppi_ratio.errors import InputError, InUseError, OutputError

PARTIAL = ".partial"
NO_ROOM = (ENOSPC, EDQUOT, EFBIG)
# HDF5, safetensors and NumPy say it in words alone
NO_ROOM_IN_WORDS = re.compile(
    rf"(errno =|os error) ({'|'.join(map(str, NO_ROOM))})\b|\d+ requested and \d+ written"
)


_covered: set[Path] = set()  # files and folders that this process may write alone


@contextmanager
def claimed(path: Path, *, work: Path | None = None) -> Iterator[None]:
    """Keep other processes from writing ``path``, a file or a folder, while the block runs.

    A hidden file beside it names this process. What it holds is a lock of the operating system,
    so that a killed process holds nobody up; the next one that ends well removes its file. What is
    in a claimed folder needs no claim of its own.

    Args:
        path: the target.
        work: a folder of what is unfinished, claimed with it.

    Raises:
        InUseError: if another process is writing it.
        OutputError: if nothing can be written there.
        InputError: if the folder of ``path`` cannot be made.
    """
    path = _absolute(path)
    _make_parent(path)
    if _is_covered(path):
        yield
        return
    note = path.with_name(f".{path.name}.lock")
    lock = FileLock(note, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InUseError(
            f"{path}: {_holder(note)} is writing it; wait for its end, or stop it"
        ) from None
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error
    try:
        with suppress(OSError):  # on a full disk the lock alone must do
            note.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        covered = {path} if work is None else {path, _absolute(work)}
        _covered.update(covered)
        try:
            yield
        finally:
            _covered.difference_update(covered)
    finally:
        with suppress(PermissionError):  # Windows removes nothing that is open
            note.unlink(missing_ok=True)
        lock.release()


def cover(folder: Path) -> None:
    """Take a folder as claimed, for as long as this process lives: the one that started it did."""
    _covered.add(_absolute(folder))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path`` to write a file to; renamed when the block ends well.

    Raises:
        InputError: if the folder of ``path`` cannot be made, or ``path`` is a folder.
        InUseError: if another process is writing it.
        OutputError: if there is no room for it.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory, expected the name of a file to write")
    partial = path.with_name(path.name + PARTIAL)
    with claimed(path), naming_full_disk(path):
        partial.unlink(missing_ok=True)  # of a killed process, or a link to what is not ours
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder; what was at ``path`` is removed once the new one is complete."""
    partial = path.with_name(path.name + PARTIAL)
    former = path.with_name(path.name + ".former")
    with claimed(path), naming_full_disk(path):
        remove(partial)
        if former.exists() and not path.exists():
            former.replace(path)  # killed between the two renames below
        remove(former)
        partial.mkdir()
        try:
            yield partial
            if path.exists():
                path.replace(former)
            partial.replace(path)
        finally:
            if former.exists() and not path.exists():
                former.replace(path)  # stopped between the two renames
            remove(partial)
            remove(former)


@contextmanager
def naming_full_disk(path: Path) -> Iterator[None]:
    """Say of what there was no room for, whichever library noticed it.

    Raises:
        OutputError: instead of an error that means a full disk or quota.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, OutputError) and _means_no_room(error):
            raise OutputError(
                f"{path}: no room on the disk for it, or more than your quota; nothing was left "
                "half-written. Make room and give the same command again"
            ) from error
        raise


def allocate(path: Path, n_bytes: int) -> None:
    """Make a file of this size, taking its room on the disk, where the system can.

    For what fails badly when room runs out: a mapped file kills the process, and so may HDF5.

    Raises:
        OSError: if there is no room.
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
    """Refuse a link as a folder to work in: what is written and removed there is not ours.

    Raises:
        InputError: if it is one.
    """
    if folder.is_symlink():
        raise InputError(
            f"{folder}: is a link, expected a folder of unfinished work; remove the link"
        )


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 (links stay what they are)


def _is_covered(path: Path) -> bool:
    return any(each in _covered for each in (path, *path.parents))


def _means_no_room(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return True
    return bool(NO_ROOM_IN_WORDS.search(str(error)))


def _holder(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"


def _make_parent(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{path}: a folder of this path is a file") from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error
