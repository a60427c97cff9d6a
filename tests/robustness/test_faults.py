"""Every command that writes: while another process writes the same, on a full disk, and later."""

import itertools
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command_line import Run
from small_inputs import COMMANDS, INPUTS, Command

pytestmark = pytest.mark.timeout(60)

HOLD = (
    "import contextlib, sys; from pathlib import Path; from ppi_ratio.io.lock import locked\n"
    "with contextlib.ExitStack() as held:\n"
    "    for path in sys.argv[1:]: held.enter_context(locked(Path(path)))\n"
    "    print('held', flush=True); sys.stdin.read()"
)
ROOM = 20  # bytes of any one file
WRITING = {name: each for name, each in COMMANDS.items() if any("{out}" in w for w in each.words)}
PRINTING = "evaluate with training pairs"  # its results only
MERGING = {name: each for name, each in COMMANDS.items() if name.startswith("merge")}
WRITERS = {name: each for name, each in COMMANDS.items() if name != PRINTING}
Tree = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A process that holds every target of a folder, and its number."""
    folder = tmp_path_factory.mktemp("busy")
    names = {each.out for each in WRITING.values()} | {
        Path(INPUTS[slot]).name for each in MERGING.values() for slot in each.kinds
    }
    command = [sys.executable, "-c", HOLD, *(str(folder / name) for name in names)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield holder.pid, folder
        holder.kill()


def words_of(command: Command, world: Path, folder: Path) -> tuple[list[str], Path]:
    """The command with its target in a folder, and that; what is merged is copied there."""
    if command in WRITING.values():
        return command.given(world, folder / command.out), folder / command.out
    (slot,) = command.kinds
    target = folder / Path(INPUTS[slot]).name
    folder.mkdir(exist_ok=True)
    for part in (world / "shards").glob(f"{target.stem}*"):
        shutil.copy(part, folder)
    return command.given(world, folder / command.out, **{slot: target}), target


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_target_that_another_process_writes_is_refused(
    command: Command, busy: tuple[int, Path], tell: Run, world: Path, tree: Tree
) -> None:
    holder, folder = busy
    words, target = words_of(command, world, folder)
    before = tree(folder)
    outcome = tell(*words)
    assert outcome.code == 1, outcome
    assert f"{target}: process {holder} on " in outcome.err
    assert tree(folder) == before


@contextmanager
def little_room() -> Iterator[None]:
    """As if the disk were full; what is started meanwhile has as little."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_a_full_disk_is_said_and_the_command_goes_on_once_there_is_room(
    command: Command,
    tell: Run,
    world: Path,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, _ = words_of(command, world, here / "first")
    assert tell(*first).code == 0  # and so everything that it needs is compiled
    words, target = words_of(command, world, here)
    before = set(here.iterdir())
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # which Python would write in part
    with little_room():
        outcome = tell(*words)
    assert outcome.code == 1, outcome
    assert "the disk is full" in outcome.err
    assert target.name in outcome.err
    assert "Traceback" not in outcome.err
    assert not target.is_file()
    assert not [path for path in here.rglob("*") if path.suffix in (".partial", ".lock")]
    again = tell(*words)
    assert again.code == 0, again
    assert target.exists()
    left = {path.name.split(".")[0] for path in set(here.iterdir()) - before}
    assert left <= {target.stem}, left


@pytest.mark.parametrize("name", ["embed", "train", "compare", "screen"])
def test_a_clock_that_goes_backwards_changes_nothing(
    name: str, tell: Run, world: Path, here: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(time, "time", lambda: 2e9 - 3600 * next(ticks))
    words, target = words_of(COMMANDS[name], world, here)
    assert tell(*words).code == 0
    for path in [target, *target.rglob("*")]:
        os.utime(path, (4e9, 4e9))  # written in the future
    before = tree(here)
    assert tell(*words).code == 0
    assert tree(here).keys() == before.keys()


@pytest.mark.parametrize("name", ["train", "compare"])
def test_too_little_memory_is_said_with_what_to_do(
    name: str, tell: Run, world: Path, here: Path
) -> None:
    """A critic of 10 TB, which no machine gives."""
    rank = "critics=[{name: bilinear, rank: 10000000000, symmetric: true}]"
    if name == "train":
        rank = "critic.rank=10000000000"
    words, target = words_of(COMMANDS[name], world, here)
    outcome = tell(*words, "--set", rank)
    assert outcome.code == 1, outcome
    assert "ppi-ratio: out of memory" in outcome.err
    assert "use smaller batches" in outcome.err
    assert "Traceback" not in outcome.err
    assert not (target / "model").exists()
