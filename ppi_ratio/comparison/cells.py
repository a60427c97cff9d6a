"""The unit of a comparison: one scorer on one split -> its scores of every labelled set."""

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
from ppi_ratio.pairs import LEFT, RIGHT, PairTable, Split
from ppi_ratio.training.module import TRAINING_LOSS, VALIDATION_LOSS
from ppi_ratio.training.settings import TrainerSettings

HISTORY = ("epoch", TRAINING_LOSS, VALIDATION_LOSS)
N_GROUPS, GROUP, NOISE, JUDGED_BY = "n_groups", "group_", "noise_", "validation"


@dataclass(frozen=True)
class Trial:
    """One split and what its scorers are judged by.

    Attributes:
        number: of the split, from 0.
        split: restricted to proteins with vectors.
        groups: labelled sets of test pairs.
        validation: a labelled set of validation pairs, to choose settings by.
        vectors: of every protein of the split.
        learned: all that every scorer has learned from in the end.
        noise: for each group pairs drawn from its marginals, over which log ratios are to have a
            mean ratio of one; none where they are left as they are.
    """

    number: int
    split: Split
    groups: tuple[LabelledPairs, ...]
    validation: LabelledPairs
    vectors: Embeddings = field(repr=False)
    learned: PairTable
    noise: tuple[NoiseDraws, ...] = ()

    def content_hashes(self) -> dict[str, str]:
        """SHA-256 of the pairs and of the vectors that scores of this trial hang on.

        Rows of a labelled set enter in their order: it is that of the scores of a cell.
        """
        frames = [each.frame for each in (*self.groups, self.validation, *self.noise)]
        digest = hashlib.sha256(self.split.content_hash().encode())
        for frame in frames:
            digest.update(frame.to_csv(sep="\t", index=False).encode())
        frames += [part.frame for part in self.split.parts.values()]
        ids = sorted({*pd.concat([frame[side] for frame in frames for side in (LEFT, RIGHT)])})
        vectors = self.vectors.content_hash(self.vectors.rows(ids))
        return {"pairs": digest.hexdigest(), "vectors": vectors}


@dataclass(frozen=True)
class CellScores:
    """What one cell leaves behind.

    Attributes:
        groups: log ratios or scores of each group of its trial; None where it does not apply.
        validation: those of the trial's validation set; None for a baseline.
        history: losses per epoch; empty for a baseline.
        noise: log ratios of the noise of each group, if the trial has some.
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
            arrays[JUDGED_BY] = self.validation
        arrays |= {name: self.history[name].to_numpy() for name in self.history}
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def read(cls, path: Path) -> "CellScores":
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
                    arrays.get(JUDGED_BY),
                    pd.DataFrame({name: arrays[name] for name in HISTORY if name in arrays}),
                    noise if any(each is not None for each in noise) else (),
                )
        # what zipfile, zlib and numpy raise over damaged bytes is no closed list
        except Exception as error:
            raise InputError(
                f"{path}: damaged ({error}); remove it, and it is made again"
            ) from error


@dataclass(frozen=True)
class CellResult:
    """The scores of a cell, and its model if that is kept."""

    scores: CellScores
    model: RatioModel | None = None


@runtime_checkable
class Cell(Protocol):
    """One scorer of one trial."""

    @property
    def trial(self) -> int: ...

    @property
    def scorer(self) -> str:
        """What reports call it."""
        ...

    @property
    def key(self) -> str:
        """A file name; the same for the same job only."""
        ...

    def run(self, trial: Trial, checkpoints: CheckpointsOf | None = None) -> CellResult:
        """Score every group of the trial; a training keeps its state in ``checkpoints``."""
        ...


@dataclass(frozen=True)
class ModelCell:
    """One critic trained with one objective.

    Attributes:
        trial: number of the split.
        scorer: name of the objective, told apart by its settings where needed.
        critic_name: name of the critic likewise.
        keep_model: whether the result holds the model.
    """

    trial: int
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
        return f"{self.trial}-{self.objective.name}-{self.critic.name}-{self.seed}-{digest}"

    def run(self, trial: Trial, checkpoints: CheckpointsOf | None = None) -> CellResult:
        recipe = Recipe.of(
            trial.split,
            trial.vectors,
            critic=self.critic,
            objective=self.objective,
            trainer=self.trainer,
            seed=self.seed,
        )
        model = recipe.train(checkpoints=checkpoints, progress=False)
        groups, noise, (validation,) = (
            tuple(log_ratios(model, group, trial.vectors) for group in chosen)
            for chosen in (trial.groups, trial.noise, (trial.validation,))
        )
        scores = CellScores(groups, validation, model.history, noise)
        return CellResult(scores, model if self.keep_model else None)


@dataclass(frozen=True)
class BaselineCell:
    """One baseline; what it needs and the trial lacks leaves its groups without scores."""

    trial: int
    scorer: str

    @property
    def key(self) -> str:
        return f"{self.trial}-{self.scorer}"

    def run(self, trial: Trial, checkpoints: CheckpointsOf | None = None) -> CellResult:
        training, n_groups = trial.learned, len(trial.groups)
        noise = trial.noise if self.scorer in LOG_RATIOS else ()
        scores = baseline_scores(
            self.scorer,
            (*trial.groups, *noise),
            degrees=degree_table(training.joint),
            directed=trial.split.directed,
            vectors=trial.vectors,
            training=training,
            held_apart=trial.split.held_apart,
        )
        groups, drawn = tuple(scores[:n_groups]), tuple(scores[n_groups:])
        return CellResult(CellScores(groups, None, pd.DataFrame(), drawn))
