"""Ctrl-C in the middle of a long command: exit code 130, and the same command goes on."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from killed_jobs import JOBS, Sizes
from killing import CommandServer, content, run_undisturbed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SIZES = Sizes(sequences=24, epochs=5, compared_epochs=2, screened=12_000)
PATIENCE = 60.0  # seconds


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandServer]:
    server = CommandServer(tmp_path_factory.mktemp("temporary"))
    yield server
    server.close()


@pytest.mark.parametrize("name", ["embed", "train", "compare, two workers", "screen"])
def test_stopped_by_the_user_a_command_says_so_and_goes_on_when_given_again(
    server: CommandServer, name: str, tmp_path: Path
) -> None:
    inputs, folder, beside = (tmp_path / each for each in ("inputs", "stopped", "beside"))
    for each in (inputs, folder, beside):
        each.mkdir()
    job = JOBS[name](inputs, SIZES)
    undisturbed = run_undisturbed(server, job, tmp_path)
    running = server.start(job, folder, beside)
    deadline = time.monotonic() + PATIENCE
    while not any(folder.glob(job.begins)) and time.monotonic() < deadline:
        time.sleep(0.002)
    os.killpg(running.process, signal.SIGINT)  # as a terminal does
    assert running.wait(PATIENCE) == 130
    assert not running.orphans()
    said = (beside / "log.txt").read_text()
    assert "ppi-ratio: stopped; embed, train, compare and screen go on" in said
    assert "Traceback" not in said
    assert not [path for path in folder.rglob("*") if path.suffix in (".partial", ".lock")]
    assert any(folder.glob(job.begins))
    assert server.start(job, folder, beside).wait(PATIENCE) == 0
    assert content(folder) == undisturbed.content
