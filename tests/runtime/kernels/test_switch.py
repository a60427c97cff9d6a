"""One switch turns compiled and fused forms off, and nothing but the speed changes."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

import ppi_ratio as pr
from ppi_ratio.critics import CriticFactory
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError
from ppi_ratio.objectives import InfoNCEAnchor
from ppi_ratio.objectives.bidirectional import fused_bidirectional_loss
from ppi_ratio.objectives.tiles import ProjectedBatch
from ppi_ratio.pairs import LEFT, RIGHT
from ppi_ratio.runtime.kernels import compiled_in_use, use_compiled
from ppi_ratio.runtime.kernels.switch import VARIABLE
from ppi_ratio.training.batches import Batch
from ppi_ratio.training.loop import RatioModule
from ppi_ratio.training.settings import TrainerSettings

CRITICS: dict[str, CriticFactory] = {
    "separable": pr.Separable(rank=4, hidden=(8,), symmetric=True),
    "mlp": pr.MLP(hidden=8, dropout=0.3, symmetric=True),
}


def test_a_call_lasts_and_a_block_restores_what_was_chosen() -> None:
    with use_compiled(True):
        use_compiled(False)
        assert not compiled_in_use()
        with use_compiled(True):
            assert compiled_in_use()
        assert not compiled_in_use()


@pytest.mark.parametrize(("value", "expected"), [("0", False), ("1", True)])
def test_the_environment_decides_until_the_program_does(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: bool
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    assert compiled_in_use() is expected
    with use_compiled(not expected):
        assert compiled_in_use() is not expected
    assert compiled_in_use() is expected


def test_another_value_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "no")
    with pytest.raises(ConfigError, match=r"PPI_RATIO_COMPILED: 'no' is neither 1 .* nor 0"):
        compiled_in_use()


def test_the_fused_loss_leaves_the_batch_to_the_plain_loss_when_turned_off() -> None:
    projected = torch.randn(6, 3)
    batch = ProjectedBatch(lambda u, v: u @ v.T, projected, projected, None)
    assert fused_bidirectional_loss(InfoNCEAnchor(), batch, rows=6) is not None
    with use_compiled(False):
        assert fused_bidirectional_loss(InfoNCEAnchor(), batch, rows=6) is None


@pytest.mark.parametrize("critic", CRITICS.values(), ids=CRITICS)
def test_a_training_step_has_the_same_loss_and_gradient_without_compiled_forms(
    critic: CriticFactory,
) -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(40, 6, generator=generator)
    batch = Batch(*torch.randint(40, (2, 64), generator=generator))
    module = RatioModule.build(
        critic, InfoNCEAnchor(), vectors, TrainerSettings(), self_noise=False, seed=0
    ).train()
    for weights in module.critic.parameters():
        torch.nn.init.normal_(weights, std=0.5, generator=generator)
    results = []
    for use in (True, False):
        torch.manual_seed(1)  # of dropout
        with use_compiled(use):
            loss = module.batch_loss(module.training_objective, batch)
            gradients = torch.autograd.grad(loss, list(module.critic.parameters()))
        results.append([loss.detach(), *gradients])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("critic", CRITICS.values(), ids=CRITICS)
def test_training_and_search_give_the_same_without_compiled_forms(critic: CriticFactory) -> None:
    rng = np.random.default_rng(0)
    ids = np.array([f"P{number}" for number in range(60)], dtype=object)
    vectors = Embeddings.from_arrays(list(ids), rng.normal(size=(60, 6)).astype(np.float32))
    left, right = ids[rng.integers(60, size=(2, 300))]
    pairs = pr.read_pairs(pd.DataFrame({LEFT: left, RIGHT: right}), directed=False)
    split = pr.split_by_pair(pairs, seed=0)
    models = []
    for use in (True, False):
        with use_compiled(use):
            models.append(
                pr.fit(
                    split,
                    vectors,
                    critic=critic,
                    trainer=pr.TrainerSettings(max_epochs=3, batch_size=64),
                    progress=False,
                )
            )
    losses, plain_losses = (model.history["training_loss"] for model in models)
    np.testing.assert_allclose(losses, plain_losses, rtol=1e-4)
    for options in ({"top_k": 5}, {"top_k": None, "min_log_ratio": 0.0}):
        hits = models[0].screen(vectors, **options)
        with use_compiled(False):
            plain_hits = models[0].screen(vectors, **options)
        assert len(hits) > 60
        pd.testing.assert_frame_equal(
            hits.sort_values([LEFT, RIGHT], ignore_index=True),
            plain_hits.sort_values([LEFT, RIGHT], ignore_index=True),
            atol=1e-5,
        )


def test_plain_forms_need_no_numba() -> None:
    code = """
import sys
sys.modules["numba"] = None  # an import of it fails
import numpy as np, torch, ppi_ratio as pr
from ppi_ratio.critics.dropout import Dropout
from ppi_ratio.runtime.kernels.search import entries_above
critic = pr.MLP(hidden=4).build(3)
critic.interact(critic.project_left(torch.ones(2, 3)), critic.project_right(torch.ones(2, 3)))
Dropout(0.5)(torch.ones(3))
assert entries_above(np.eye(2, dtype="f4"), np.zeros(2, "f4"), 0.5)[0].tolist() == [0, 1]
"""
    environment = {VARIABLE: "0", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
