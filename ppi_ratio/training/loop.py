"""Interactions and vectors -> a trained critic; the loop is Lightning's."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint, RichProgressBar
from lightning.pytorch.plugins import CheckpointIO
from lightning.pytorch.strategies import DDPStrategy

from ppi_ratio.runtime.distributed import single_process
from ppi_ratio.runtime.sharding import ONE_PROCESS, Ranks
from ppi_ratio.training.batches import PairBatches
from ppi_ratio.training.module import REMEDY_FOR_NAN, VALIDATION_LOSS, RatioModule
from ppi_ratio.training.record import EpochRecord
from ppi_ratio.training.settings import TrainerSettings

State = Mapping[str, Any]  # Lightning's checkpoint: plain numbers, text and tensors
LAST_EPOCH = "the state of the last epoch"  # stands for the path that Lightning asks for


@runtime_checkable
class Checkpoints(Protocol):
    """Stores the state of training after every epoch, so that training handles no files."""

    def load(self) -> State | None:
        """The state of the last complete epoch, if there is one."""
        ...

    def save(self, state: State) -> None:
        """Replace the state in one step; only the leading rank calls it."""
        ...


def train_critic(
    module: RatioModule,
    batches: PairBatches,
    *,
    checkpoints: Checkpoints | None = None,
    ranks: Ranks = ONE_PROCESS,
    progress: bool,
) -> EpochRecord:
    """Train the module's critic until it stops improving; the critic ends with the best weights.

    Several ranks train one critic. Each rank projects the proteins of its part of a batch. Noise
    comes from the whole batch.

    Args:
        module: critic, objective and vectors.
        batches: training and validation pairs.
        checkpoints: stores the state of each epoch; training resumes from the stored state.
        ranks: the processes that train together.
        progress: show a progress bar on standard error.

    Raises:
        FloatingPointError: if the loss is not finite.
        KeyboardInterrupt: if the user stops the training; the state of the last epoch is stored.
    """
    settings = module.settings
    record = EpochRecord(batches.seed, patience=settings.patience, monitor=settings.monitor)
    resumed = checkpoints.load() if checkpoints else None
    with _quiet_lightning(), torch.random.fork_rng():
        trainer = _trainer(
            settings,
            record,
            _CheckpointIO(checkpoints, resumed) if checkpoints else None,
            ranks,
            validates=len(batches.validation) > 0,
            progress=progress and ranks.leads,
        )
        if resumed is None:
            # In a retraining the ranks are already connected. Each computes the same bias alone.
            with single_process():
                module.initialise_bias(next(iter(batches.train_dataloader())))
        try:
            trainer.fit(module, batches, ckpt_path=LAST_EPOCH if resumed else None)
        except SystemExit as stop:  # Lightning turns Ctrl-C into SystemExit
            raise KeyboardInterrupt from stop
    if not record.best_weights:
        raise FloatingPointError(
            f"the {VALIDATION_LOSS} of {module.objective.name} was not a number in any epoch; "
            f"{REMEDY_FOR_NAN}"
        )
    if not all(bool(weights.isfinite().all()) for weights in record.best_weights.values()):
        raise FloatingPointError(
            f"training with {module.objective.name} led to weights that are not numbers in epoch "
            f"{record.best_epoch}; {REMEDY_FOR_NAN}"
        )
    module.critic.load_state_dict(record.best_weights)
    module.critic.cpu().eval()
    return record


def _trainer(
    settings: TrainerSettings,
    record: EpochRecord,
    stored: "_CheckpointIO | None",
    ranks: Ranks,
    *,
    validates: bool,
    progress: bool,
) -> Trainer:
    """Lightning's trainer, for all ranks."""
    callbacks: list[Callback] = [record]
    if stored:
        callbacks.append(_SaveEveryEpoch())
    if progress:
        callbacks.append(RichProgressBar(refresh_rate=5, console_kwargs={"stderr": True}))
    return Trainer(
        accelerator=settings.accelerator,
        devices=ranks.count // ranks.nodes,
        num_nodes=ranks.nodes,
        # the buffers are the vectors, which are large and equal on every rank
        strategy=DDPStrategy(broadcast_buffers=False) if ranks.count > 1 else "auto",
        use_distributed_sampler=False,
        max_epochs=settings.max_epochs,
        gradient_clip_val=settings.gradient_clip,
        callbacks=callbacks,
        logger=False,
        enable_checkpointing=stored is not None,
        enable_progress_bar=progress,
        enable_model_summary=False,
        reload_dataloaders_every_n_epochs=1,
        limit_val_batches=1.0 if validates else 0,
        num_sanity_val_steps=0,
        plugins=[stored] if stored else None,
    )


class _SaveEveryEpoch(Checkpoint):
    """Save the state when an epoch has ended, after all other callbacks of that epoch."""

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        trainer.save_checkpoint(LAST_EPOCH)


class _CheckpointIO(CheckpointIO):
    """Lets Lightning load and save its checkpoints with ``Checkpoints``."""

    def __init__(self, checkpoints: Checkpoints, resumed: State | None) -> None:
        self._checkpoints = checkpoints
        self._resumed = resumed

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: Path | str,
        storage_options: Any = None,  # noqa: ANN401 -- Lightning's signature
    ) -> None:
        self._checkpoints.save(checkpoint)

    def load_checkpoint(
        self,
        path: Path | str,
        map_location: Any = None,  # noqa: ANN401 -- Lightning's signature
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        assert self._resumed is not None
        return dict(self._resumed)

    def remove_checkpoint(self, path: Path | str) -> None:
        """Does nothing: ``save`` has already replaced the old state."""


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Hide warnings of Lightning that are meant for authors of training loops."""
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
