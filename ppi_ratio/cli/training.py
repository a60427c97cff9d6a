"""A YAML file of one experiment -> its run folder."""

import logging
from pathlib import Path

from ppi_ratio.embeddings import Embeddings, matching
from ppi_ratio.model.fitting import Recipe
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.pairs.limits import limits
from ppi_ratio.runs.training import train_run
from ppi_ratio.settings.experiment import Experiment, as_yaml

logger = logging.getLogger(__name__)


def run_experiment(experiment: Experiment, folder: Path) -> RatioModel:
    """Train a model into ``folder``; if the run is finished, only read its model.

    Raises:
        ProvenanceError: if ``folder`` holds another experiment.
        InUseError: if another process trains into ``folder``.
    """
    return train_run(recipe_of(experiment), folder, config=as_yaml(experiment))


def recipe_of(experiment: Experiment) -> Recipe:
    """Read the pairs and vectors of an experiment.

    Raises:
        FileNotFoundError: if a file is missing.
        UserError: if a file cannot be read or does not fit.
    """
    vectors = Embeddings.read(experiment.embeddings, encoder=experiment.encoder)
    vectors = matching(vectors, experiment.match_ids)
    split = experiment.split.read().named_as(vectors.index)
    for said in limits(split.train):
        logger.warning("%s: %s", split.train.name, said)
    return Recipe.of(
        split,
        vectors,
        critic=experiment.critic,
        objective=experiment.objective,
        trainer=experiment.trainer,
        seed=experiment.seed,
    )
