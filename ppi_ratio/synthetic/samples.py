"""Samples of (x, y) -> a learned log ratio, with the critics and the training of ``fit``.

Use it for laws with a known ratio, or for matrices that are not vectors of proteins.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ppi_ratio.critics import CriticFactory
from ppi_ratio.model.normalising import N_REFERENCES
from ppi_ratio.model.scoring import Normaliser, Standardisation
from ppi_ratio.objectives import InformationEstimate, Objective, Optimum, PairScores
from ppi_ratio.training.batches import Batch, PairBatches, PairRows
from ppi_ratio.training.loop import train_critic
from ppi_ratio.training.module import RatioModule
from ppi_ratio.training.settings import TrainerSettings

SAMPLE_TRAINER = TrainerSettings(
    batch_size=256, learning_rate=1e-3, weight_decay=0, max_epochs=60, patience=10
)


@dataclass(frozen=True)
class Estimates:
    """Estimates of mutual information in nats, from one learned ratio on held-out samples.

    Attributes:
        plug_in: mean log ratio of the joint samples.
        normalised: plug-in minus the log-normaliser on the held-out samples, which is the
            Donsker-Varadhan value of the learned ratio.
        per_right: plug-in minus a log-normaliser of each right sample over the held-out lefts;
            unaffected by errors that depend on the right sample alone.
        own: mean of the objective's own estimate over batches of the training size; NaN if the
            objective gives none.
    """

    plug_in: float
    normalised: float
    per_right: float
    own: float


@dataclass(frozen=True, eq=False)
class SampleRatio:
    """A learned log p(x, y) / (p(x) p(y)) of two vectors.

    If the optimum of the objective is log r, the log ratio is the critic's score. Otherwise the
    unknown constant or right term is estimated over training noise and subtracted.
    """

    module: RatioModule = field(repr=False)
    scales: tuple[Standardisation, Standardisation] = field(repr=False)
    normaliser: Normaliser = field(repr=False)

    @torch.inference_mode()
    def log_ratio(
        self, x: Float[np.ndarray, "sample dim_x"], y: Float[np.ndarray, "sample dim_y"]
    ) -> Float[np.ndarray, " sample"]:
        """Log ratio of each row of x with the row of y at the same position, in nats."""
        _, v = self._projections(x, y)
        return self.raw_score(x, y) - self.normaliser.right_term(self.module.critic, v).numpy()

    @torch.inference_mode()
    def raw_score(
        self, x: Float[np.ndarray, "sample dim_x"], y: Float[np.ndarray, "sample dim_y"]
    ) -> Float[np.ndarray, " sample"]:
        """The critic's score, including the terms that the objective does not determine."""
        return self.module.critic.interact_paired(*self._projections(x, y)).numpy()

    @torch.inference_mode()
    def estimates(
        self, x: Float[np.ndarray, "sample dim_x"], y: Float[np.ndarray, "sample dim_y"]
    ) -> Estimates:
        """Estimate mutual information on held-out rows of x and their partners in y."""
        plug_in = float(self.log_ratio(x, y).mean())
        u, v = (side[:N_REFERENCES] for side in self._projections(x, y))
        critic = self.module.critic
        scores = critic.interact(u, v) - self.normaliser.right_term(critic, v)
        held_out = PairScores.in_batch(scores)
        log_normaliser = held_out.noise_log_mean_exp().item()
        columns = held_out.columns
        of_each = columns.noise_log_sum_exp() - columns.n_noise.to(scores.dtype).log()
        return Estimates(
            plug_in,
            plug_in - log_normaliser,
            float((columns.joint - of_each).mean()),
            self._own_estimate(u, v),
        )

    def _own_estimate(self, u: Tensor, v: Tensor) -> float:
        objective, critic = self.module.objective, self.module.critic
        if not isinstance(objective, InformationEstimate) or objective.needs.helper:
            return float("nan")
        size = self.module.settings.batch_size
        parts = zip(u.split(size), v.split(size), strict=True)
        values = [
            objective.information(PairScores.in_batch(critic.interact(left, right))).item()
            for left, right in parts
            if len(left) == size
        ]
        return float(np.mean(values)) if values else float("nan")

    def _projections(self, x: np.ndarray, y: np.ndarray) -> tuple[Tensor, Tensor]:
        critic, dim = self.module.critic, self.module.vectors.shape[1]
        left, right = (
            _padded(scale(torch.from_numpy(side).float()), dim)
            for side, scale in zip((x, y), self.scales, strict=True)
        )
        return critic.project_left(left), critic.project_right(right)


def learn_ratio(
    x: Float[np.ndarray, "sample dim_x"],
    y: Float[np.ndarray, "sample dim_y"],
    *,
    critic: CriticFactory,
    objective: Objective,
    seed: int,
    validation_fraction: float = 0.2,
    trainer: TrainerSettings = SAMPLE_TRAINER,
) -> SampleRatio:
    """Train a critic on samples of a joint law; noise pairs are rows with other partners.

    Args:
        x: one row per sample.
        y: the partner of each row of x, at the same position.
        critic: settings of a critic that is not symmetric (``symmetric=False``).
        objective: the objective to train with.
        seed: of weights, batches and the rows held out for early stopping.
        validation_fraction: share of rows held out.
        trainer: settings of the training.

    Raises:
        FloatingPointError: if the loss is not finite.
    """
    n_samples = len(x)
    order = torch.randperm(n_samples, generator=torch.Generator().manual_seed(seed))
    held_out, training = order.tensor_split([round(validation_fraction * n_samples)])
    sides = [torch.from_numpy(side).float() for side in (x, y)]
    scales = Standardisation.of(sides[0][training]), Standardisation.of(sides[1][training])
    dim = max(x.shape[1], y.shape[1])
    vectors = torch.cat(
        [_padded(scale(side), dim) for scale, side in zip(scales, sides, strict=True)]
    )
    module = RatioModule.build(critic, objective, vectors, trainer, self_noise=True, seed=seed)
    batches = PairBatches(
        PairRows(training, training + n_samples, flip=False),
        PairRows(held_out, held_out + n_samples, flip=False),
        batch_size=trainer.batch_size,
        seed=seed,
    )
    train_critic(module, batches, progress=False)
    normaliser = _normaliser(module, Batch(training, training + n_samples))
    return SampleRatio(module, scales, normaliser)


@torch.inference_mode()
def _normaliser(module: RatioModule, training: Batch) -> Normaliser:
    """Estimate the terms that the objective does not determine, over training noise."""
    critic, optimum = module.critic, module.objective.optimum
    if optimum is Optimum.LOG_RATIO:
        return Normaliser()
    u = critic.project_left(module.vectors[training.left[:N_REFERENCES]].cpu())
    v = critic.project_right(module.vectors[training.right[:N_REFERENCES]].cpu())
    if optimum.leaves_right_term:
        return Normaliser(references=u)
    scores = PairScores.in_batch(critic.interact(u, v))
    return Normaliser(constant=scores.noise_log_mean_exp().item())


def _padded(vectors: Tensor, dim: int) -> Tensor:
    """Add columns of zeros, because a critic reads vectors of one width on both sides."""
    return torch.nn.functional.pad(vectors, (0, dim - vectors.shape[1]))
