"""``pr.fit`` with the trainer's settings by name, perhaps into a run folder: tests change a few."""

from pathlib import Path
from typing import Any

import ppi_ratio as pr
from ppi_ratio.critics import CriticFactory
from ppi_ratio.model.fitting import Recipe
from ppi_ratio.objectives import Objective
from ppi_ratio.runs.training import train_run
from ppi_ratio.training.settings import TrainerSettings


def fit_with(
    split: pr.Split,
    vectors: pr.Embeddings,
    *,
    critic: CriticFactory | None = None,
    objective: Objective | None = None,
    seed: int = 0,
    progress: bool = False,
    run: Path | None = None,
    **trainer: Any,  # noqa: ANN401 -- fields of ``TrainerSettings``
) -> pr.RatioModel:
    settings: dict[str, Any] = {
        "critic": critic,
        "objective": objective,
        "trainer": TrainerSettings(**trainer),
        "seed": seed,
    }
    if run is None:
        return pr.fit(split, vectors, progress=progress, **settings)
    return train_run(Recipe.of(split, vectors, **settings), run, progress=progress)
