"""Every objective by its key, and a batch whose losses were worked out elsewhere."""

import pydantic
import pytest
import torch

from ppi_ratio.objectives import OBJECTIVES, Objective, ObjectiveSettings, PairScores

ADAPTER = pydantic.TypeAdapter[Objective](ObjectiveSettings)


@pytest.fixture(params=OBJECTIVES, ids=str)
def objective(request: pytest.FixtureRequest) -> Objective:
    return ADAPTER.validate_python({"name": request.param})


@pytest.fixture
def matrix() -> torch.Tensor:
    return torch.tensor(
        [[2, -1, 0, 0.5], [-0.5, 1.5, -2, 0], [0, 0.25, 3, -1], [1, -1.5, 0.75, 2.5]],
        dtype=torch.float64,
    )


@pytest.fixture
def scores(matrix: torch.Tensor) -> PairScores:
    return PairScores.in_batch(matrix)
