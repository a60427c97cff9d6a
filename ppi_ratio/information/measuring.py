"""A trained ratio and held-out joint pairs -> their mutual information, and what speaks for it.

The estimate is the ratio plugged in: I = E1[log r], the mean log ratio over joint pairs that
training did not see (Ryu, Yeddanapudi, Xu & Wornell 2025, arXiv 2510.25983). It is no bound: a
ratio that is not normalised moves it either way. So beside it stand an interval over proteins, a
shuffle null, and diagnostics that need no truth: E1 is a mean over joint pairs, E0 one over noise
pairs, g = log E0 r. For any r the Donsker-Varadhan value E1[log r] - g is at most the mutual
information, and with g = 0 the plug-in is that value. (The logarithm of a mean over a sample is
too low where a few ratios make up the mean; so is g, and the value then too high.)
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ppi_ratio.critics import Critic
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import StageError
from ppi_ratio.evaluation.metrics import Interval, ScoredPairs, UndefinedMetricError, interval
from ppi_ratio.information.results import BETA, MAX_EXPONENT, Diagnostics, Information, ShuffleNull
from ppi_ratio.model.card import ModelCard
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.scoring import PAIRS_AT_ONCE
from ppi_ratio.objectives import InfoNCEAnchor, InformationEstimate, PairScores
from ppi_ratio.pairs import LEFT, RIGHT, PairTable
from ppi_ratio.training.batches import PairRows

logger = logging.getLogger(__name__)

MIN_JOINT_PAIRS = 10
NEGLIGIBLE = 0.1  # nats; a ratio wrong by a tenth changes the reading of no result
MAX_P = 0.05  # of the shuffle null, above which no information is found
LOOSE_ABOVE = 2.0  # mean inverse ratio of joint pairs; 1 at the truth
MAX_BATCH = 2048  # joint pairs whose every left meets every right at once: 16 MB of scores
MAX_SCORES = 2**23  # for the own estimate and for the null, unless one batch or grouping has more
GROUP = 128  # joint pairs among which partners are permuted
GROUPINGS = 10  # how often they are grouped anew, if that can be afforded
ROUNDING = 1e-6  # nats; equal means of float32 scores, added in another order


@dataclass(frozen=True)
class PlugIn:
    """Mean score of the joint pairs: where scores are log ratios, the plug-in estimate."""

    name: Literal["plug_in"] = "plug_in"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        def mean(multiplicity: np.ndarray) -> float:
            weights = scored.pair_weights(multiplicity) * scored.labels
            total = weights.sum()
            if not total > 0:
                raise UndefinedMetricError("plug_in is undefined: no joint pair counts")
            return float(weights @ scored.scores / total)

        return mean


def mutual_information(
    model: RatioModel,
    pairs: PairTable,
    vectors: Embeddings,
    *,
    seed: int,
    n_resamples: int = 1000,
    n_shuffles: int = 200,
    training: PairTable | None = None,
) -> Information:
    """Mutual information of the two proteins of a pair, from pairs held out of training.

    The verdict is the first of these that holds:

    1. p above 0.05: no information found.
    2. Plug-in - g not above 0: pairing shows, but the model cannot say how much there is.
    3. The optimum of the objective is not the log of p(x, y) / (p(x) p(y)): read plug-in - g.
    4. g below -0.1 or above 0.1 nats: not normalised, read plug-in - g.
    5. Otherwise normalised. A mean inverse ratio of joint pairs above 2 is added: some of them
       score far too low, and the true value is likely to be higher.

    That a model is normalised does not mean that it found all there is: one that knows nothing
    is normalised too.

    Args:
        model: a trained model.
        pairs: held-out pairs; the joint ones are used.
        vectors: from the model's encoder; pairs with a protein that has none are left out.
        seed: of the noise pairs, batches, shuffles and resamples.
        n_resamples: bootstrap samples of the proteins for the interval.
        n_shuffles: permutations of the partners; with fewer than 19, p could not reach 0.05.
        training: the training pairs, to see how far their plug-in is from the held-out one. A
            warning is logged where it lies outside the interval and more than 0.1 nats away.

    Raises:
        StageError: if the vectors are of another encoder, or too few joint pairs have vectors.
        ValueError: if pairs are directed otherwise than the model's, or shuffles are too few.
    """
    if (1 + n_shuffles) * MAX_P < 1:
        raise ValueError(f"{n_shuffles} shuffles are too few for p to fall to {MAX_P}; take more")
    joint, notes = _usable(model, pairs, vectors)
    held_out = _ProjectedPairs.of(model, joint, vectors)
    log_ratios = held_out.log_ratios()
    left, right = (joint.frame[side].to_numpy() for side in (LEFT, RIGHT))
    scored = ScoredPairs(left, right, np.ones(len(joint), dtype=bool), log_ratios)
    plug_in = interval(PlugIn(), scored, n_resamples=n_resamples, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    noise = held_out.scores(held_out.shuffled_order(generator)[:MAX_BATCH], generator)
    diagnostics = _diagnostics(noise, log_ratios)
    own_estimate, own_source = _own_estimate(model.card, held_out, generator)
    null = _shuffle_null(held_out, plug_in.value, n_shuffles, generator)
    of_training = None
    if training is not None:
        of_training = _training_plug_in(model, training, vectors)
        notes += _parted(of_training, plug_in)
    for note in notes:
        logger.warning("%s: %s", pairs.name, note)
    return Information(
        plug_in=plug_in,
        own_estimate=own_estimate,
        null=null,
        diagnostics=diagnostics,
        training=of_training,
        verdict=_verdict(model.card, plug_in.value, null, diagnostics),
        notes=tuple(notes),
        own_source=own_source,
        n_proteins=scored.n_proteins,
        log_ratios=log_ratios,
        noise_log_ratios=noise.matrix[noise.noise].numpy(),
    )


@dataclass(frozen=True)
class _ProjectedPairs:
    """Joint pairs as rows of their proteins' projections, each protein projected once.

    Attributes:
        critic: what scores the projections.
        u: projections on the left of every protein of the pairs.
        v: on the right.
        right_term: what makes a score of each right protein a log ratio.
        joint: the pairs as rows of ``u`` and ``v``.
        self_noise: may a protein meet itself as noise?
    """

    critic: Critic
    u: Float[Tensor, "protein hidden"]
    v: Float[Tensor, "protein hidden"]
    right_term: Float[Tensor, " protein"]
    joint: PairRows
    self_noise: bool

    @classmethod
    def of(cls, model: RatioModel, joint: PairTable, vectors: Embeddings) -> "_ProjectedPairs":
        """All ids of ``joint`` have vectors."""
        ends = np.stack([vectors.rows(joint.frame[side]) for side in (LEFT, RIGHT)])
        rows, places = np.unique(ends, return_inverse=True)
        left, right = torch.from_numpy(places.reshape(ends.shape))
        scorer, critic = model.scorer, model.scorer.critic
        u = scorer.project(vectors, rows, side="left")
        v = u if critic.symmetric else scorer.project(vectors, rows, side="right")
        with torch.inference_mode():
            right_term = scorer.normaliser.right_term(critic, v)
        return cls(
            critic=critic,
            u=u,
            v=v,
            right_term=right_term,
            joint=PairRows(left, right, flip=not joint.directed),
            self_noise=model.card.noise.self_pairs == "kept",
        )

    @torch.inference_mode()
    def log_ratios(self) -> Float[np.ndarray, " pair"]:
        """Of the joint pairs, in order."""
        sides = (self.joint.left.split(PAIRS_AT_ONCE), self.joint.right.split(PAIRS_AT_ONCE))
        scores = [
            self.critic.interact_paired(self.u[left], self.v[right]) - self.right_term[right]
            for left, right in zip(*sides, strict=True)
        ]
        return torch.cat(scores).numpy()

    @torch.inference_mode()
    def scores(
        self, index: Int[Tensor, " batch"], generator: torch.Generator, *, raw: bool = False
    ) -> PairScores:
        """Log ratios, or raw critic scores, of every left against every right of some pairs.

        The sides of undirected pairs are exchanged at random. Off the diagonal stand draws from
        the product of the marginals; in the product of the empirical ones a pair would meet
        itself too, and a high ratio of joint pairs would shift the mean.
        """
        left, right, *_ = self.joint.draw(index, generator)
        matrix = self.critic.interact(self.u[left], self.v[right])
        if not raw:
            matrix = matrix - self.right_term[right]
        return PairScores.in_batch(matrix, None if self.self_noise else (left, right))

    def shuffled_order(self, generator: torch.Generator) -> Int[Tensor, " pair"]:
        return torch.randperm(len(self.joint), generator=generator)


def _usable(
    model: RatioModel, pairs: PairTable, vectors: Embeddings
) -> tuple[PairTable, list[str]]:
    """The joint pairs that the model's ratio is about, and notes on what was left out."""
    model.check_direction(pairs)
    model.check_vectors(vectors)
    notes = []
    joint, missing = pairs.joint.restrict_to(vectors.ids)
    if missing:
        n_left_out = len(pairs.joint) - len(joint)
        notes.append(
            f"{n_left_out:,} joint pairs left out: {len(missing):,} proteins have no vector, "
            f"e.g. {missing[0]}"
        )
    is_self = vectors.rows(joint.frame[LEFT]) == vectors.rows(joint.frame[RIGHT])
    if is_self.any() and model.card.noise.self_pairs == "left out":
        notes.append(f"{is_self.sum():,} self pairs left out: the model did not learn from any")
        joint = joint.select(~is_self)
    if len(joint) < MIN_JOINT_PAIRS:
        raise StageError(
            f"{pairs.name}: {len(joint)} joint pairs with vectors; mutual information needs "
            f"{MIN_JOINT_PAIRS} or more"
        )
    return joint, notes


