"""Pairs and vectors -> a ``RatioModel``: puts data, critic and objective together."""

import dataclasses
import logging
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version

import torch

from ppi_ratio.critics import ChecksVectors, CriticFactory, Separable
from ppi_ratio.embeddings import Embeddings, usable
from ppi_ratio.errors import ConfigError
from ppi_ratio.model import members
from ppi_ratio.model.card import ModelCard, NoiseCard, NormaliserCard
from ppi_ratio.model.learning_pairs import LearningPairs, LearningRows
from ppi_ratio.model.normalising import normaliser_of
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.scoring import Scorer
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.objectives import InfoNCEAnchor, Objective
from ppi_ratio.pairs import PairTable, Split
from ppi_ratio.runtime.seeds import checked_seed
from ppi_ratio.runtime.sharding import ONE_PROCESS, Ranks
from ppi_ratio.training.batches import PairBatches
from ppi_ratio.training.loop import Checkpoints, train_critic
from ppi_ratio.training.module import TRAINING_LOSS, VALIDATION_LOSS, RatioModule
from ppi_ratio.training.record import EpochRecord
from ppi_ratio.training.settings import TrainerSettings
from ppi_ratio.training.temperature import scalable, scale_temperature

logger = logging.getLogger(__name__)

TEMPERATURE_FACTOR, RETRAINING_LOSS = "temperature_factor", "refit_training_loss"
RETRAINING_EPOCHS = "refit_epochs"
DEFAULT_TRAINER = TrainerSettings()
TRAINING, RETRAINING = "training", "retraining"

# gives the checkpoints of the training, or of the retraining
CheckpointsOf = Callable[[str], Checkpoints]


def fit(
    pairs: Split | PairTable,
    vectors: Embeddings,
    *,
    validation: PairTable | None = None,
    critic: CriticFactory | None = None,
    objective: Objective | None = None,
    trainer: TrainerSettings = DEFAULT_TRAINER,
    seed: int = 0,
    progress: bool = True,
) -> RatioModel:
    """Train a critic on interactions.

    Training keeps the epoch with the lowest loss on the validation pairs. If ``trainer.monitor`` is
    "auroc", it keeps the epoch with the highest AUROC of validation interactions against noise.
    The test pairs of a split are not used. Noise is drawn from the marginals of the interactions.
    Only ``bce`` learns from labelled non-pairs; its ratio compares with the law of these.

    Without validation pairs, training runs for all epochs and keeps the last one. It can neither
    stop early nor scale the temperature; a warning says so.

    Args:
        pairs: a split, or a table whose interactions are all training pairs.
        vectors: one vector per protein. Pairs of a protein without a vector are left out, and a
            warning counts them.
        validation: pairs to choose the epoch by; by default those of the split.
        critic: settings of the network; by default a separable critic. It is symmetric if the
            pairs have no direction, unless its settings say otherwise.
        objective: what training minimises; by default InfoNCE-anchor, with as much weight on the
            anchor as on all noise.
        trainer: how long and how fast to train.
        seed: seed of weights, batches and dropout.
        progress: show a bar on standard error.

    Raises:
        ConfigError: if the pairs have no direction and the critic is set to be not symmetric, if
            the critic does not fit the vectors, or if critic or objective cannot be stored.
        ProvenanceError: if too few pairs have vectors, or labelled non-pairs are needed and
            missing.
        FloatingPointError: if the loss is not finite.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> split = pr.split_by_pair(pairs, test_fraction=0.2, validation_fraction=0.2, seed=0)
        >>> trainer = pr.TrainerSettings(max_epochs=20)
        >>> model = pr.fit(split, vectors, trainer=trainer, progress=False)
        >>> scores = model.score(split.test, vectors)["log_ratio"]
        >>> bool(scores.mean() > 0.5)  # nats; zero is chance
        True
    """
    return Recipe.of(
        pairs,
        vectors,
        validation=validation,
        critic=critic,
        objective=objective,
        trainer=trainer,
        seed=seed,
    ).train(progress=progress)


