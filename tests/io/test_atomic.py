"""Targets that are written whole, by one process at a time, and what a full disk leaves."""

import multiprocessing
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from ppi_ratio.errors import InputError, InUseError, OutputError
from ppi_ratio.io.atomic import replacing, replacing_folder
from ppi_ratio.io.lock import locked

HOLD = (
    "import sys; from pathlib import Path; from ppi_ratio.io.lock import locked\n"
    "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """By a process that lives as long as the block."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def test_a_target_is_refused_while_another_process_writes_it(tmp_path: Path) -> None:
    target = tmp_path / "out.tsv"
    with held_elsewhere(target) as holder:
        refused = pytest.raises(
            InUseError, match=rf"out\.tsv: process {holder.pid} on .* is writing"
        )
        with refused, replacing(target):
            pass
        assert [path.name for path in tmp_path.iterdir()] == [".out.tsv.lock"]


def test_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    target = tmp_path / "out.tsv"
    with held_elsewhere(target) as holder:
        holder.kill()
        holder.wait()
        assert (tmp_path / ".out.tsv.lock").exists()
        with replacing(target) as partial:
            partial.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["out.tsv"]


def test_a_process_may_claim_again_what_it_has(tmp_path: Path) -> None:
    with locked(tmp_path / "out"), locked(tmp_path / "out"), replacing(tmp_path / "out") as path:
        path.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def write_again_and_again(path: Path, number: int) -> int:
    """How often this process was the one that wrote."""
    n_written = 0
    for _ in range(100):
        try:
            with replacing(path) as partial:
                partial.write_text(str(number) * 5000)
        except InUseError:
            continue
        n_written += 1
    return n_written


def test_of_many_writers_one_at_a_time_writes(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    context = multiprocessing.get_context("forkserver")
    with context.Pool(3) as pool:
        n_written = pool.starmap(write_again_and_again, [(target, number) for number in range(3)])
    assert min(n_written) > 0
    text = target.read_text()
    assert (len(text), len(set(text))) == (5000, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


@contextmanager
def room_for(n_bytes: int) -> Iterator[None]:
    """Of any one file, as if the disk were full then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_bytes(path: Path) -> None:
    path.write_bytes(bytes(100_000))


def write_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(100_000))


def write_hdf5(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["x"] = np.zeros(100_000)


def write_safetensors(path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"x": torch.zeros(100_000)}, path)


def write_parquet(path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"x": np.random.default_rng(0).normal(size=100_000)}).to_parquet(path)


WRITERS = [write_bytes, write_array, write_hdf5, write_safetensors, write_parquet]


@pytest.mark.parametrize("write", WRITERS)
def test_a_full_disk_leaves_what_was_there(write: object, tmp_path: Path) -> None:
    assert callable(write)
    target = tmp_path / "out"
    target.write_text("former")
    with (
        pytest.raises(OutputError, match="out: the disk is full"),
        room_for(50_000),
        replacing(target) as p,
    ):
        write(p)
    assert target.read_text() == "former"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_leaves_the_former_folder(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "a").write_text("former")
    full = pytest.raises(OutputError, match="the disk is full")
    with full, room_for(50_000), replacing_folder(target) as partial:
        write_bytes(partial / "a")
    assert (target / "a").read_text() == "former"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_lost_between_two_renames_is_found_again(tmp_path: Path) -> None:
    (tmp_path / "out.former").mkdir()
    (tmp_path / "out.former" / "a").write_text("former")
    with pytest.raises(KeyboardInterrupt), replacing_folder(tmp_path / "out"):
        raise KeyboardInterrupt
    assert (tmp_path / "out" / "a").read_text() == "former"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_folder_is_put_back_when_its_successor_cannot_take_its_place(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_text("former")
    rename = Path.replace

    def stopped(path: Path, target: Path) -> Path:
        if path.name == "out.partial":
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(error), replacing_folder(tmp_path / "out") as partial:
        (partial / "a").write_text("new")
    assert (tmp_path / "out" / "a").read_text() == "former"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "a").write_text("theirs")
    (tmp_path / "out.partial").symlink_to(foreign)
    with replacing_folder(tmp_path / "out") as partial:
        (partial / "b").write_text("ours")
    (tmp_path / "text.partial").symlink_to(foreign / "a")
    with replacing(tmp_path / "text") as partial:
        partial.write_text("ours")
    assert (foreign / "a").read_text() == "theirs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["foreign", "out", "text"]


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    refused = pytest.raises(InputError, match="a folder of this path is a file")
    with refused, replacing(tmp_path / "a" / "out"):
        pass
