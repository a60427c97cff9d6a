"""A comparison's settings -> its runs: every objective with equal critics, seeds and splits."""

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from ppi_ratio.comparison.fold_runs import BaselineRun, ModelRun
from ppi_ratio.critics import CriticSettings
from ppi_ratio.objectives import ObjectiveSettings
from ppi_ratio.settings.comparison import Comparison, names_of
from ppi_ratio.training.settings import TrainerSettings

ENSEMBLE_SUFFIX, NAME_SEPARATOR = " ensemble", " + "  # in the names of ensembles


@dataclasses.dataclass(frozen=True)
class Plan:
    """Objectives, critics, seeds and splits; each combination of the four is one run.

    Attributes:
        objectives: losses; the others are compared to the first.
        critics: networks; every objective trains every critic.
        trainer: trainer settings of all runs, except the settings that are tuned.
        seeds: seeds of weights and batches.
        n_splits: number of splits.
        baselines: names of baselines to show.
        tuning: values to try of trainer settings, e.g. ``{"learning_rate": [3e-4, 1e-3]}``. Each
            objective and critic takes the values with the highest validation AUROC, on the first
            split with the first seed.
        ensembles: names of scorers whose log ratios are averaged; the log ratios of each scorer
            are first averaged over its seeds.
        keep_models: True if each trained model is saved.
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
        """The plan of a comparison."""
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
        """Names of the objectives in reports."""
        return names_of(self.objectives)

    @property
    def reference(self) -> str:
        """The scorer that others are compared to."""
        return self.scorers[0]

    @property
    def combinations(self) -> list[tuple[str, ObjectiveSettings, str, CriticSettings]]:
        """Name and settings of the objective and of the critic, for all combinations."""
        return [
            (scorer, objective, network, critic)
            for (network, critic), (scorer, objective) in product(
                zip(names_of(self.critics), self.critics, strict=True),
                zip(names_of(self.objectives), self.objectives, strict=True),
            )
        ]

    @property
    def grid(self) -> list[TrainerSettings]:
        """Trainer settings to try; one if nothing is tuned.

        ``refit`` is off: a model retrained on validation pairs has a biased validation AUROC.
        """
        not_refitted = dataclasses.replace(self.trainer, refit=False)
        return [
            dataclasses.replace(not_refitted, **dict(zip(self.tuning, values, strict=True)))
            for values in product(*self.tuning.values())
        ]


@dataclasses.dataclass(frozen=True)
class Tuning:
    """The runs that choose the trainer settings of one objective and critic."""

    scorer: str
    critic_name: str
    runs: tuple[ModelRun, ...]


def tuning_runs(plan: Plan) -> list[Tuning]:
    """The tuning of each objective and critic; empty if nothing is tuned."""
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
    plan: Plan, tuned: Mapping[tuple[str, str], TrainerSettings]
) -> list[ModelRun | BaselineRun]:
    """All runs, fold by fold.

    Args:
        plan: what to combine.
        tuned: trainer settings by the names of scorer and critic; other combinations take the
            settings of the plan. ``refit`` is always the value in the plan.
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
                    tuned.get((scorer, network), plan.trainer), refit=plan.trainer.refit
                ),
                seed,
                plan.keep_models,
            )
            for seed in plan.seeds
            for scorer, objective, network, critic in plan.combinations
        ]
    return runs
