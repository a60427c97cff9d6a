"""``RatioModule``: one critic and its objective, in the form that Lightning trains."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeGuard

import torch
from jaxtyping import Float
from lightning import LightningModule
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from ppi_ratio.critics import Critic, CriticFactory
from ppi_ratio.objectives import Objective, PairScores, Stateful
from ppi_ratio.objectives.bidirectional import fused_bidirectional_loss
from ppi_ratio.objectives.link import Link
from ppi_ratio.objectives.scores import ColumnObjective, LossModule, SumObjective
from ppi_ratio.objectives.tiles import Interaction, ProjectedBatch, loss_in_tiles
from ppi_ratio.runtime.distributed import all_gather, n_ranks, own_rank, single_process
from ppi_ratio.training.batches import Batch
from ppi_ratio.training.settings import TrainerSettings

VALIDATION_LOSS = "validation_loss"
VALIDATION_AUROC = "validation_auroc"
TRAINING_LOSS = "training_loss"
REMEDY_FOR_NAN = "lower trainer.learning_rate, and check the vectors for extreme values"
# Adam changes a weight by about the learning rate per step. While scores spread, the bias must
# fall by several nats to keep the mean ratio at one, so the bias needs a higher rate.
BIAS_RATE_FACTOR = 30
MAX_SCORES_IN_MEMORY = 2**24  # scores of one batch; larger batches are computed in tiles
BF16_ROW_MULTIPLE = 128  # in bfloat16, the number of projected proteins is padded to a multiple
MAX_PAIRS_SCORED = 2048  # pairs of a batch whose score matrix is in memory as a whole
BIAS_STEPS = 8  # fixed-point steps to a mean ratio of one, if the score is not linear in the bias


class RatioModule(LightningModule):
    """One critic learning from one objective.

    Args:
        critic: the network to train.
        objective: the loss of a batch of scores.
        vectors: standardised vectors of every protein that batches may name, ``(protein, dim)``.
        settings: optimiser settings.
        self_noise: whether a protein with itself counts as noise. It does not if self pairs were
            left out of the interactions. Noise must be drawn from the pairs that could have been
            observed, and a symmetric critic gives self pairs extreme scores.
        helper: the second critic, if the objective needs one.
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
        self.averaged = _running_mean(critic, settings.averaging) if settings.averaging else None
        self.objective = objective
        self.training_objective = (
            objective.build() if isinstance(objective, Stateful) else objective
        )
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
        """Make a module whose critic has new weights and the link that the objective needs."""
        dim, needs = vectors.shape[1], objective.needs
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = critic.build(dim, link=needs.link)
            helper = critic.build(dim) if needs.helper else None
        return cls(network, objective, vectors, settings, self_noise=self_noise, helper=helper)

    def batch_loss(self, objective: Objective | LossModule, batch: Batch) -> Tensor:
        """Loss of the whole batch, of which ``batch`` is the part of this rank.

        If the objective is a mean over columns, each rank computes the columns of its part. The
        mean of the gradients of all ranks is then the gradient of the whole. A matrix that is too
        large for memory is computed in tiles.
        """
        n_pairs = len(batch.left) * n_ranks()
        whole = n_ranks() == 1 and n_pairs**2 <= MAX_SCORES_IN_MEMORY
        by_sums = objective if self._sums_suffice(objective) else None
        if not isinstance(objective, ColumnObjective) or (whole and by_sums is None):
            return objective.loss(self.pair_scores(batch))
        u, v = (
            all_gather(each) for each in self._projections(self.critic, batch.left, batch.right)
        )
        ids, width = self._ids(batch), max(1, MAX_SCORES_IN_MEMORY // n_pairs)
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
                non_pairs = all_gather(self.critic.interact_paired(u.float(), v.float()))
        return replace(scores, helper=helper, non_pairs=non_pairs)

    def _ids(self, batch: Batch) -> tuple[Tensor, Tensor] | None:
        """Row numbers of the lefts and rights of all ranks; None if self pairs count as noise."""
        return None if self.self_noise else (all_gather(batch.left), all_gather(batch.right))

    def _matrix(self, critic: Critic, batch: Batch) -> Tensor:
        u, v = self._projections(critic, batch.left, batch.right)
        return _without_autocast(critic.interact)(all_gather(u), all_gather(v))

    def _projections(self, critic: Critic, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        if critic.symmetric:
            rows, index = torch.cat([left, right]).unique(return_inverse=True)
            projected = self._projected(critic.project_left, rows)
            # the gradient of index_select is summed in a fixed order; that of [] is not
            left_index, right_index = index.tensor_split([len(left)])
            return projected.index_select(0, left_index), projected.index_select(0, right_index)
        left_rows, left_index = left.unique(return_inverse=True)
        right_rows, right_index = right.unique(return_inverse=True)
        u = self._projected(critic.project_left, left_rows)
        v = self._projected(critic.project_right, right_rows)
        return u.index_select(0, left_index), v.index_select(0, right_index)

    def _projected(self, project: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
        """Projections of some proteins, in float32; rows after the last protein are padding."""
        if self.settings.precision == "fp32":
            return project(self.vectors[rows])
        # compiling a kernel for each new shape would take longer than bfloat16 saves
        padded = torch.cat([rows, rows[:1].expand(-len(rows) % BF16_ROW_MULTIPLE)])
        with torch.autocast(self.device.type, torch.bfloat16):
            return project(self.vectors[padded]).float()

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        loss = self.batch_loss(self.training_objective, batch)
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
        """The critic that is validated and kept: the running mean, if there is one."""
        if self.averaged is None:
            return self.critic
        assert isinstance(self.averaged.module, Critic)
        return self.averaged.module

    @contextmanager
    def _kept_critic_in_place(self) -> Iterator[None]:
        learning = self.critic
        self.critic = self.kept_critic
        try:
            yield
        finally:
            self.critic = learning

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        with single_process(), self._kept_critic_in_place():
            n_pairs = len(batch.left)
            loss = self.batch_loss(self.objective, batch)
            self.log(VALIDATION_LOSS, loss, prog_bar=True, batch_size=n_pairs)
            if self.settings.monitor == "auroc":
                ranked = self.pair_scores(batch.first(MAX_PAIRS_SCORED))
                self.log(VALIDATION_AUROC, ranked.auroc(), prog_bar=True, batch_size=n_pairs)

    @torch.no_grad()
    def loss_at_ratio_one(self, batch: Batch) -> float:
        """Loss of a batch if every pair has the ratio one; a useful critic has a lower loss."""
        with single_process():
            scores = self.pair_scores(batch.first(MAX_PAIRS_SCORED))
        flat = {
            name: torch.zeros_like(values)
            for name in ("matrix", "helper", "non_pairs")
            if (values := getattr(scores, name)) is not None
        }
        return float(self.objective.loss(replace(scores, **flat)))

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
            {"params": biases, "weight_decay": 0.0, "lr": BIAS_RATE_FACTOR * rate},
        ]
        return torch.optim.AdamW(groups, lr=rate, fused=True)

    @torch.no_grad()
    def initialise_bias(self, batch: Batch) -> None:
        """Set the bias so that the mean ratio of the batch's noise is one, as at the optimum."""
        self.critic.eval()
        batch = batch.first(MAX_PAIRS_SCORED)
        for _ in range(BIAS_STEPS if self.objective.needs.link is not Link.LOG else 1):
            self.critic.bias.sub_(self.pair_scores(batch).noise_log_mean_exp())
        self.critic.train()


def _running_mean(critic: Critic, decay: float) -> AveragedModel:
    """Exponential running mean of a critic's weights, over fewer steps at the start."""

    @torch.no_grad()
    def follow(means: Sequence[Tensor], weights: Sequence[Tensor], steps: Tensor | int) -> None:
        kept = min(decay, (1 + int(steps)) / (10 + int(steps)))
        for mean, weight in zip(means, weights, strict=True):
            mean.lerp_(weight, 1 - kept)

    averaged = AveragedModel(critic, multi_avg_fn=follow)
    # otherwise DistributedDataParallel would wait for gradients of the mean
    return averaged.requires_grad_(requires_grad=False)


def _without_autocast(interact: Interaction) -> Interaction:
    """``interact`` in float32, also for projections in bfloat16."""

    def in_float32(u: Tensor, v: Tensor) -> Tensor:
        with torch.autocast(u.device.type, enabled=False):
            return interact(u.float(), v.float())

    return in_float32
