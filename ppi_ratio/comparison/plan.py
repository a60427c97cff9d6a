"""What to compare -> its runs, every objective with the same critics, seeds, splits and tuning."""

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from ppi_ratio.comparison.fold_runs import BaselineRun, ModelRun
from ppi_ratio.critics import CriticSettings
from ppi_ratio.objectives import ObjectiveSettings
from ppi_ratio.settings.comparison import Comparison, names_of
from ppi_ratio.training.settings import TrainerSettings

ENSEMBLE, JOINED = " ensemble", " + "


@dataclasses.dataclass(frozen=True)
class Plan:
    """Everything that is crossed.

    Attributes:
        objectives: the first is what the others are compared to.
        critics: networks; every objective gets each.
        trainer: settings of the training, the same for all but for what is tuned.
        seeds: of weights and batches.
        n_splits: number of splits.
        baselines: names of baselines to show.
        tuning: trainer settings to choose from on validation pairs, e.g.
            ``{"learning_rate": [3e-4, 1e-3]}``; every objective and critic chooses for itself
            from the same grid, on the first split with the first seed.
        ensembles: scorers whose log ratios are averaged, each over its seeds first.
        keep_models: keep each trained model.
    """

    objectives: tuple[ObjectiveSettings, ...]
    critics: tuple[CriticSettings, ...]
    trainer: TrainerSettings
    seeds: tuple[int, ...]
    n_splits: int
    baselines: tuple[str, ...]
    tuning: Mapping[str, Sequence[Any]] = dataclasses.field(default_factory=dict)
    ensembles: tuple[tuple[str, ...], ...] = ()
    keep_models: bool = False

    @classmethod
    def of(cls, comparison: Comparison) -> "Plan":
        """What the settings of a comparison cross."""
        return cls(
            tuple(comparison.objectives),
            tuple(comparison.critics),
            comparison.trainer,
            tuple(range(comparison.seed, comparison.seed + comparison.n_seeds)),
            comparison.n_splits,
            tuple(comparison.baselines),
            comparison.tuning,
            tuple(map(tuple, comparison.ensembles)),
            comparison.keep_models,
        )

    @property
    def scorers(self) -> list[str]:
        """What objectives are called."""
        return names_of(self.objectives)

    @property
    def reference(self) -> str:
        """The scorer that others are compared to."""
        return self.scorers[0]

    @property
    def combinations(self) -> list[tuple[str, ObjectiveSettings, str, CriticSettings]]:
        """Name and settings of each objective with each critic."""
        return [
            (scorer, objective, network, critic)
            for (network, critic), (scorer, objective) in product(
                zip(names_of(self.critics), self.critics, strict=True),
                zip(names_of(self.objectives), self.objectives, strict=True),
            )
        ]

    @property
    def grid(self) -> list[TrainerSettings]:
        """Trainer settings to choose from; one if nothing is tuned.

        What validation pairs are to judge must not be refitted on them.
        """
        judged = dataclasses.replace(self.trainer, refit=False)
        return [
            dataclasses.replace(judged, **dict(zip(self.tuning, values, strict=True)))
            for values in product(*self.tuning.values())
        ]


@dataclasses.dataclass(frozen=True)
class Tuning:
    """The runs whose validation AUROC decides on the trainer settings of one combination."""

    scorer: str
    critic_name: str
    runs: tuple[ModelRun, ...]


def tuning_runs(plan: Plan) -> list[Tuning]:
    """The grid of each combination; empty if there is nothing to choose."""
    if len(plan.grid) == 1:
        return []
    return [
        Tuning(
            scorer,
            network,
            tuple(
                ModelRun(0, scorer, network, critic, objective, trainer, plan.seeds[0])
                for trainer in plan.grid
            ),
        )
        for scorer, objective, network, critic in plan.combinations
    ]


def plan_runs(
    plan: Plan, chosen: Mapping[tuple[str, str], TrainerSettings]
) -> list[ModelRun | BaselineRun]:
    """All runs, fold by fold.

    Args:
        plan: what is crossed.
        chosen: trainer settings of each scorer and critic, by their names; those of the plan
            where none were chosen. All are refitted where the plan says so.
    """
    runs: list[ModelRun | BaselineRun] = []
    for fold in range(plan.n_splits):
        runs += [BaselineRun(fold, name) for name in plan.baselines]
        runs += [
            ModelRun(
                fold,
                scorer,
                network,
                critic,
                objective,
                dataclasses.replace(
                    chosen.get((scorer, network), plan.trainer), refit=plan.trainer.refit
                ),
                seed,
                plan.keep_models,
            )
            for seed in plan.seeds
            for scorer, objective, network, critic in plan.combinations
        ]
    return runs
