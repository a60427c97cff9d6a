"""A recipe -> a run folder with its model; resumes from the last epoch after a kill."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ppi_ratio.errors import InputError, first_line
from ppi_ratio.io.limits import check_stored
from ppi_ratio.jobs import Job
from ppi_ratio.model.fitting import Recipe
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.runtime.sharding import Ranks
from ppi_ratio.training.loop import State

CONFIG_FILE, METRICS_FILE, MODEL_FOLDER = "config.yaml", "metrics.csv", "model"
KEYS_OF_A_STATE = frozenset({"state_dict", "optimizer_states", "loops", "callbacks"})


def train_run(
    recipe: Recipe,
    folder: Path | str,
    *,
    config: str = "",
    ranks: Ranks | None = None,
    progress: bool = True,
) -> RatioModel:
    """Train a model and write a run folder; the model of a finished run is only read.

    The folder receives ``model``, ``metrics.csv``, ``training.png`` and, if given,
    ``config.yaml``. Interrupt the call and repeat it: training resumes from its last epoch,
    with identical results.

    Args:
        recipe: data, settings and seed of the model.
        folder: folder of the run.
        config: text of the configuration, written to ``config.yaml``.
        ranks: the processes that train together; those of ``torchrun`` or ``srun`` if not given.
        progress: show a bar on standard error.

    Raises:
        ProvenanceError: if the folder holds another run; names the setting that differs.
        InUseError: if another process trains into the folder.
        OutputError: if the folder cannot be written.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> few_epochs = pr.TrainerSettings(max_epochs=5)
        >>> recipe = pr.Recipe.of(pairs, vectors, trainer=few_epochs)
        >>> model = pr.train_run(recipe, "run", progress=False)
        >>> again = pr.train_run(recipe, "run", progress=False)  # reads the finished run
        >>> again.content_hash() == model.content_hash()
        True
        >>> pr.train_run(pr.Recipe.of(pairs, vectors, trainer=few_epochs, seed=1), "run")
        Traceback (most recent call last):
        ppi_ratio.errors.ProvenanceError: run: ...seed was 0, now 1...
    """
    folder = Path(folder)
    ranks = Ranks.from_environment() if ranks is None else ranks
    job = Job(folder, recipe.identity(), leads=ranks.leads)
    if job.is_finished():
        return RatioModel.load(
            folder / MODEL_FOLDER, critic=type(recipe.critic), objective=type(recipe.objective)
        )
    with job.open():
        model = recipe.train(
            checkpoints=lambda name: StoredCheckpoints(job, name), ranks=ranks, progress=progress
        )
        if ranks.leads:
            with job.publishing() as result:
                _write_run(result, model, config)
    return model


class StoredCheckpoints:
    """Stores the state of a training in a file of its job; loading executes nothing in the file."""

    def __init__(self, job: Job, name: str) -> None:
        self._job = job
        self._name = name

    def load(self) -> State | None:
        """The state, if there is one.

        Raises:
            InputError: if it is damaged, or holds anything but numbers, text and tensors.
        """
        path = self._job.checkpoint(self._name)
        if not path.exists():
            return None
        try:
            check_stored(path)
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
            lacking = KEYS_OF_A_STATE - state.keys()
            if lacking:
                raise ValueError(f"it lacks {min(lacking)}")
        # torch raises many kinds of errors over damaged bytes
        except Exception as error:
            raise InputError(
                f"{path}: not a state of training that can be read safely ({first_line(error)}); "
                f"remove {self._job.folder} to start again"
            ) from error
        return state

    def save(self, state: Mapping[str, Any]) -> None:
        with self._job.save_checkpoint(self._name) as partial:
            torch.save(dict(state), partial)


def _write_run(folder: Path, model: RatioModel, config: str) -> None:
    from ppi_ratio.report.figures import save_figure, training_figure

    folder.mkdir()
    if config:
        (folder / CONFIG_FILE).write_text(config, encoding="utf-8")
    model.history.to_csv(folder / METRICS_FILE, index=False)
    model.save(folder / MODEL_FOLDER)
    figure = training_figure({model.card.objective.name: model.history})
    save_figure(figure, folder / "training.png")