@torch.inference_mode()
def _diagnostics(noise: PairScores, log_ratios: np.ndarray) -> Diagnostics:
    exponents = np.minimum(-log_ratios.astype(np.float64), MAX_EXPONENT)
    return Diagnostics(
        log_normaliser=float(noise.noise_log_mean_exp()),
        left_spread=_spread(noise.transposed),
        right_spread=_spread(noise),
        inverse_ratio=float(np.exp(exponents).mean()),
        skill=float(InfoNCEAnchor(beta=BETA).information(noise)) / (1 + BETA),
    )


def _spread(scores: PairScores) -> float:
    """Standard deviation over right proteins of the log mean ratio of their noise pairs."""
    columns = scores.columns.informative()
    return float((columns.noise_log_sum_exp() - columns.n_noise.log()).std())


@torch.inference_mode()
def _own_estimate(
    card: ModelCard, pairs: _ProjectedPairs, generator: torch.Generator
) -> tuple[float | None, str]:
    """The objective's estimate from the scores it trained, and what it is a mean of."""
    objective = card.objective
    if not isinstance(objective, InformationEstimate):
        return None, f"{objective.name} has none"
    if objective.needs.helper:
        return None, f"{objective.name}: its helper is not saved"
    order = pairs.shuffled_order(generator)
    size = min(card.trainer.batch_size, MAX_BATCH, len(order))
    batches = order[: len(order) // size * size].view(-1, size)[: max(1, MAX_SCORES // size**2)]
    estimates = [
        objective.information(pairs.scores(index, generator, raw=True)) for index in batches
    ]
    source = f"{objective.name}, {len(batches):,} x {size:,}"
    return float(torch.stack(estimates).mean()), source


def _shuffle_null(
    pairs: _ProjectedPairs, observed: float, n_shuffles: int, generator: torch.Generator
) -> ShuffleNull:
    n_groupings = max(1, min(GROUPINGS, MAX_SCORES // (len(pairs.joint) * GROUP)))
    shares = np.diff(np.linspace(0, n_shuffles, n_groupings + 1).astype(int)).tolist()
    values = np.concatenate([_shuffled_means(pairs, share, generator) for share in shares])
    n_as_high = int((values >= observed - ROUNDING).sum())
    return ShuffleNull(values, (1 + n_as_high) / (1 + n_shuffles))


@torch.inference_mode()
def _shuffled_means(
    pairs: _ProjectedPairs, n_shuffles: int, generator: torch.Generator
) -> Float[np.ndarray, " shuffle"]:
    """Mean log ratio with permuted partners, of several shuffles within the same groups."""
    total = torch.zeros(n_shuffles, dtype=torch.float64)
    count = torch.zeros(n_shuffles, dtype=torch.float64)
    order = pairs.shuffled_order(generator)
    for index in order.tensor_split(-(-len(order) // GROUP)):
        scores = pairs.scores(index, generator)
        left = torch.arange(len(index))
        right = torch.rand(n_shuffles, len(index), generator=generator).argsort(1)
        kept = scores.noise[left, right]
        total += torch.where(kept, scores.matrix[left, right].double(), 0.0).sum(1)
        count += kept.sum(1)
    return (total / count).numpy()


def _training_plug_in(model: RatioModel, training: PairTable, vectors: Embeddings) -> float:
    joint, _ = _usable(model, training, vectors)
    log_ratios = _ProjectedPairs.of(model, joint, vectors).log_ratios()
    return float(log_ratios.mean(dtype=np.float64))


def _parted(training: float, held_out: Interval) -> list[str]:
    """A note if training and held-out pairs tell different stories."""
    gap = training - held_out.value
    if held_out.low <= training <= held_out.high or abs(gap) <= NEGLIGIBLE:
        return []
    reason = "overfitting" if gap > 0 else "the held-out pairs are of another kind"
    return [
        f"training pairs give {training:.2f} nats, held-out pairs {held_out.value:.2f} "
        f"[{held_out.low:.2f}, {held_out.high:.2f}]: {reason}; quote the held-out value only"
    ]


def _verdict(card: ModelCard, plug_in: float, null: ShuffleNull, found: Diagnostics) -> str:
    """The rules stand in ``mutual_information``."""
    bound = plug_in - found.log_normaliser
    instead = f"read plug-in - g = {bound:.2f} nats instead"
    p_value = f"p = {null.p_value:.2g}"
    if null.p_value > MAX_P:
        return f"no information found: the estimate is within its shuffle null ({p_value})"
    if bound <= 0:
        return (
            f"pairing shows ({p_value}), but not how much: plug-in - g = {bound:.2f} nats is not "
            "above 0, the ratios are too extreme"
        )
    if card.noise.law == "labelled_non_pairs":
        return f"not the ratio to p(x) p(y) but to the law of labelled non-pairs; {instead}"
    if card.objective.optimum.is_skewed:
        return f"not a log ratio: {card.objective.name} does not learn one; {instead}"
    if abs(found.log_normaliser) > NEGLIGIBLE:
        return f"not normalised: mean ratio under noise {found.noise_ratio:.3g}; {instead}"
    reading = "the held-out estimate can be read as mutual information"
    if found.inverse_ratio > LOOSE_ABOVE:
        reading += (
            f", likely too low: mean inverse ratio of joint pairs {found.inverse_ratio:.3g}, some "
            "score far too low"
        )
    return f"normalised: mean ratio under noise {found.noise_ratio:.2f}; {reading}"