def check_critic(critic: CriticFactory, vectors: Embeddings) -> None:
    """Check that the critic fits the vectors, without allocating memory.

    Raises:
        ConfigError: if the critic does not fit them.
    """
    if isinstance(critic, ChecksVectors):
        critic.check_origin(vectors.provenance)
    with torch.device("meta"):
        critic.build(vectors.dim)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that determines a model: data, settings and a seed; ``Recipe.of`` checks them.

    ``fit`` makes a recipe and trains it at once. ``train_run`` trains a recipe into a folder and
    resumes after an interruption.

    Attributes:
        split: training, validation and test pairs.
        vectors: one vector per protein.
        critic: settings of the network.
        objective: what training minimises.
        trainer: how long and how fast to train.
        seed: seed of weights, batches and dropout.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> recipe = pr.Recipe.of(pairs, vectors, seed=3)
        >>> recipe.critic.symmetric  # the pairs have no direction
        True
        >>> recipe.identity()["seed"]
        3
    """

    split: Split
    vectors: Embeddings
    critic: CriticFactory
    objective: Objective
    trainer: TrainerSettings
    seed: int

    @classmethod
    def of(
        cls,
        pairs: Split | PairTable,
        vectors: Embeddings,
        *,
        validation: PairTable | None = None,
        critic: CriticFactory | None = None,
        objective: Objective | None = None,
        trainer: TrainerSettings = DEFAULT_TRAINER,
        seed: int = 0,
    ) -> "Recipe":
        """Check the settings and fill in what follows from the pairs; arguments as for ``fit``.

        The pairs are sorted, so that a model does not depend on the order of their rows.

        Raises:
            ConfigError: as ``fit``.
        """
        _check_types(pairs, vectors, trainer)
        split = pairs
        if isinstance(pairs, PairTable):
            split = Split.from_tables(train=pairs, validation=validation)
        elif validation is not None:
            split = dataclasses.replace(pairs, validation=validation)
        assert isinstance(split, Split)
        objective = InfoNCEAnchor() if objective is None else objective
        critic = Separable() if critic is None else critic
        members.OBJECTIVE.check(objective)
        members.CRITIC.check(critic)
        chosen = symmetric_as(critic, directed=split.directed)
        check_critic(chosen, vectors)
        vectors = usable(vectors, split.train_and_validation.ids, outlying=True)
        return cls(split.sorted(), vectors, chosen, objective, trainer, checked_seed(seed))

    def identity(self) -> dict[str, object]:
        """Settings and content hashes as JSON values; equal for recipes of the same model."""
        return {
            "critic": members.CRITIC.entry(self.critic),
            "objective": members.OBJECTIVE.entry(self.objective),
            "trainer": dataclasses.asdict(self.trainer),
            "seed": self.seed,
            "pairs": self.split.content_hash(),
            "vectors": self.vectors.provenance.to_dict() | {"sha256": self.vectors_hash},
        }

    @cached_property
    def vectors_hash(self) -> str:
        """SHA-256 of the vectors of all training and validation proteins, in hexadecimal."""
        rows = self.vectors.rows(self.split.train_and_validation.ids)
        return self.vectors.content_hash(rows[rows >= 0])

    def train(
        self,
        *,
        checkpoints: CheckpointsOf | None = None,
        ranks: Ranks = ONE_PROCESS,
        progress: bool = True,
    ) -> RatioModel:
        """Train; if the settings say so, also scale the temperature and retrain.

        Args:
            checkpoints: stores the states of the training and of the retraining.
            ranks: the processes that train together.
            progress: show a bar on standard error.
        """
        pairs = LearningPairs.of(self.split, self.vectors, self.objective)
        self._warn_of_few_pairs(pairs)
        rows = LearningRows.of(pairs, self.vectors)
        if rows.two_kinds:
            logger.warning(
                "%s: interactions have one protein of each of two kinds, and so has the noise: "
                "the ratio says nothing about pairs of one kind. If the columns tell the kinds "
                "apart, read the pairs as directed",
                pairs.training.name,
            )
        module, batches = self._prepare(rows, self.trainer)
        record = train_critic(
            module,
            batches,
            checkpoints=checkpoints(TRAINING) if checkpoints else None,
            ranks=ranks,
            progress=progress,
        )
        history = record.frame
        metrics = {"epochs": float(len(history)), "best_epoch": float(record.best_epoch)}
        if len(pairs.validation):
            metrics[VALIDATION_LOSS] = record.best_loss
        self._warn_if_nothing_learned(module, batches, record)
        if self._scales_temperature(pairs.validation):
            metrics[TEMPERATURE_FACTOR] = scale_temperature(module.cpu(), batches.val_dataloader())
        if self.trainer.refit and len(pairs.validation):
            epochs = record.best_epoch + 1
            metrics[RETRAINING_EPOCHS] = float(epochs)
            pairs = LearningPairs.all_of(self.split, self.vectors, self.objective)
            rows = LearningRows.of(pairs, self.vectors)
            trainer = dataclasses.replace(self.trainer, max_epochs=epochs)
            module, batches = self._prepare(rows, trainer)
            record = train_critic(
                module,
                batches,
                checkpoints=checkpoints(RETRAINING) if checkpoints else None,
                ranks=ranks,
                progress=progress,
            )
            module.critic.multiply_(metrics.get(TEMPERATURE_FACTOR, 1.0))
            history[RETRAINING_LOSS] = record.frame[TRAINING_LOSS]
        normaliser, normaliser_card = normaliser_of(
            module, batches.training, rows.ids, seed=self.seed
        )
        return RatioModel(
            self._card(pairs.training, normaliser_card, metrics, self._noise(module, rows)),
            Scorer(module.critic, rows.standardise, normaliser),
            degree_table(pairs.training, self.vectors),
            history,
        )

    def _prepare(
        self, rows: LearningRows, trainer: TrainerSettings
    ) -> tuple[RatioModule, PairBatches]:
        """A new critic with its objective, and the batches that it learns from."""
        module = RatioModule.build(
            self.critic,
            self.objective,
            rows.matrix,
            trainer,
            self_noise=rows.self_pairs,
            seed=self.seed,
        )
        batches = PairBatches(
            rows.training, rows.validation, batch_size=trainer.batch_size, seed=self.seed
        )
        return module, batches

    def _scales_temperature(self, validation: PairTable) -> bool:
        """Whether to scale the temperature; warns if the settings say so and it is impossible."""
        if not self.trainer.temperature_scaling or not len(validation):
            return False
        if not scalable(self.objective):
            logger.warning(
                "%s does not put out log ratios; its temperature stays as it is",
                self.objective.name,
            )
        return scalable(self.objective)

    def _warn_of_few_pairs(self, pairs: LearningPairs) -> None:
        """Warn of settings that have no effect, or another effect, with so few pairs."""
        if not len(pairs.validation):
            logger.warning(
                "no validation pairs: training runs for all %d epochs and keeps the last; hold "
                "some proteins out to stop in time",
                self.trainer.max_epochs,
            )
            for setting in ("temperature_scaling", "refit"):
                if getattr(self.trainer, setting):
                    logger.warning("no validation pairs: trainer.%s does nothing", setting)
        if len(pairs.training) < self.trainer.batch_size:
            logger.warning(
                "a batch of %d is more than the %d training pairs; taking batches of %d",
                self.trainer.batch_size,
                len(pairs.training),
                len(pairs.training),
            )

    def _warn_if_nothing_learned(
        self, module: RatioModule, batches: PairBatches, record: EpochRecord
    ) -> None:
        """Warn if the kept epoch is no better than a ratio of one for every pair.

        A training that diverged also keeps an epoch and ends without an error.
        """
        judged = batches.val_dataloader() if len(batches.validation) else batches.train_dataloader()
        with torch.random.fork_rng():  # a loader draws from the global generator
            chance = module.loss_at_ratio_one(next(iter(judged)))
        if record.kept_loss >= chance:
            logger.warning(
                "training ended no better than a ratio of one for every pair (loss %.3f, chance "
                "%.3f): it diverged, or there is nothing to learn; lower trainer.learning_rate "
                "(now %g), and check that the vectors are of these proteins",
                record.kept_loss,
                chance,
                self.trainer.learning_rate,
            )

    def _noise(self, module: RatioModule, rows: LearningRows) -> NoiseCard:
        return NoiseCard(
            law="labelled_non_pairs" if self.objective.needs.non_pairs else "degree_weighted",
            self_pairs="kept" if module.self_noise else "left out",
            kinds="two" if rows.two_kinds else "one",
        )

    def _card(
        self,
        training: PairTable,
        normaliser: NormaliserCard,
        metrics: dict[str, float],
        noise: NoiseCard,
    ) -> ModelCard:
        return ModelCard(
            critic=self.critic,
            objective=self.objective,
            trainer=self.trainer,
            seed=self.seed,
            dim=self.vectors.dim,
            directed=training.directed,
            optimum=self.objective.optimum.value,
            normaliser=normaliser,
            noise=noise,
            vectors=self.vectors.provenance.to_dict(),
            training_pairs=training.name,
            split_hash=self.split.content_hash(),
            metrics=metrics,
            ppi_ratio=version("ppi-ratio"),
            vectors_hash=self.vectors_hash,
        )


def _check_types(pairs: object, vectors: object, trainer: object) -> None:
    """Refuse what is easily given by mistake, such as the path of a file.

    Raises:
        ConfigError: naming the argument and what makes the right one.
    """
    for name, value, kinds, advice in (
        ("pairs", pairs, (Split, PairTable), "read a file with read_pairs"),
        ("vectors", vectors, Embeddings, "read a file with Embeddings.read"),
        ("trainer", trainer, TrainerSettings, "make one with TrainerSettings(...)"),
    ):
        if not isinstance(value, kinds):
            raise ConfigError(f"{name}: got {type(value).__name__} {str(value)[:40]!r}; {advice}")


def symmetric_as(critic: CriticFactory, *, directed: bool) -> CriticFactory:
    """The critic; if its ``symmetric`` is None, it is set by the direction of the pairs.

    Raises:
        ConfigError: if the critic's settings say that it is not symmetric, and the pairs have no
            direction.
    """
    if critic.symmetric is None:
        assert dataclasses.is_dataclass(critic)
        return dataclasses.replace(critic, symmetric=not directed)
    if not directed and not critic.symmetric:
        raise ConfigError(
            "critic.symmetric: the pairs have no direction, so the critic must "
            "be symmetric; set it to true, or read the pairs as directed"
        )
    return critic
