"""Two processes with half a batch each have the gradient of one process with all of it."""

import os
import socket
from pathlib import Path

import pydantic
import pytest
import torch
from torch import Tensor, distributed
from torch.multiprocessing.spawn import start_processes

from ppi_ratio.critics import Separable
from ppi_ratio.objectives import Objective, ObjectiveSettings
from ppi_ratio.training.batches import Batch
from ppi_ratio.training.module import RatioModule
from ppi_ratio.training.settings import TrainerSettings

N_RANKS, BATCH = 2, 12
KEYS = ("infonce_anchor", "spherical", "infonce", "nce", "donsker_varadhan", "mine", "flo", "bce")


def gradients(key: str, rank: int | None) -> dict[str, Tensor]:
    """Of the loss of this rank's part of the batch, or of all of it."""
    objective = pydantic.TypeAdapter[Objective](ObjectiveSettings).validate_python({"name": key})
    torch.manual_seed(0)
    critic = Separable(rank=4, hidden=(8,), dropout=0, input_dropout=0)
    vectors = torch.randn(20, 6)
    module = RatioModule.build(
        critic, objective, vectors, TrainerSettings(), self_noise=False, seed=0
    )
    left, right, non_left, non_right = torch.randint(20, (4, BATCH))
    own = slice(None) if rank is None else slice(rank * 6, rank * 6 + 6)
    extra = (non_left[own], non_right[own]) if objective.needs.non_pairs else ()
    module.batch_loss(module.training_objective, Batch(left[own], right[own], *extra)).backward()
    return {
        name: weight.grad for name, weight in module.named_parameters() if weight.grad is not None
    }


def run_rank(rank: int, port: int, folder: Path) -> None:
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", rank=rank, world_size=N_RANKS)
    averaged = {}
    for key in KEYS:
        averaged[key] = gradients(key, rank)
        for gradient in averaged[key].values():
            distributed.all_reduce(gradient)
            gradient /= N_RANKS
    if rank == 0:
        torch.save(averaged, folder / "gradients.pt")
    distributed.destroy_process_group()


@pytest.mark.long
def test_two_ranks_have_the_gradient_of_one_process(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start_processes(run_rank, (port, tmp_path), nprocs=N_RANKS, start_method="forkserver")
    averaged = torch.load(tmp_path / "gradients.pt", weights_only=True)
    for key in KEYS:
        alone = gradients(key, None)
        assert alone.keys() == averaged[key].keys()
        for name, expected in alone.items():
            torch.testing.assert_close(averaged[key][name], expected, atol=1e-6, rtol=1e-5)
