"""A folder of good inputs, an empty one to work in, and watching what a command leaves behind."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import typer.main
from command_line import Outcome, Run
from small_inputs import write_world

Tree = dict[str, str]

get_command = cache(typer.main.get_command)


@pytest.fixture(scope="session")
def world() -> Iterator[Path]:
    """Not under pytest's own folder, which only its owner may enter."""
    with tempfile.TemporaryDirectory(prefix="ppi_ratio_world_") as name:
        folder = Path(name)
        folder.chmod(0o755)
        write_world(folder)
        yield folder


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder that the command runs in, so that nothing it leaves is missed."""
    folder = Path(tempfile.mkdtemp(prefix="ppi_ratio_here_"))
    folder.chmod(0o755)
    monkeypatch.chdir(folder)
    yield folder
    for name, _, _ in os.walk(folder):
        Path(name).chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


@pytest.fixture
def tell(run: Run, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run``, with warnings on standard error, where the command line puts them."""
    # half of the time of a refusal would be Typer's, looking at all functions once more
    monkeypatch.setattr("typer.main.get_command", get_command)

    def call(*words: object) -> Outcome:
        caplog.clear()
        outcome = run(*words)
        return outcome._replace(err=caplog.text + outcome.err)

    return call


@pytest.fixture
def tree() -> Callable[[Path], Tree]:
    """What is in a folder: the digest of every file, by its path, and all folders."""

    def walk(folder: Path) -> Tree:
        found = {}
        for parent, folders, files in os.walk(folder):
            found |= {f"{parent}/{name}": "folder" for name in folders}
            found |= {f"{parent}/{name}": _digest(f"{parent}/{name}") for name in files}
        return found

    return walk


def _digest(path: str) -> str:
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return f"link to {Path(path).readlink()}"
    # a file of the same inode, size and times to the nanosecond was not written to since
    return _content_digest(path, status.st_ino, status.st_size, status.st_ctime_ns)


@cache
def _content_digest(path: str, *version: int) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
