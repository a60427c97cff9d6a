"""A split and vectors -> a ``RatioModel``: the one place where data, critic and objective meet."""

import dataclasses
import logging
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ppi_ratio.critics import Attentive, Critic, CriticFactory, Separable
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError, StageError
from ppi_ratio.io.atomic import claimed, replacing
from ppi_ratio.model import members
from ppi_ratio.model.card import ModelCard, NoiseCard, NormaliserCard
from ppi_ratio.model.ratio_model import RatioModel, degree_table
from ppi_ratio.model.scoring import Normaliser, Scorer, Standardisation
from ppi_ratio.objectives import InfoNCEAnchor, Objective
from ppi_ratio.objectives.log_sums import log_mean_exp
from ppi_ratio.pairs import LEFT, RIGHT, PairTable, Split
from ppi_ratio.runtime.sharding import Shard
from ppi_ratio.training.batches import PairBatches, PairRows
from ppi_ratio.training.loop import (
    TRAINING_LOSS,
    VALIDATION_LOSS,
    RatioModule,
    forget,
    train_critic,
)
from ppi_ratio.training.settings import Monitor, Precision, TrainerSettings
from ppi_ratio.training.temperature import scalable, scale_temperature

logger = logging.getLogger(__name__)

N_REFERENCES = 2048  # draws from each marginal over which ratios are normalised
MIN_JOINT_PAIRS = 8
DEFAULTS = TrainerSettings()
MODEL_FOLDER = "model"
CHECKPOINT_FOLDER, REFIT_FOLDER = "checkpoint", "refit"
TEMPERATURE_FACTOR, REFIT_LOSS = "temperature_factor", "refit_training_loss"


def fit(
    split: Split,
    vectors: Embeddings,
    *,
    critic: CriticFactory | None = None,
    objective: Objective | None = None,
    seed: int,
    max_epochs: int = DEFAULTS.max_epochs,
    batch_size: int = DEFAULTS.batch_size,
    learning_rate: float = DEFAULTS.learning_rate,
    weight_decay: float = DEFAULTS.weight_decay,
    patience: int = DEFAULTS.patience,
    monitor: Monitor = DEFAULTS.monitor,
    gradient_clip: float = DEFAULTS.gradient_clip,
    averaging: float = DEFAULTS.averaging,
    temperature_scaling: bool = DEFAULTS.temperature_scaling,
    refit: bool = DEFAULTS.refit,
    accelerator: str = DEFAULTS.accelerator,
    precision: Precision = DEFAULTS.precision,
    run: Path | str | None = None,
    progress: bool = True,
) -> RatioModel:
    """Train a critic on the joint pairs of ``split.train``.

    The model of the epoch with the lowest held-out objective on ``split.validation`` is kept, or
    with the highest AUROC of its joint pairs against noise if ``monitor`` is "auroc";
    ``split.test`` is not looked at. Noise comes from the joint pairs' own marginals; labelled
    non-pairs are learned from only by ``bce``, whose ratio is to their law.

    Args:
        split: training and validation pairs.
        vectors: one row per protein; pairs with a protein that has none are left out and counted.
        critic: settings of the network; by default a separable critic, symmetric if the pairs
            have no direction.
        objective: by default InfoNCE-anchor with as much weight on the anchor as on all noise.
        seed: of weights, batches and dropout.
        max_epochs: passes over the training pairs, at most.
        batch_size: joint pairs per step; each has the others of its batch as noise.
        learning_rate: of AdamW.
        weight_decay: of AdamW.
        patience: epochs without a better one after which training stops.
        monitor: what makes an epoch better, the held-out "loss" or "auroc"; see
            ``TrainerSettings``.
        gradient_clip: largest norm of the gradient.
        averaging: decay of the running mean of the weights; see ``TrainerSettings``.
        temperature_scaling: scale the kept critic to suit the validation pairs; see
            ``TrainerSettings``.
        refit: train anew on training and validation pairs for the epochs that were best; see
            ``TrainerSettings``.
        accelerator: as Lightning names them; "auto" takes a GPU where there is one.
        precision: of the projections, "fp32" or "bf16"; see ``TrainerSettings``.
        run: folder that receives ``metrics.csv`` and ``model``; called again, a killed job goes
            on from its last epoch, and a finished one is only read.
        progress: show a bar on standard error.

    Raises:
        ConfigError: if the pairs have no direction and the critic is not symmetric, the critic
            does not fit the vectors, or critic or objective could not be stored with the model.
        StageError: if too few pairs have vectors, labelled non-pairs are wanted and not there, or
            ``run`` holds another job.
        InUseError: if another process trains into ``run``.
        FloatingPointError: if the loss is not finite.
    """
    trainer = TrainerSettings(
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        max_epochs=max_epochs,
        patience=patience,
        monitor=monitor,
        gradient_clip=gradient_clip,
        averaging=averaging,
        temperature_scaling=temperature_scaling,
        refit=refit,
        accelerator=accelerator,
        precision=precision,
    )
    settings = critic or Separable(symmetric=not split.train.directed)
    objective = objective or InfoNCEAnchor()
    members.CRITIC.check(settings)
    members.OBJECTIVE.check(objective)
    if not split.train.directed and not settings.symmetric:
        raise ConfigError(
            f"critic.{settings.name}.symmetric: the pairs have no direction, so the critic must "
            "be symmetric; set it to true, or read the pairs as directed"
        )
    check_critic(settings, vectors)
    job = _Job(split, vectors, settings, objective, trainer, seed)
    return job.run(Path(run) if run else None, progress=progress)


