"""Two processes under a launcher train the model that one process trains."""

import os
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
from quick_fit import fit_with
from safetensors.torch import load_file
from small_world import PROCESSES, grouped_vectors, pairs_within_groups

import ppi_ratio as pr

N_RANKS = 2


def train(run: Path, launched: dict[str, str]) -> None:
    """Without dropout, whose masks are of the proteins that a process holds."""
    os.environ |= launched
    torch.set_num_threads(1)
    pairs = pairs_within_groups(False)
    split = pr.split_by_protein(pairs, test_fraction=0.2, validation_fraction=0.1, seed=0)
    fit_with(
        split,
        grouped_vectors(),
        critic=pr.Separable(rank=8, hidden=(16,), dropout=0, input_dropout=0, symmetric=True),
        seed=0,
        run=run,
        max_epochs=3,
        batch_size=64,
        learning_rate=3e-3,
        refit=True,
        progress=False,
    )


def launch(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    """The run folder and the environment of each rank, as ``torchrun`` sets it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environments = [
        {
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "GROUP_RANK": "0",
            "WORLD_SIZE": str(N_RANKS),
            "LOCAL_WORLD_SIZE": str(N_RANKS),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": port,
            "TORCHELASTIC_RUN_ID": "test",
        }
        for rank in range(N_RANKS)
    ]
    return [(folder, environment) for environment in environments]


def run_all(jobs: list[tuple[Path, dict[str, str]]]) -> None:
    processes = [PROCESSES.Process(target=train, args=job) for job in jobs]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    hanging = [process for process in processes if process.is_alive()]
    for process in hanging:
        process.kill()
    assert not hanging
    assert [process.exitcode for process in processes] == [0] * len(jobs)


@pytest.mark.long
def test_two_processes_train_the_model_of_one(tmp_path: Path) -> None:
    run_all([*launch(tmp_path / "together"), (tmp_path / "alone", {})])
    folders = tmp_path / "together", tmp_path / "alone"
    together, alone = (load_file(run / "model" / "critic.safetensors") for run in folders)
    assert together.keys() == alone.keys()
    for name, weights in alone.items():
        torch.testing.assert_close(together[name], weights, atol=1e-4, rtol=1e-3)
    losses, expected = (
        np.loadtxt(run / "metrics.csv", delimiter=",", skiprows=1) for run in folders
    )
    np.testing.assert_allclose(losses, expected, atol=1e-4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone", "together"]


def test_two_processes_over_a_finished_training_end(tmp_path: Path) -> None:
    train(tmp_path / "run", {})
    before = (tmp_path / "run" / "model" / "critic.safetensors").read_bytes()
    run_all(launch(tmp_path / "run"))
    assert (tmp_path / "run" / "model" / "critic.safetensors").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
