"""Joint pairs and vectors -> a trained critic: one critic, one objective, by Lightning."""

import hashlib
import json
import logging
import math
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

import pandas as pd
import torch
from jaxtyping import Float
from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint, RichProgressBar
from lightning.pytorch.plugins import TorchCheckpointIO
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from ppi_ratio.critics import Critic, CriticFactory
from ppi_ratio.errors import InputError, StageError, first_line
from ppi_ratio.io.atomic import check_no_link, naming_full_disk, replacing
from ppi_ratio.io.limits import check_stored
from ppi_ratio.objectives import Objective, PairScores, Stateful
from ppi_ratio.objectives.bidirectional import fused_bidirectional_loss
from ppi_ratio.objectives.link import Link
from ppi_ratio.objectives.scores import ColumnObjective, LossModule, SumObjective
from ppi_ratio.objectives.tiles import Interaction, ProjectedBatch, loss_in_tiles
from ppi_ratio.runtime.distributed import alone, gathered, n_ranks, own_rank
from ppi_ratio.runtime.seeds import derived_seed
from ppi_ratio.runtime.sharding import Shard, n_nodes
from ppi_ratio.training.batches import Batch, PairBatches
from ppi_ratio.training.settings import Monitor, TrainerSettings

VALIDATION_LOSS = "validation_loss"
VALIDATION_AUROC = "validation_auroc"
TRAINING_LOSS = "training_loss"
# Adam moves a weight by about the learning rate per step, but while a critic sharpens, the bias
# that keeps its mean ratio at one falls by nats; at the weights' own speed it would lag behind.
BIAS_SPEED = 30
ENTRIES_AT_ONCE = 2**24  # scores of a batch held in memory; larger ones are taken in tiles
ROWS_AT_ONCE = 128  # proteins projected in bfloat16 are a multiple of it
REMEDY_FOR_NAN = "lower trainer.learning_rate, and look for extreme values among the vectors"
VANISHED = 1e-7  # norm of a gradient that rounding makes; one to learn from is above 1e-4
PAIRS_SCORED_AT_ONCE = 2048  # of a batch, where all scores are in memory
BIAS_ROUNDS = 8  # fixed-point steps to a mean ratio of one, where the score is not linear

logger = logging.getLogger(__name__)


