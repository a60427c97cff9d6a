"""Scaling a critic to held-out pairs."""

from typing import Any

import numpy as np
import pytest
import torch
from quick_fit import fit_with

import ppi_ratio as pr
from ppi_ratio.objectives import OBJECTIVES, Objective
from ppi_ratio.training.batches import Batch
from ppi_ratio.training.module import RatioModule
from ppi_ratio.training.settings import TrainerSettings
from ppi_ratio.training.temperature import scalable, scale_temperature

SETTINGS: dict[str, Any] = {
    "max_epochs": 8,
    "batch_size": 128,
    "learning_rate": 1e-2,
    "progress": False,
    "seed": 0,
}
ONE_EPOCH: dict[str, Any] = SETTINGS | {"max_epochs": 1}


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("kind", pr.CRITICS)
def test_output_is_multiplied_in_the_weights(kind: str, symmetric: bool) -> None:
    torch.manual_seed(0)
    critic = pr.CRITICS[kind](symmetric=symmetric).build(18).eval()  # pyright: ignore[reportCallIssue]
    if kind == "mlp":
        torch.nn.init.normal_(critic.get_parameter("readout.weight"))
    x, y = torch.randn(2, 5, 18)
    before = critic.products(critic.project_left(x), critic.project_right(y))
    critic.multiply_(0.3)
    after = critic.products(critic.project_left(x), critic.project_right(y))
    torch.testing.assert_close(after, 0.3 * before)


def module_of_known_ratios(objective: Objective) -> tuple[RatioModule, list[Batch]]:
    """Two groups; a protein meets its own group nine times in ten, and the critic knows it.

    Labelled non-pairs, where wanted, meet either group alike.
    """
    critic = pr.Bilinear(rank=1).build(1)
    for side in ("left", "right"):
        torch.nn.init.constant_(critic.get_parameter(f"{side}.weight"), np.log(9) ** 0.5 / 2**0.5)
    vectors = torch.tensor([[1.0], [-1.0]])
    module = RatioModule(critic, objective, vectors, TrainerSettings(), self_noise=True)
    generator = torch.Generator().manual_seed(0)
    left = torch.randint(2, (8, 1000), generator=generator)
    swapped = torch.rand(8, 1000, generator=generator) < 0.1
    sides = [left, left ^ swapped]
    if objective.needs.non_pairs:
        sides += torch.randint(2, (2, 8, 1000), generator=generator)
    return module, [Batch(*each) for each in zip(*sides, strict=True)]


@pytest.mark.parametrize("name", ["infonce_anchor", "infonce", "nce", "bce"])
def test_the_factor_undoes_what_is_too_sure(name: str) -> None:
    module, batches = module_of_known_ratios(OBJECTIVES[name]())
    assert scale_temperature(module, batches) == pytest.approx(1, abs=0.06)
    module.critic.multiply_(3.0)
    assert scale_temperature(module, batches) == pytest.approx(1 / 3, abs=0.03)


def test_scaled_scores_are_the_others_times_the_factor_up_to_a_constant(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    plain = fit_with(undirected_split, vectors, **SETTINGS)
    scaled = fit_with(undirected_split, vectors, temperature_scaling=True, **SETTINGS)
    factor = scaled.card.metrics["temperature_factor"]
    assert abs(factor - 1) > 0.02
    test = undirected_split.test
    before, after = (
        model.score(test, vectors)["log_ratio"].to_numpy() for model in (plain, scaled)
    )
    shift = (after - factor * before).mean()
    np.testing.assert_allclose(after, factor * before + shift, atol=1e-4)


def test_what_cannot_be_scaled_is_left_and_said(
    undirected_split: pr.Split, vectors: pr.Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    assert not scalable(pr.ChiSquare())
    model = fit_with(
        undirected_split,
        vectors,
        objective=pr.ChiSquare(),
        temperature_scaling=True,
        **ONE_EPOCH,
    )
    assert "temperature_factor" not in model.card.metrics
    assert "its temperature stays as it is" in caplog.text
