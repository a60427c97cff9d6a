"""An experiment -> its run folder with the resolved settings, the model and logs."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError
from ppi_ratio.io.atomic import claimed, remove, replacing
from ppi_ratio.model.fitting import fit
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.report.figures import save_figure, training_figure
from ppi_ratio.runtime.sharding import Shard
from ppi_ratio.settings.experiment import Experiment, as_yaml

CONFIG_FILE = "config.yaml"


def run_experiment(experiment: Experiment, folder: Path) -> RatioModel:
    """Train as the experiment says, into ``folder``; a finished run is only read.

    Raises:
        ConfigError: if ``folder`` holds another experiment.
        InUseError: if another process runs it.
    """
    leads = Shard.from_environment().number == 0  # of the processes of torchrun or srun
    with claimed(folder) if leads else nullcontext():
        return _run(experiment, folder, leads=leads)


def _run(experiment: Experiment, folder: Path, *, leads: bool) -> RatioModel:
    resolved = as_yaml(experiment)
    config = folder / CONFIG_FILE
    if config.exists() and config.read_text(encoding="utf-8") != resolved:
        raise ConfigError(
            f"{folder} holds the run of another configuration ({config}); choose another --out"
        )
    vectors = Embeddings.read(experiment.embeddings, encoder=experiment.encoder)
    parts = experiment.split.read()
    if leads:
        with replacing(config) as path:
            path.write_text(resolved, encoding="utf-8")
    try:
        model = fit(
            parts,
            vectors,
            critic=experiment.critic,
            objective=experiment.objective,
            seed=experiment.seed,
            run=folder,
            **asdict(experiment.trainer),
        )
    except ValueError:
        if leads and list(folder.iterdir()) == [config]:
            remove(folder)  # what cannot be learned from leaves nothing behind
        raise
    if leads:
        figure = training_figure({experiment.objective.name: model.history})
        save_figure(figure, folder / "training.png")
    return model
