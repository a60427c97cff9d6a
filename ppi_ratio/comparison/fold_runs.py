"""One run of a comparison: a scorer and a split -> scores of every labelled set."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from ppi_ratio.critics import CriticSettings
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import InputError
from ppi_ratio.evaluation.baseline_groups import baseline_scores
from ppi_ratio.evaluation.baselines import LOG_RATIOS
from ppi_ratio.evaluation.groups import LabelledPairs, NoiseDraws, log_ratios
from ppi_ratio.io.npz import open_npz
from ppi_ratio.model.fitting import CheckpointsOf, Recipe
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.objectives import ObjectiveSettings
from ppi_ratio.pairs import PairTable, Split
from ppi_ratio.training.module import TRAINING_LOSS, VALIDATION_LOSS
from ppi_ratio.training.settings import TrainerSettings

HISTORY = ("epoch", TRAINING_LOSS, VALIDATION_LOSS)
N_GROUPS, GROUP, NOISE, VALIDATION = "n_groups", "group_", "noise_", "validation"  # in files


@dataclass(frozen=True)
class Fold:
    """One split with the labelled sets that evaluate its scorers.

    Attributes:
        number: number of the split, counting from 0.
        split: the split, restricted to proteins with vectors.
        groups: labelled sets of test pairs.
        validation: a labelled set of validation pairs, which tuning reads.
        vectors: vectors of every protein of the split.
        learned: the pairs that every scorer learns from: training pairs, and validation pairs
            too if ``trainer.refit`` is on.
        noise: for each group, pairs drawn from the marginals of the group. Log ratios are
            renormalised to a mean ratio of 1 over them. Empty if log ratios are not renormalised.
    """

    number: int
    split: Split
    groups: tuple[LabelledPairs, ...]
    validation: LabelledPairs
    vectors: Embeddings = field(repr=False)
    learned: PairTable
    noise: tuple[NoiseDraws, ...] = ()

    def pairs_hash(self) -> str:
        """SHA-256, in hexadecimal, of all pairs that the scores of this fold depend on.

        The order of the rows counts, because the scores of a run have that order.
        """
        frames = [each.frame for each in (*self.groups, self.validation, *self.noise)]
        digest = hashlib.sha256(self.split.content_hash().encode())
        for frame in frames:
            digest.update(frame.to_csv(sep="\t", index=False).encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class RunScores:
    """The stored result of one run.

    Attributes:
        groups: log ratios or scores of each group of the fold; None where a baseline does not
            apply to the group.
        validation: log ratios of the fold's validation set; None for a baseline.
        history: losses per epoch; empty for a baseline.
        noise: log ratios of the noise of each group; empty if the fold has no noise.
    """

    groups: tuple[np.ndarray | None, ...]
    validation: np.ndarray | None
    history: pd.DataFrame
    noise: tuple[np.ndarray | None, ...] = ()

    def write(self, path: Path) -> None:
        arrays = {N_GROUPS: np.array(len(self.groups))}
        for prefix, scores in ((GROUP, self.groups), (NOISE, self.noise)):
            arrays |= {f"{prefix}{i}": each for i, each in enumerate(scores) if each is not None}
        if self.validation is not None:
            arrays[VALIDATION] = self.validation
        arrays |= {name: self.history[name].to_numpy() for name in self.history}
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def read(cls, path: Path) -> "RunScores":
        """The inverse of ``write``.

        Raises:
            InputError: if the file is damaged.
        """
        try:
            with open_npz(path) as arrays:
                numbers = range(int(arrays[N_GROUPS]))
                groups, noise = (
                    tuple(arrays.get(f"{prefix}{number}") for number in numbers)
                    for prefix in (GROUP, NOISE)
                )
                return cls(
                    groups,
                    arrays.get(VALIDATION),
                    pd.DataFrame({name: arrays[name] for name in HISTORY if name in arrays}),
                    noise if any(each is not None for each in noise) else (),
                )
        # zipfile, zlib and numpy raise errors of many classes over damaged bytes
        except Exception as error:
            raise InputError(
                f"{path}: damaged ({error}); remove the file, and the run is computed again"
            ) from error


@dataclass(frozen=True)
class RunResult:
    """The scores of a run, and its model if the comparison keeps models."""

    scores: RunScores
    model: RatioModel | None = None


@runtime_checkable
class Run(Protocol):
    """One scorer on one fold."""

    @property
    def fold(self) -> int: ...

    @property
    def scorer(self) -> str:
        """Name of the scorer in reports."""
        ...

    @property
    def key(self) -> str:
        """A file name that differs for every fold, scorer, setting and seed."""
        ...

    def compute(self, fold: Fold, checkpoints: CheckpointsOf | None = None) -> RunResult:
        """Score every group of the fold; training saves its state to ``checkpoints``."""
        ...


@dataclass(frozen=True)
class ModelRun:
    """One critic trained with one objective.

    Attributes:
        fold: number of the split.
        scorer: name of the objective, with the settings that distinguish it from objectives of
            the same class.
        critic_name: name of the critic, with such settings too.
        keep_model: True if the result holds the model.
    """

    fold: int
    scorer: str
    critic_name: str
    critic: CriticSettings
    objective: ObjectiveSettings
    trainer: TrainerSettings
    seed: int
    keep_model: bool = False

    @property
    def key(self) -> str:
        settings = [asdict(each) for each in (self.critic, self.objective, self.trainer)]
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:10]
        return f"{self.fold}-{self.objective.name}-{self.critic.name}-{self.seed}-{digest}"

    def compute(self, fold: Fold, checkpoints: CheckpointsOf | None = None) -> RunResult:
        recipe = Recipe.of(
            fold.split,
            fold.vectors,
            critic=self.critic,
            objective=self.objective,
            trainer=self.trainer,
            seed=self.seed,
        )
        model = recipe.train(checkpoints=checkpoints, progress=False)
        groups, noise, (validation,) = (
            tuple(log_ratios(model, group, fold.vectors) for group in chosen)
            for chosen in (fold.groups, fold.noise, (fold.validation,))
        )
        scores = RunScores(groups, validation, model.history, noise)
        return RunResult(scores, model if self.keep_model else None)


@dataclass(frozen=True)
class BaselineRun:
    """One baseline; a group gets no scores if the fold lacks what the baseline needs."""

    fold: int
    scorer: str

    @property
    def key(self) -> str:
        return f"{self.fold}-{self.scorer}"

    def compute(self, fold: Fold, checkpoints: CheckpointsOf | None = None) -> RunResult:
        training, n_groups = fold.learned, len(fold.groups)
        noise = fold.noise if self.scorer in LOG_RATIOS else ()
        scores = baseline_scores(
            self.scorer,
            (*fold.groups, *noise),
            degrees=degree_table(training.joint),
            directed=fold.split.directed,
            vectors=fold.vectors,
            training=training,
            held_apart=fold.split.held_apart,
        )
        groups, drawn = tuple(scores[:n_groups]), tuple(scores[n_groups:])
        return RunResult(RunScores(groups, None, pd.DataFrame(), drawn))