def check_critic(critic: CriticFactory, vectors: Embeddings) -> None:
    """Whether the critic can take the vectors, which costs no memory.

    Raises:
        ConfigError: if it cannot.
    """
    if isinstance(critic, Attentive):
        critic.check_origin(vectors.provenance)
    with torch.device("meta"):
        critic.build(vectors.dim)


@dataclasses.dataclass(frozen=True)
class _Job:
    split: Split
    vectors: Embeddings
    critic: CriticFactory
    objective: Objective
    trainer: TrainerSettings
    seed: int

    def run(self, folder: Path | None, *, progress: bool) -> RatioModel:
        if folder is None or Shard.from_environment().number:
            return self._run(folder, progress=progress)
        model, checkpoint = folder / MODEL_FOLDER, folder / CHECKPOINT_FOLDER
        if model.exists() and not checkpoint.exists():
            return self._finished(model)  # it may lie where nobody may write
        with claimed(folder):
            if not model.exists():
                return self._run(folder, progress=progress)
            finished = self._finished(model)
            forget(checkpoint)  # killed just before it was
            return finished

    def _run(self, folder: Path | None, *, progress: bool) -> RatioModel:
        training = self._with_vectors(self.split.train.joint, "training")
        validation = self._with_vectors(self.split.validation.joint, "validation")
        _check_enough(training, validation)
        self._warn(training, validation)
        non_pairs = self._labelled_non_pairs() if self.objective.needs.non_pairs else None
        module, batches, standardise = self._prepare(training, validation, non_pairs)
        checkpoint = folder / CHECKPOINT_FOLDER if folder else None
        identity = self._identity(training, validation, non_pairs)
        record = train_critic(
            module, batches, checkpoint=checkpoint, identity=identity, progress=progress
        )
        history = record.frame
        metrics = {"epochs": float(len(history)), "best_epoch": float(record.best_epoch)}
        if len(validation):
            metrics[VALIDATION_LOSS] = record.best_loss
        if self._scales(validation):
            factor = scale_temperature(module.cpu(), batches.val_dataloader())
            metrics[TEMPERATURE_FACTOR] = factor
        if self.trainer.refit and len(validation):
            metrics["refit_epochs"] = float(record.best_epoch + 1)
            training, module, batches, standardise = self._prepare_again(record.best_epoch + 1)
            record = train_critic(
                module,
                batches,
                # what is kept of the first training leads back here after a kill
                checkpoint=checkpoint / REFIT_FOLDER if checkpoint else None,
                identity=identity | {"refit": record.best_epoch + 1},
                progress=progress,
            )
            module.critic.multiply_(metrics.get(TEMPERATURE_FACTOR, 1.0))
            history[REFIT_LOSS] = record.frame[TRAINING_LOSS]
        normaliser, normaliser_card = self._normaliser(module, batches.training)
        model = RatioModel(
            self._card(training, normaliser_card, metrics, self_noise=module.self_noise),
            Scorer(module.critic, standardise, normaliser),
            degree_table(training),
            history,
        )
        if folder and Shard.from_environment().number == 0:
            with replacing(folder / "metrics.csv") as path:
                history.to_csv(path, index=False)
            model.save(folder / MODEL_FOLDER)
            forget(folder / CHECKPOINT_FOLDER)
        return model

    def _finished(self, path: Path) -> RatioModel:
        """The model of an earlier call, if it is the one this job would make."""
        model = RatioModel.load(path, critic=type(self.critic), objective=type(self.objective))
        card = model.card
        made = (card.critic, card.objective, card.trainer, card.seed, card.split_hash, card.dim)
        wanted = (
            self.critic,
            self.objective,
            self.trainer,
            self.seed,
            self.split.content_hash(),
            self.vectors.dim,
        )
        same_vectors = card.vectors_hash in (None, self._vectors_hash)
        if made != wanted or card.provenance != self.vectors.provenance or not same_vectors:
            raise StageError(
                f"{path} is the model of another training job; give this one another folder, or "
                "remove that one"
            )
        return model

    @cached_property
    def _vectors_hash(self) -> str:
        """Of all proteins to learn from and to stop by that have a vector."""
        rows = self.vectors.rows(self.split.train_and_validation.ids)
        return self.vectors.content_hash(rows[rows >= 0])

    def _with_vectors(self, table: PairTable, part: str) -> PairTable:
        kept, missing = table.restrict_to(self.vectors.ids)
        if missing:
            logger.warning(
                "%d of %d %s pairs left out: %d of their proteins have no vector, e.g. %s",
                len(table) - len(kept),
                len(table),
                part,
                len(missing),
                missing[0],
            )
        return kept

    def _labelled_non_pairs(self) -> list[PairTable]:
        """Those of the training and of the validation part.

        Raises:
            StageError: if a part that has joint pairs has none.
        """
        tables = []
        for part, table in (("training", self.split.train), ("validation", self.split.validation)):
            tables.append(self._with_vectors(table.non_pairs, part))
            if len(table.joint) and not len(tables[-1]):
                raise StageError(
                    f"{table.name}: {self.objective.name} learns from labelled non-pairs, and the "
                    f"{part} part has none with vectors; add a label column, or choose nce, which "
                    "draws noise of its own"
                )
        return tables

    def _scales(self, validation: PairTable) -> bool:
        if not self.trainer.temperature_scaling or not len(validation):
            return False
        if not scalable(self.objective):
            logger.warning(
                "%s does not put out log ratios; its temperature stays as it is",
                self.objective.name,
            )
        return scalable(self.objective)

    def _warn(self, training: PairTable, validation: PairTable) -> None:
        if not len(validation):
            logger.warning(
                "no validation pairs: training runs for all %d epochs and keeps the last; hold "
                "some proteins out to stop in time",
                self.trainer.max_epochs,
            )
            for setting in ("temperature_scaling", "refit"):
                if getattr(self.trainer, setting):
                    logger.warning("no validation pairs: trainer.%s does nothing", setting)
        if len(training) < self.trainer.batch_size:
            logger.warning(
                "a batch of %d is more than the %d training pairs; taking batches of %d",
                self.trainer.batch_size,
                len(training),
                len(training),
            )

    def _prepare(
        self,
        training: PairTable,
        validation: PairTable,
        non_pairs: list[PairTable] | None,
        blocks: tuple[torch.Tensor, ...] = (),
    ) -> tuple[RatioModule, PairBatches, Standardisation]:
        """The critic and its data, all vectors in memory as one standardised matrix."""
        tables = [training, validation, *(non_pairs or [])]
        numbers = [self._rows(table) for table in tables]
        rows = np.unique(np.concatenate(numbers, axis=1))
        matrix = torch.from_numpy(self.vectors.matrix(rows))
        own = np.searchsorted(rows, np.unique(numbers[0]))
        standardise = Standardisation.of(matrix[own])
        if not bool((matrix[own] != matrix[own[0]]).any()):
            raise StageError(
                f"the vectors of all {len(own)} training proteins are the same; embed them anew"
            )
        sides = [_positions(rows, each) for each in numbers]
        flip = not training.directed
        others = [PairRows(*side, flip=flip) for side in sides[2:]] or [None, None]
        batches = PairBatches(
            PairRows(*sides[0], flip=flip, non_pairs=others[0], blocks=blocks),
            PairRows(*sides[1], flip=flip, non_pairs=others[1]),
            batch_size=self.trainer.batch_size,
            seed=self.seed,
        )
        module = RatioModule.build(
            self.critic,
            self.objective,
            standardise(matrix),
            self.trainer,
            self_noise=bool((numbers[0][0] == numbers[0][1]).any()),
            seed=self.seed,
        )
        return module, batches, standardise

    def _prepare_again(
        self, epochs: int
    ) -> tuple[PairTable, RatioModule, PairBatches, Standardisation]:
        """The joint pairs of both parts, and a new critic to learn from them for some epochs."""
        both, _ = self.split.train_and_validation.restrict_to(self.vectors.ids)
        held_out = both.select(np.zeros(len(both), dtype=bool))
        non_pairs = [both.non_pairs, held_out] if self.objective.needs.non_pairs else None
        trainer = dataclasses.replace(self.trainer, max_epochs=epochs)
        again = dataclasses.replace(self, trainer=trainer)
        blocks = self._blocks(both.joint)
        return both.joint, *again._prepare(both.joint, held_out, non_pairs, blocks)

    def _blocks(self, joint: PairTable) -> tuple[torch.Tensor, ...]:
        """The pairs of each part where the split holds them apart, else none.

        A critic that met proteins of both as noise would learn which part a protein is from.
        """
        held_out = joint.frame[LEFT].isin(sorted(self.split.held_apart)).to_numpy()
        if held_out.sum() < MIN_JOINT_PAIRS:
            return ()
        return tuple(torch.from_numpy(np.flatnonzero(of)) for of in (~held_out, held_out))

    def _rows(self, table: PairTable) -> np.ndarray:
        """Rows of ``vectors``, ``(2, pair)``."""
        return np.stack([self.vectors.rows(table.frame[side]) for side in (LEFT, RIGHT)])

    @torch.inference_mode()
    def _normaliser(
        self, module: RatioModule, joint: PairRows
    ) -> tuple[Normaliser, NormaliserCard]:
        """Make the mean ratio one over draws from the training marginals.

        That removes what the objective leaves free. Where it leaves nothing, as InfoNCE-anchor
        does, it removes what training left undone: with nu = 1 and a large batch the anchor pulls
        weakly, and a short training ends some tenths of a nat off. The card keeps the amount.

        A symmetric critic cannot hold a term of one side only: c(x, y) = log r + a(y) and
        c(x, y) = c(y, x) make a constant. So only a directed critic is normalised per right.
        """
        generator = torch.Generator().manual_seed(self.seed)
        critic: Critic = module.critic
        if joint.non_pairs is not None:
            log_normaliser = _mean_over_non_pairs(module, joint.non_pairs, generator)
            return Normaliser(constant=log_normaliser), NormaliserCard("global", log_normaliser)
        blocks = joint.blocks or (torch.arange(len(joint)),)
        drawn = [_drawn_noise(module, joint, block, generator) for block in blocks]
        shares = torch.tensor([len(block) / len(joint) for block in blocks])
        log_means = torch.stack([log_mean_exp(each.scores) for each in drawn])
        log_normaliser = float((log_means + shares.log()).logsumexp(0))
        optimum = self.objective.optimum
        if optimum.leaves_right_term and not critic.symmetric:
            references = torch.cat([each.lefts for each in drawn])
            return Normaliser(references=references), NormaliserCard("per_right", log_normaliser)
        return Normaliser(constant=log_normaliser), NormaliserCard("global", log_normaliser)

    def _card(
        self,
        training: PairTable,
        normaliser: NormaliserCard,
        metrics: dict[str, float],
        *,
        self_noise: bool,
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
            noise=NoiseCard(
                law="labelled_non_pairs" if self.objective.needs.non_pairs else "degree_weighted",
                self_pairs="kept" if self_noise else "left out",
            ),
            vectors=self.vectors.provenance.to_dict(),
            training_pairs=training.name,
            split_hash=self.split.content_hash(),
            metrics=metrics,
            ppi_ratio=version("ppi-ratio"),
            vectors_hash=self._vectors_hash,
        )

    def _identity(
        self, training: PairTable, validation: PairTable, non_pairs: list[PairTable] | None
    ) -> dict[str, object]:
        return {
            "critic": repr(self.critic),
            "objective": repr(self.objective),
            "trainer": dataclasses.asdict(self.trainer),
            "seed": self.seed,
            "vectors": self.vectors.provenance.to_dict() | {"sha256": self._vectors_hash},
            "training": training.content_hash(),
            "validation": validation.content_hash(),
            "non_pairs": [table.content_hash() for table in non_pairs or []],
        }


