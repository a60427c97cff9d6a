"""One writer at a time: a process stops if another process writes the same file or folder.

The lock belongs to the operating system, so a killed process leaves no lock behind. A hidden file
beside the target names the process that holds the lock.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ppi_ratio.errors import InputError, InUseError, OutputError

_held: set[Path] = set()  # files and folders that this process has locked


@contextmanager
def locked(path: Path, *, work: Path | None = None) -> Iterator[None]:
    """Keep other processes from writing ``path``, a file or a folder, while the block runs.

    Files inside a locked folder need no lock of their own.

    Args:
        path: the target.
        work: a folder of unfinished work, locked together with the target.

    Raises:
        InUseError: if another process is writing ``path``.
        OutputError: if nothing can be written there.
        InputError: if the folder of ``path`` cannot be made.
    """
    path = _absolute(path)
    make_parent(path)
    if _is_held(path):
        yield
        return
    note = lock_file(path)
    lock = FileLock(note, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        _check_creatable(note, path)
        raise InUseError(
            f"{path}: {_holder(note)} is writing it; wait until that process ends, or stop it"
        ) from None
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error
    try:
        with suppress(OSError):  # without space for the name on a full disk, the lock still holds
            note.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        own = {path} if work is None else {path, _absolute(work)}
        _held.update(own)
        try:
            yield
        finally:
            _held.difference_update(own)
    finally:
        with suppress(PermissionError):  # Windows cannot remove an open file
            note.unlink(missing_ok=True)
        lock.release()


def lock_file(path: Path) -> Path:
    """The hidden file beside ``path`` that exists during the lock, and after a kill."""
    return path.with_name(f".{path.name}.lock")


def make_parent(path: Path) -> None:
    """Make the folder of ``path``.

    Raises:
        InputError: if a folder of the path is a file.
        OutputError: if nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{path}: a folder of this path is a file") from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 (a link stays a link)


def _is_held(path: Path) -> bool:
    return any(each in _held for each in (path, *path.parents))


def _check_creatable(note: Path, path: Path) -> None:
    """Some file systems let no file be made; the lock library waits there, as for a holder.

    Raises:
        OutputError: if the lock file is not there and cannot be made.
    """
    try:
        note.touch()
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error


def _holder(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"