class RatioModule(LightningModule):
    """One critic learning from one objective.

    Args:
        critic: the network to train.
        objective: the loss of a batch of scores.
        vectors: standardised vectors of every protein that batches may name, ``(protein, dim)``.
        settings: optimiser settings.
        self_noise: may a protein beside itself stand for noise? Not where self pairs were left
            out of the joint pairs: tied critics score them extremely, and the noise law must be
            that of the pairs that could have been observed.
    """

    vectors: Tensor

    def __init__(
        self,
        critic: Critic,
        objective: Objective,
        vectors: Float[Tensor, "protein dim"],
        settings: TrainerSettings,
        *,
        self_noise: bool,
        helper: Critic | None = None,
    ) -> None:
        super().__init__()
        self.critic = critic
        self.helper = helper
        self.averaged = _RunningMean(critic, settings.averaging) if settings.averaging else None
        self.objective = objective
        self.learner = objective.build() if isinstance(objective, Stateful) else objective
        self.settings = settings
        self.self_noise = self_noise
        self.register_buffer("vectors", vectors, persistent=False)

    @classmethod
    def build(
        cls,
        critic: CriticFactory,
        objective: Objective,
        vectors: Float[Tensor, "protein dim"],
        settings: TrainerSettings,
        *,
        self_noise: bool,
        seed: int,
    ) -> "RatioModule":
        """With new weights, and with what the objective needs of a critic."""
        dim, needs = vectors.shape[1], objective.needs
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = critic.build(dim, link=needs.link)
            helper = critic.build(dim) if needs.helper else None
        return cls(network, objective, vectors, settings, self_noise=self_noise, helper=helper)

    def batch_loss(self, objective: Objective | LossModule, batch: Batch) -> Tensor:
        """Loss of the batch that all ranks hold together, of which ``batch`` is this one's part.

        Where the objective is a mean over columns, each rank takes its own ones, and a matrix too
        large for memory is taken in tiles; averaged over the ranks the gradient is that of the
        whole.
        """
        n_pairs = len(batch.left) * n_ranks()
        whole = n_ranks() == 1 and n_pairs**2 <= ENTRIES_AT_ONCE
        by_sums = objective if self._sums_suffice(objective) else None
        if not isinstance(objective, ColumnObjective) or (whole and by_sums is None):
            return objective.loss(self.pair_scores(batch))
        u, v = (gathered(each) for each in self._projections(self.critic, batch.left, batch.right))
        ids, width = self._ids(batch), max(1, ENTRIES_AT_ONCE // n_pairs)
        if by_sums is not None:
            products = ProjectedBatch(_without_autocast(self.critic.products), u, v, ids)
            loss = fused_bidirectional_loss(by_sums, products, rows=width, offset=self.critic.bias)
            if loss is not None:
                return loss
        projected = ProjectedBatch(_without_autocast(self.critic.interact), u, v, ids)
        if whole:
            return objective.loss(PairScores.in_batch(projected.interact(u, v), ids))
        start = own_rank() * len(batch.left)
        own = range(start, start + len(batch.left))
        return loss_in_tiles(objective, projected, width=width, own=own)

    def _sums_suffice(self, objective: Objective | LossModule) -> TypeGuard[SumObjective]:
        return (
            isinstance(objective, SumObjective)
            and objective.sums_suffice
            and self.critic.link is Link.LOG
            and n_ranks() == 1
            and self.device.type == "cpu"
        )

    def pair_scores(self, batch: Batch) -> PairScores:
        """Scores of every left against every right; each distinct protein is projected once."""
        scores = PairScores.in_batch(self._matrix(self.critic, batch), self._ids(batch))
        helper = None if self.helper is None else self._matrix(self.helper, batch)
        non_pairs = None
        if batch.non_left is not None and batch.non_right is not None:
            u, v = self._projections(self.critic, batch.non_left, batch.non_right)
            with torch.autocast(u.device.type, enabled=False):
                non_pairs = gathered(self.critic.interact_paired(u.float(), v.float()))
        return replace(scores, helper=helper, non_pairs=non_pairs)

    def _ids(self, batch: Batch) -> tuple[Tensor, Tensor] | None:
        """Of the lefts and rights of all ranks, if a protein may not meet itself as noise."""
        return None if self.self_noise else (gathered(batch.left), gathered(batch.right))

    def _matrix(self, critic: Critic, batch: Batch) -> Tensor:
        u, v = self._projections(critic, batch.left, batch.right)
        return _without_autocast(critic.interact)(gathered(u), gathered(v))

    def _projections(self, critic: Critic, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        if critic.symmetric:
            rows, index = torch.cat([left, right]).unique(return_inverse=True)
            projected = self._projected(critic.project_left, rows)
            # the gradient of index_select adds up in a fixed order, that of [] does not
            left_index, right_index = index.tensor_split([len(left)])
            return projected.index_select(0, left_index), projected.index_select(0, right_index)
        left_rows, left_index = left.unique(return_inverse=True)
        right_rows, right_index = right.unique(return_inverse=True)
        u = self._projected(critic.project_left, left_rows)
        v = self._projected(critic.project_right, right_rows)
        return u.index_select(0, left_index), v.index_select(0, right_index)

    def _projected(self, project: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
        """Projections of some proteins, in float32; what follows the last of them is padding."""
        if self.settings.precision == "fp32":
            return project(self.vectors[rows])
        # a kernel is compiled for every new shape, and takes as long as it saves in a few steps
        padded = torch.cat([rows, rows[:1].expand(-len(rows) % ROWS_AT_ONCE)])
        with torch.autocast(self.device.type, torch.bfloat16):
            return project(self.vectors[padded]).float()

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        loss = self.batch_loss(self.learner, batch)
        if not torch.isfinite(loss):
            raise FloatingPointError(
                f"the loss of {self.objective.name} is {loss.item()} in epoch "
                f"{self.current_epoch}; {REMEDY_FOR_NAN}"
            )
        self.log(
            TRAINING_LOSS,
            loss,
            on_step=False,
            on_epoch=True,
            batch_size=len(batch.left),
            sync_dist=n_ranks() > 1,
        )
        return loss

    def on_train_batch_end(self, outputs: object, batch: Batch, batch_idx: int) -> None:
        if self.averaged is not None:
            self.averaged.update_parameters(self.critic)

    @property
    def kept_critic(self) -> Critic:
        """The one that is judged on validation pairs and kept."""
        return self.critic if self.averaged is None else self.averaged.critic

    @contextmanager
    def _kept_critic_in_place(self) -> Iterator[None]:
        learning = self.critic
        self.critic = self.kept_critic
        try:
            yield
        finally:
            self.critic = learning

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        with alone(), self._kept_critic_in_place():
            n_pairs = len(batch.left)
            loss = self.batch_loss(self.objective, batch)
            self.log(VALIDATION_LOSS, loss, prog_bar=True, batch_size=n_pairs)
            if self.settings.monitor == "auroc":
                ranked = self.pair_scores(batch.first(PAIRS_SCORED_AT_ONCE))
                self.log(VALIDATION_AUROC, ranked.auroc(), prog_bar=True, batch_size=n_pairs)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        critics = [self.critic] if self.helper is None else [self.critic, self.helper]
        biases = [critic.bias for critic in critics]
        weights = [
            weight
            for critic in critics
            for weight in critic.parameters()
            if all(weight is not bias for bias in biases)
        ]
        rate = self.settings.learning_rate
        groups = [
            {"params": weights, "weight_decay": self.settings.weight_decay},
            {"params": biases, "weight_decay": 0.0, "lr": BIAS_SPEED * rate},
        ]
        return torch.optim.AdamW(groups, lr=rate, fused=True)

    @torch.no_grad()
    def initialise_bias(self, batch: Batch) -> None:
        """Make the mean ratio of the batch's noise pairs one, as it is at the optimum."""
        self.critic.eval()
        batch = batch.first(PAIRS_SCORED_AT_ONCE)
        for _ in range(BIAS_ROUNDS if self.objective.needs.link is not Link.LOG else 1):
            self.critic.bias.sub_(self.pair_scores(batch).noise_log_mean_exp())
        self.critic.train()


class _RunningMean(AveragedModel):
    """Exponential mean of a critic's weights; it looks back less far while there is little past."""

    def __init__(self, critic: Critic, decay: float) -> None:
        @torch.no_grad()
        def follow(means: Sequence[Tensor], weights: Sequence[Tensor], steps: Tensor | int) -> None:
            kept = min(decay, (1 + int(steps)) / (10 + int(steps)))
            for mean, weight in zip(means, weights, strict=True):
                mean.lerp_(weight, 1 - kept)

        super().__init__(critic, multi_avg_fn=follow)
        self.requires_grad_(requires_grad=False)  # or DistributedDataParallel waits for gradients

    @property
    def critic(self) -> Critic:
        assert isinstance(self.module, Critic)
        return self.module


def _without_autocast(interact: Interaction) -> Interaction:
    """In float32, whatever the projections were computed in."""

    def in_float32(u: Tensor, v: Tensor) -> Tensor:
        with torch.autocast(u.device.type, enabled=False):
            return interact(u.float(), v.float())

    return in_float32


class EpochRecord(Callback):
    """Losses of every epoch, the weights of the best one, and when to stop.

    It is part of every checkpoint. All of a run's state is then in one file, which is replaced in
    one step: a run killed at any moment goes on from its last complete epoch, and ends as if it
    had not been killed.
    """

    def __init__(self, seed: int, *, patience: int, monitor: Monitor = "loss") -> None:
        self.seed = seed
        self.patience = patience
        self.monitor = monitor
        self.history: list[dict[str, float]] = []
        self.least_fault = math.inf
        self.best_epoch = -1
        self.best_weights: dict[str, Tensor] = {}
        self._looked_at = -1  # an epoch
        self._vanished = False

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # a run killed after its last epoch must not add another when it is resumed
        trainer.should_stop = self._patience_lost(trainer.current_epoch - 1)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        # dropout draws from torch's global generator, and so do others: tie it to the step
        seed = derived_seed(self.seed, trainer.global_step * n_ranks() + own_rank())
        if pl_module.device.type == "cpu":
            torch.default_generator.manual_seed(seed)
        else:
            torch.manual_seed(seed)  # of all devices; takes milliseconds

    def on_before_optimizer_step(
        self, trainer: Trainer, pl_module: LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        """Once an epoch, look whether anything is still to be learned from."""
        if self._vanished or trainer.current_epoch == self._looked_at:
            return
        self._looked_at = trainer.current_epoch
        gradients = [weight.grad for weight in pl_module.parameters() if weight.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        self._vanished = norm < VANISHED
        if self._vanished:
            logger.warning(
                "the gradient vanished in epoch %d (norm %.1g), so nothing more is learned; lower "
                "trainer.learning_rate, choose another objective, or look whether vectors differ",
                trainer.current_epoch,
                norm,
            )

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        names = (TRAINING_LOSS, VALIDATION_LOSS, VALIDATION_AUROC)
        measured = {
            name: float(trainer.callback_metrics[name])
            for name in names
            if name in trainer.callback_metrics
        }
        self.history.append({"epoch": float(trainer.current_epoch), **measured})
        if VALIDATION_LOSS not in measured:  # then the last epoch counts
            fault = -float(trainer.current_epoch)
        elif self.monitor == "auroc" and math.isfinite(measured[VALIDATION_LOSS]):
            fault = 1 - measured[VALIDATION_AUROC]
        else:
            fault = measured[VALIDATION_LOSS]
        if fault < self.least_fault:
            assert isinstance(pl_module, RatioModule)
            self.least_fault, self.best_epoch = fault, trainer.current_epoch
            self.best_weights = {
                name: tensor.detach().cpu().clone()
                for name, tensor in pl_module.kept_critic.state_dict().items()
            }
        trainer.should_stop |= self._patience_lost(trainer.current_epoch)

    def _patience_lost(self, epoch: int) -> bool:
        return self.best_epoch >= 0 and epoch - self.best_epoch >= self.patience

    def state_dict(self) -> dict[str, Any]:
        return {
            "history": self.history,
            "least_fault": self.least_fault,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.history = state_dict["history"]
        self.least_fault = state_dict["least_fault"]
        self.best_epoch = state_dict["best_epoch"]
        self.best_weights = state_dict["best_weights"]

    @property
    def best_loss(self) -> float:
        """Of the validation pairs, in the epoch that is kept; NaN without such pairs."""
        return self.history[self.best_epoch].get(VALIDATION_LOSS, math.nan)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per epoch: epoch, training_loss, validation_loss (nats), validation_auroc."""
        return pd.DataFrame(self.history).astype({"epoch": int})


def train_critic(
    module: RatioModule,
    batches: PairBatches,
    *,
    checkpoint: Path | None,
    identity: Mapping[str, object],
    progress: bool,
) -> EpochRecord:
    """Train in place until the held-out objective stops falling; leave the best weights.

    Under ``torchrun`` or ``srun`` all processes train one critic: each projects the proteins of
    its part of a batch, and the noise is that of the whole batch.

    Args:
        module: critic, objective and vectors.
        batches: training and validation pairs.
        checkpoint: folder of the resumable state, or None to keep none. If it holds the state of
            this same job, training goes on from there.
        identity: what makes two jobs the same job, as JSON values.
        progress: show a bar on standard error.

    Raises:
        StageError: if ``checkpoint`` holds the state of another job.
        FloatingPointError: if the loss is not finite.
        KeyboardInterrupt: if the user stops it; the state of the last epoch is kept.
    """
    settings = module.settings
    record = EpochRecord(batches.seed, patience=settings.patience, monitor=settings.monitor)
    launched = Shard.from_environment()
    resumed = _claim(checkpoint, identity, by=launched.number) if checkpoint else None
    with _quiet_lightning(), torch.random.fork_rng():
        trainer = _trainer(
            settings,
            record,
            checkpoint,
            launched,
            validates=len(batches.validation) > 0,
            progress=progress and launched.number == 0,
        )
        if resumed is None:
            with alone():  # before a refit the ranks know each other, and each does the same
                module.initialise_bias(next(iter(batches.train_dataloader())))
        try:
            with naming_full_disk(checkpoint) if checkpoint else nullcontext():
                trainer.fit(module, batches, ckpt_path=resumed)
        except SystemExit as stop:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from stop
    if not record.best_weights:
        raise FloatingPointError(
            f"the {VALIDATION_LOSS} of {module.objective.name} was no number in any epoch; "
            f"{REMEDY_FOR_NAN}"
        )
    if not all(bool(weights.isfinite().all()) for weights in record.best_weights.values()):
        raise FloatingPointError(
            f"training with {module.objective.name} led to weights that are no numbers in epoch "
            f"{record.best_epoch}; {REMEDY_FOR_NAN}"
        )
    module.critic.load_state_dict(record.best_weights)
    module.critic.cpu().eval()
    return record


def _trainer(
    settings: TrainerSettings,
    record: EpochRecord,
    checkpoint: Path | None,
    launched: Shard,
    *,
    validates: bool,
    progress: bool,
) -> Trainer:
    """Lightning's, for all processes that were launched together."""
    callbacks: list[Callback] = [record]
    if checkpoint:
        callbacks.append(
            ModelCheckpoint(
                checkpoint, "last", enable_version_counter=False, save_on_train_epoch_end=True
            )
        )
    if progress:
        callbacks.append(RichProgressBar(refresh_rate=5, console_kwargs={"stderr": True}))
    machines = n_nodes()
    return Trainer(
        accelerator=settings.accelerator,
        devices=launched.count // machines,
        num_nodes=machines,
        # the vectors are the same everywhere and large
        strategy=DDPStrategy(broadcast_buffers=False) if launched.count > 1 else "auto",
        use_distributed_sampler=False,
        max_epochs=settings.max_epochs,
        gradient_clip_val=settings.gradient_clip,
        callbacks=callbacks,
        logger=False,
        enable_checkpointing=checkpoint is not None,
        enable_progress_bar=progress,
        enable_model_summary=False,
        reload_dataloaders_every_n_epochs=1,
        limit_val_batches=1.0 if validates else 0,
        num_sanity_val_steps=0,
        default_root_dir=checkpoint,
        plugins=_WholeCheckpoints(),
    )


class _WholeCheckpoints(TorchCheckpointIO):
    """Lightning's own pass through the system's temporary folder, perhaps on another disk."""

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: Path | str,
        storage_options: Any = None,  # noqa: ANN401 -- as it is there
    ) -> None:
        with replacing(Path(path)) as partial:
            torch.save(checkpoint, partial)


def forget(checkpoint: Path) -> None:
    """Remove the resumable state of a finished job."""
    shutil.rmtree(checkpoint, ignore_errors=True)


def _claim(folder: Path, identity: Mapping[str, object], *, by: int) -> Path | None:
    """The state to go on from, if there is any; the first process says whose it is."""
    check_no_link(folder)
    text = json.dumps(identity, sort_keys=True, default=str)
    stamp = folder / "job.txt"
    digest = hashlib.sha256(text.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() != digest:
        raise StageError(
            f"{folder} holds the state of another training job; give this one another folder, "
            "or remove that one"
        )
    if by == 0:
        with replacing(stamp) as partial_stamp:
            partial_stamp.write_text(digest)
    state = folder / "last.ckpt"
    if not state.exists():
        return None
    _check_state(state)
    return state


def _check_state(state: Path) -> None:
    """Refuse what is no plain state of a training; Lightning before 2.6 would run code in it.

    Raises:
        InputError: if it is damaged, or holds anything but numbers, text and tensors.
    """
    try:
        check_stored(state)
        content = torch.load(state, map_location="cpu", weights_only=True)
        lacking = {"state_dict", "optimizer_states", "loops", "callbacks"} - content.keys()
        if lacking:
            raise ValueError(f"it lacks {min(lacking)}")
    # what torch raises over damaged bytes is no closed list
    except Exception as error:
        raise InputError(
            f"{state}: not a state of training that can be read safely ({first_line(error)}); "
            f"remove {state.parent} to begin anew"
        ) from error


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Leave out Lightning's advice to users who write their own loops."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for message in (
                ".*does not have many workers.*",
                ".*Checkpoint directory .* exists and is not empty.*",
                ".*has `__len__` defined.*",
                ".*`IterableDataset` has.*",
                ".*LeafSpec.*",
                ".*`broadcast_buffers` is deprecated.*",
                ".*sync_dist=True.*",
            ):
                warnings.filterwarnings("ignore", message)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