def _check_enough(training: PairTable, validation: PairTable) -> None:
    if len(training) < MIN_JOINT_PAIRS:
        raise StageError(
            f"{training.name}: {len(training)} joint pairs with vectors to learn from; "
            f"{MIN_JOINT_PAIRS} are the least that training makes sense with"
        )
    if len(validation) == 1:
        raise StageError(
            f"{validation.name}: one joint pair with vectors to stop by has no other to be "
            "compared with; hold out more, or none"
        )


class _Noise(NamedTuple):
    """Projected lefts, and their scores against as many rights; -inf where noise cannot be."""

    lefts: torch.Tensor
    scores: torch.Tensor


def _drawn_noise(
    module: RatioModule, joint: PairRows, block: torch.Tensor, generator: torch.Generator
) -> _Noise:
    """Draws from the marginals of the pairs of a block, as many as it has of all pairs."""
    n_drawn = max(1, round(N_REFERENCES * len(block) / len(joint)))
    lefts, rights = (
        joint.draw(block[torch.randint(len(block), (n_drawn,), generator=generator)], generator)
        for _ in range(2)
    )
    left, right = lefts.left, rights.right
    u = module.critic.project_left(module.vectors[left].cpu())
    v = module.critic.project_right(module.vectors[right].cpu())
    scores = module.critic.interact(u, v)
    if not module.self_noise:
        scores = scores.masked_fill(left[:, None] == right[None, :], -torch.inf)
    return _Noise(u, scores)


def _mean_over_non_pairs(
    module: RatioModule, non_pairs: PairRows, generator: torch.Generator
) -> float:
    """Log of the mean ratio of labelled non-pairs."""
    chosen = torch.randint(len(non_pairs), (N_REFERENCES * 8,), generator=generator)
    left, right, *_ = non_pairs.draw(chosen, generator)
    critic, vectors = module.critic, module.vectors
    scores = [
        critic.interact_paired(
            critic.project_left(vectors[u].cpu()), critic.project_right(vectors[v].cpu())
        )
        for u, v in zip(left.split(N_REFERENCES), right.split(N_REFERENCES), strict=True)
    ]
    return float(log_mean_exp(torch.cat(scores)))


def _positions(rows: np.ndarray, pairs: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions of each side's rows in the sorted ``rows``."""
    left, right = torch.from_numpy(np.searchsorted(rows, pairs))
    return left, right
