"""``EpochRecord``: losses of each epoch, the best weights, and the decision to stop."""

import logging
import math
from typing import Any

import pandas as pd
import torch
from lightning import Callback, LightningModule, Trainer
from torch import Tensor

from ppi_ratio.runtime.distributed import n_ranks, own_rank
from ppi_ratio.runtime.seeds import derived_seed
from ppi_ratio.training.batches import Batch
from ppi_ratio.training.module import (
    TRAINING_LOSS,
    VALIDATION_AUROC,
    VALIDATION_LOSS,
    RatioModule,
)
from ppi_ratio.training.settings import Monitor

MIN_GRADIENT_NORM = 1e-7  # rounding errors reach this norm; useful gradients are above 1e-4

logger = logging.getLogger(__name__)


class EpochRecord(Callback):
    """Losses of every epoch, the weights of the best epoch, and when to stop.

    The record is part of every checkpoint, so a checkpoint holds the whole state of training. An
    interrupted training resumes from its last complete epoch, with identical results.
    """

    def __init__(self, seed: int, *, patience: int, monitor: Monitor = "loss") -> None:
        self.seed = seed
        self.patience = patience
        self.monitor = monitor
        self.history: list[dict[str, float]] = []
        self.best_value = math.inf
        self.best_epoch = -1
        self.best_weights: dict[str, Tensor] = {}
        self._checked_epoch = -1  # the last epoch whose gradient was checked
        self._has_vanished = False

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # a run that was killed after its last epoch must not train another epoch when it resumes
        trainer.should_stop = self._is_over(trainer.current_epoch - 1)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        # Dropout draws from torch's global generator, which other code uses too. A seed for each
        # step makes a resumed run draw the same numbers.
        seed = derived_seed(self.seed, trainer.global_step * n_ranks() + own_rank())
        if pl_module.device.type == "cpu":
            torch.default_generator.manual_seed(seed)
        else:
            torch.manual_seed(seed)  # seeds all devices, which takes milliseconds

    def on_before_optimizer_step(
        self, trainer: Trainer, pl_module: LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        """Once per epoch, warn if the gradient has vanished."""
        if self._has_vanished or trainer.current_epoch == self._checked_epoch:
            return
        self._checked_epoch = trainer.current_epoch
        gradients = [weight.grad for weight in pl_module.parameters() if weight.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        self._has_vanished = norm < MIN_GRADIENT_NORM
        if self._has_vanished:
            logger.warning(
                "the gradient vanished in epoch %d (norm %.1g), so training learns nothing more; "
                "lower trainer.learning_rate, choose another objective, or check that vectors "
                "differ",
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
        if VALIDATION_LOSS not in measured:  # the last epoch is kept
            value = -float(trainer.current_epoch)
        elif self.monitor == "auroc" and math.isfinite(measured[VALIDATION_LOSS]):
            value = 1 - measured[VALIDATION_AUROC]
        else:
            value = measured[VALIDATION_LOSS]
        if value < self.best_value:
            assert isinstance(pl_module, RatioModule)
            self.best_value, self.best_epoch = value, trainer.current_epoch
            self.best_weights = {
                name: tensor.detach().cpu().clone()
                for name, tensor in pl_module.kept_critic.state_dict().items()
            }
        trainer.should_stop |= self._is_over(trainer.current_epoch)

    def _is_over(self, epoch: int) -> bool:
        return self.best_epoch >= 0 and epoch - self.best_epoch >= self.patience

    def state_dict(self) -> dict[str, Any]:
        return {
            "history": self.history,
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.history = state_dict["history"]
        self.best_value = state_dict["best_value"]
        self.best_epoch = state_dict["best_epoch"]
        self.best_weights = state_dict["best_weights"]

    @property
    def best_loss(self) -> float:
        """Validation loss of the kept epoch; NaN without validation pairs."""
        return self.history[self.best_epoch].get(VALIDATION_LOSS, math.nan)

    @property
    def kept_loss(self) -> float:
        """Validation loss of the kept epoch; training loss without validation pairs."""
        kept = self.history[self.best_epoch]
        return kept.get(VALIDATION_LOSS, kept[TRAINING_LOSS])

    @property
    def frame(self) -> pd.DataFrame:
        """One row per epoch: epoch, training_loss, validation_loss (nats), validation_auroc."""
        return pd.DataFrame(self.history).astype({"epoch": int})
