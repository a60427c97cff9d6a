"""Writing so that a reader finds the old content or the new, never half of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ppi_ratio.errors import InputError

PARTIAL = ".partial"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path`` to write a file to; renamed when the block ends well.

    Raises:
        InputError: if the folder of ``path`` cannot be made, or ``path`` is a folder.
    """
    _make_parent(path)
    if path.is_dir():
        raise InputError(f"{path}: is a directory, expected the name of a file to write")
    partial = path.with_name(path.name + PARTIAL)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder; what was at ``path`` is removed once the new one is complete."""
    _make_parent(path)
    partial = path.with_name(path.name + PARTIAL)
    former = path.with_name(path.name + ".former")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        if path.exists():
            path.replace(former)
        partial.replace(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def _make_parent(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{path}: a folder of this path is a file") from error
