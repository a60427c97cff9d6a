"""Runs and their scores -> the scores of every scorer of a comparison, and of ensembles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ppi_ratio.comparison.fold_runs import BaselineRun, Fold, ModelRun, RunScores
from ppi_ratio.comparison.plan import ENSEMBLE_SUFFIX, NAME_SEPARATOR
from ppi_ratio.evaluation.groups import LabelledPairs
from ppi_ratio.evaluation.metrics import ScoredPairs
from ppi_ratio.model.renormalise import against_noise
from ppi_ratio.objectives import Optimum

MODEL, ENSEMBLE, BASELINE = "model", "ensemble", "baseline"


@dataclass(frozen=True)
class Scored:
    """The scores of one scorer, one seed, on one group of one fold."""

    fold: int
    group: LabelledPairs
    scorer: str
    kind: str
    critic: str
    optimum: str
    seed: int
    pairs: ScoredPairs

    @property
    def calibrated(self) -> bool:
        """True if the scores are log ratios, from which probabilities follow."""
        return self.kind != BASELINE and not Optimum(self.optimum).is_skewed


def scored_groups(
    runs: Sequence[ModelRun | BaselineRun],
    scores: Mapping[str, RunScores],
    folds: Sequence[Fold],
    ensembles: Sequence[Sequence[str]] = (),
) -> Iterator[Scored]:
    """The scores of each scorer on each group.

    Single models and baselines come first, then the mean of each model over its seeds. The mean
    over the members of each of ``ensembles`` comes last, once for each critic. If a fold has
    noise, all log ratios are renormalised over the noise.
    """
    numbered = {fold.number: fold for fold in folds}
    for run in runs:
        own = _AllScores.of(scores[run.key])
        for group, values in zip(numbered[run.fold].groups, own.normalised, strict=True):
            if values is not None:
                yield _scored(run, group, values)
    combinations = _by_combination(runs)
    means = {
        combination: _AllScores.mean([_AllScores.of(scores[run.key]) for run in members])
        for combination, members in combinations.items()
    }
    for combination, members in combinations.items():
        if len(members) > 1:
            groups = numbered[members[0].fold].groups
            yield from _ensemble(members[0], members[0].scorer, groups, means[combination])
    for names in ensembles:
        for (fold, critic), first in _first_runs(combinations, names).items():
            # A baseline has no critic.
            parts = [means.get((fold, critic, name)) or means[fold, "", name] for name in names]
            name, groups = NAME_SEPARATOR.join(names), numbered[fold].groups
            yield from _ensemble(first, name, groups, _AllScores.mean(parts))


class _AllScores(NamedTuple):
    """Scores of each group and of the noise of each group; None where there are no scores."""

    groups: Sequence[np.ndarray | None]
    noise: Sequence[np.ndarray | None]

    @classmethod
    def of(cls, scores: RunScores) -> "_AllScores":
        return cls(scores.groups, scores.noise or (None,) * len(scores.groups))

    @classmethod
    def mean(cls, parts: Sequence["_AllScores"]) -> "_AllScores":
        return cls(*(_means(scores) for scores in zip(*parts, strict=True)))

    @property
    def normalised(self) -> list[np.ndarray | None]:
        return [
            values if values is None or noise is None else against_noise(values, noise)
            for values, noise in zip(self.groups, self.noise, strict=True)
        ]


def _means(parts: Sequence[Sequence[np.ndarray | None]]) -> list[np.ndarray | None]:
    """Mean scores of each group; None where a part has no scores."""
    return [
        np.mean([each for each in values if each is not None], axis=0)
        if all(each is not None for each in values)
        else None
        for values in zip(*parts, strict=True)
    ]


def _ensemble(
    first: ModelRun | BaselineRun,
    name: str,
    groups: Sequence[LabelledPairs],
    means: _AllScores,
) -> Iterator[Scored]:
    for group, values in zip(groups, means.normalised, strict=True):
        if values is not None:
            single = _scored(first, group, values)
            yield replace(single, scorer=name + ENSEMBLE_SUFFIX, kind=ENSEMBLE, seed=-1)


def _scored(run: ModelRun | BaselineRun, group: LabelledPairs, values: np.ndarray) -> Scored:
    if isinstance(run, BaselineRun):
        return Scored(run.fold, group, run.scorer, BASELINE, "", "", -1, group.scored(values))
    pairs = group.scored(values, noise_is_all_pairs=not run.objective.needs.non_pairs)
    optimum: Optimum = run.objective.optimum
    return Scored(
        run.fold,
        group,
        run.scorer,
        MODEL,
        run.critic_name,
        optimum.value,
        run.seed,
        pairs,
    )


def _by_combination(
    runs: Sequence[ModelRun | BaselineRun],
) -> dict[tuple[int, str, str], list[ModelRun | BaselineRun]]:
    """The runs of each fold, critic and scorer; for a baseline, critic is empty."""
    found: dict[tuple[int, str, str], list[ModelRun | BaselineRun]] = {}
    for run in runs:
        critic = run.critic_name if isinstance(run, ModelRun) else ""
        found.setdefault((run.fold, critic, run.scorer), []).append(run)
    return found


def _first_runs(
    combinations: Mapping[tuple[int, str, str], Sequence[ModelRun | BaselineRun]],
    names: Sequence[str],
) -> dict[tuple[int, str], ModelRun | BaselineRun]:
    """For each fold and critic, a run of the first model in ``names``."""
    found: dict[tuple[int, str], ModelRun | BaselineRun] = {}
    for name in names:
        for (fold, critic, scorer), members in combinations.items():
            if scorer == name and critic:
                found.setdefault((fold, critic), members[0])
    return found
