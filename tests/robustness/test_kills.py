"""Long commands, killed or stopped in the middle: given again, they end as if they had not been."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from killed_jobs import JOBS, Sizes
from killing import CommandServer, Job, Undisturbed, content, run_undisturbed, soak

SIZES = Sizes(sequences=24, epochs=5, compared_epochs=2, screened=12_000)
KILLS = 3
PATIENCE = 60.0  # seconds
LONGER = ("train", "compare")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandServer]:
    server = CommandServer(tmp_path_factory.mktemp("temporary"))
    yield server
    server.close()


@pytest.mark.slow
@pytest.mark.timeout(120)  # of a crowded machine; alone each takes seconds
@pytest.mark.parametrize(
    "name", ["embed", "screen", *(pytest.param(name, marks=pytest.mark.long) for name in LONGER)]
)
def test_killed_or_stopped_a_command_ends_as_if_it_had_not_been(
    server: CommandServer, name: str, tmp_path: Path
) -> None:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    job = JOBS[name](inputs, SIZES)
    undisturbed = run_undisturbed(server, job, tmp_path)
    found = soak(
        server,
        job,
        undisturbed,
        tmp_path,
        kills=KILLS,
        kills_per_finish=KILLS,
        rng=np.random.default_rng(0),
    )
    assert found.kills == KILLS
    assert found.finishes
    assert not found.faults, found.evidence
    check_stop(server, job, undisturbed, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_comparison_in_two_processes_is_stopped_before_its_queue_is_done(
    server: CommandServer, tmp_path: Path
) -> None:
    inputs, folder, beside = (tmp_path / name for name in ("inputs", "stopped", "beside"))
    for each in (inputs, folder, beside):
        each.mkdir()
    job = JOBS["compare, two workers"](inputs, replace(SIZES, compared_epochs=10**6))
    running = server.start(job, folder, beside)
    wait_for_its_begin(job, folder)
    os.killpg(running.process, signal.SIGINT)
    code = running.wait(PATIENCE / 2)
    if code is None:
        running.kill(leader_only=False)
    assert code == 130
    assert not running.orphans()
    assert "Traceback" not in (beside / "log.txt").read_text()


def has_begun(job: Job, folder: Path) -> bool:
    """Is there something whole to go on from?"""
    return any(path.suffix != ".partial" for path in folder.glob(job.begins))


def wait_for_its_begin(job: Job, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not has_begun(job, folder) and time.monotonic() < deadline:
        time.sleep(0.002)


def check_stop(server: CommandServer, job: Job, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """Ctrl-C is answered by exit code 130 and a word; nothing half-written is left."""
    folder, beside = tmp_path / "stopped", tmp_path / "beside"
    folder.mkdir()
    beside.mkdir()
    running = server.start(job, folder, beside)
    wait_for_its_begin(job, folder)
    os.killpg(running.process, signal.SIGINT)  # as a terminal does
    assert running.wait(PATIENCE) == 130
    assert not running.orphans()
    said = (beside / "log.txt").read_text()
    assert "ppi-ratio: stopped; embed, train, compare and screen resume" in said
    assert "Traceback" not in said
    assert not [path for path in folder.rglob("*") if path.suffix in (".partial", ".lock")]
    assert has_begun(job, folder)
    assert server.start(job, folder, beside).wait(PATIENCE) == 0
    assert content(folder) == undisturbed.content
