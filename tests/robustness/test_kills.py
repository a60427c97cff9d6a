from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from killed_jobs import JOBS, Sizes
from killing import CommandServer, soak

SIZES = Sizes(sequences=24, epochs=5, compared_epochs=2, screened=12_000)
KILLS = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandServer]:
    server = CommandServer(tmp_path_factory.mktemp("temporary"))
    yield server
    server.close()


@pytest.mark.slow
@pytest.mark.timeout(120)  # of a crowded machine; alone each takes seconds
@pytest.mark.parametrize("name", ["embed", "train", "compare", "screen"])
def test_killed_three_times_a_command_ends_as_if_it_had_not_been(
    server: CommandServer, name: str, tmp_path: Path
) -> None:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    found = soak(
        server,
        JOBS[name](inputs, SIZES),
        tmp_path,
        kills=KILLS,
        kills_per_finish=KILLS,
        rng=np.random.default_rng(0),
    )
    assert found.kills == KILLS
    assert found.finishes
    assert not found.faults, found.evidence
