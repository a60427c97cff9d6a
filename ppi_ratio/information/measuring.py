"""A trained ratio and held-out interactions -> their mutual information, with diagnostics.

The plug-in estimate is I = E1[log r]: the mean log ratio over interactions that training did not
see (Ryu, Yeddanapudi, Xu & Wornell 2025, arXiv 2510.25983). E1 is a mean over interactions, E0 a
mean over noise pairs, and g = log E0 r. The plug-in is not a bound: if the ratio is not normalised,
the plug-in can be too high or too low. The result therefore includes an interval over proteins, a
shuffle null, and diagnostics that need no true value.

For any r, the Donsker-Varadhan value E1[log r] - g is at most the mutual information. With g = 0
the plug-in equals the Donsker-Varadhan value. In samples, g is too low if a few large ratios
dominate the mean; the Donsker-Varadhan value is then too high.
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
from ppi_ratio.embeddings import Embeddings, usable
from ppi_ratio.errors import ProvenanceError
from ppi_ratio.evaluation.metrics import Interval, ScoredPairs, UndefinedMetricError, interval
from ppi_ratio.information.results import (
    ANCHOR_BETA,
    MAX_EXPONENT,
    Diagnostics,
    Information,
    ShuffleNull,
)
from ppi_ratio.model.card import ModelCard
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.scoring import PAIRS_AT_ONCE
from ppi_ratio.model.seen_pairs import learned_from
from ppi_ratio.objectives import InfoNCEAnchor, InformationEstimate, PairScores
from ppi_ratio.pairs import LEFT, RIGHT, PairTable
from ppi_ratio.pairs.kinds import oriented, second_kind
from ppi_ratio.training.batches import PairRows

logger = logging.getLogger(__name__)

MIN_JOINT_PAIRS = 10
NEGLIGIBLE_NATS = 0.1  # a ratio that is wrong by a tenth changes no conclusion
SIGNIFICANCE = 0.05  # p of the shuffle null, above which no information is found
MAX_INVERSE_RATIO = 2.0  # mean over interactions; 1 for the true ratio
MAX_BATCH = 2048  # interactions in one score matrix, which then takes 16 MB
MAX_SCORES = 2**23  # scores for the objective's estimate, and for the null; at least one batch
GROUP_SIZE = 128  # interactions within which partners are permuted
MAX_GROUPINGS = 10  # how often the interactions are divided into new random groups
ROUNDING = 1e-6  # nats; equal means differ by less, however their terms are ordered


@dataclass(frozen=True)
class PlugIn:
    """Mean score of the interactions; for log ratios this is the plug-in estimate."""

    name: Literal["plug_in"] = "plug_in"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        def mean(multiplicity: np.ndarray) -> float:
            weights = scored.pair_weights(multiplicity) * scored.labels
            total = weights.sum()
            if not total > 0:
                raise UndefinedMetricError(
                    "plug_in is undefined: no interaction has a positive weight"
                )
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
    """Estimate the mutual information of the two proteins of a pair, from held-out interactions.

    The verdict is the first of these statements that holds:

    1. p above 0.05: no information found.
    2. Plug-in - g is at most 0: there is a dependence, but the model cannot say how much.
    3. The optimum of the objective is not the log of p(x, y) / (p(x) p(y)): read plug-in - g.
    4. g is below -0.1 or above 0.1 nats: the ratio is not normalised, read plug-in - g.
    5. The ratio is normalised. If the mean inverse ratio of interactions is above 2, the verdict
       adds that some interactions score far too low. The estimate is then likely too low.

    A normalised ratio can still miss information: a constant ratio of 1 is normalised too.

    Args:
        model: a trained model.
        pairs: held-out pairs, of which only the interactions are used.
        vectors: vectors of the model's encoder; pairs with a protein without vector are left out.
        seed: of the noise pairs, batches, shuffles and bootstrap samples.
        n_resamples: bootstrap samples of the proteins for the interval.
        n_shuffles: permutations of the partners, at least 19; with fewer, p cannot reach 0.05.
        training: the training pairs. A warning is logged if their plug-in is outside the held-out
            interval and more than 0.1 nats from the held-out plug-in.

    Raises:
        ProvenanceError: if the vectors come from another encoder, or too few interactions have
            vectors.
        ValueError: if the directions of pairs and model differ, or ``n_shuffles`` is too small.

    Examples:
        In the toy data, one of three equally frequent kinds of proteins determines the kind of
        its partner. The true mutual information is log 3 = 1.10 nats.

        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data(n_pairs=1000)
        >>> split = pr.split_by_pair(pairs, seed=0)
        >>> trainer = pr.TrainerSettings(batch_size=256, max_epochs=20)
        >>> model = pr.fit(split, vectors, trainer=trainer, progress=False)
        >>> found = pr.mutual_information(model, split.test, vectors, seed=0, n_shuffles=99)
        >>> 0.8 < found.plug_in.value < 1.10
        True
        >>> found.null.p_value  # none of 99 shuffles is as high
        0.01
        >>> found.verdict
        'normalised: mean ratio under noise ...'
    """
    if (1 + n_shuffles) * SIGNIFICANCE < 1:
        raise ValueError(
            f"{n_shuffles} shuffles are too few for p to reach {SIGNIFICANCE}; use 19 or more"
        )
    vectors = model.scorer.usable(vectors, pairs.ids)
    joint, notes = _usable(model, pairs, vectors)
    if said := learned_from(model, joint, training):
        notes.append(said)
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
    training_value = None
    if training is not None:
        training_value = _training_plug_in(model, training, vectors)
        notes += _gap_notes(training_value, plug_in)
    for note in notes:
        logger.warning("%s: %s", pairs.name, note)
    return Information(
        plug_in=plug_in,
        own_estimate=own_estimate,
        null=null,
        diagnostics=diagnostics,
        training=training_value,
        verdict=_verdict(model.card, plug_in.value, null, diagnostics),
        notes=tuple(notes),
        own_source=own_source,
        n_proteins=scored.n_proteins,
        log_ratios=log_ratios,
        noise_log_ratios=noise.matrix[noise.noise].numpy(),
    )


@dataclass(frozen=True)
class _ProjectedPairs:
    """Interactions as rows of the projections of their proteins, each projected once.

    Attributes:
        critic: scores the projections.
        u: left projection of every protein.
        v: right projection of every protein.
        right_term: subtracted from scores with each right protein to give log ratios.
        joint: the interactions, as rows of ``u`` and ``v``; if they have one protein of each of
            two kinds, one kind is on the left, so that noise has one of each too.
        self_noise: True if a pair of a protein with itself counts as a noise pair.
    """

    critic: Critic
    u: Float[Tensor, "protein hidden"]
    v: Float[Tensor, "protein hidden"]
    right_term: Float[Tensor, " protein"]
    joint: PairRows
    self_noise: bool

    @classmethod
    def of(cls, model: RatioModel, joint: PairTable, vectors: Embeddings) -> "_ProjectedPairs":
        """Project all proteins of ``joint``, which must all have vectors."""
        ends = np.stack([vectors.rows(joint.frame[side]) for side in (LEFT, RIGHT)])
        rows, positions = np.unique(ends, return_inverse=True)
        left, right = positions.reshape(ends.shape)
        two_kinds = model.card.noise.kinds == "two"
        is_second = second_kind(left, right, len(rows)) if two_kinds else None
        if is_second is not None:
            left, right = oriented(left, right, is_second)
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
            joint=PairRows(
                torch.from_numpy(left),
                torch.from_numpy(right),
                flip=not joint.directed and is_second is None,
            ),
            self_noise=model.card.noise.self_pairs == "kept",
        )

    @torch.inference_mode()
    def log_ratios(self) -> Float[np.ndarray, " pair"]:
        """Log ratios of the interactions, in their order."""
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
        """Log ratios, or raw critic scores, of all lefts with all rights of some interactions.

        Undirected pairs swap sides at random. Entries off the diagonal are draws from the product
        of the marginals. The diagonal is not noise: it holds interactions, and their high ratios
        would raise the mean.
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
    """Select the interactions that the ratio applies to; note what is left out."""
    model.check_direction(pairs)
    model.check_vectors(vectors)
    notes = []
    joint, missing = pairs.joint.restrict_to(vectors.index)
    if missing:
        n_left_out = len(pairs.joint) - len(joint)
        notes.append(
            f"{n_left_out:,} interactions left out: {len(missing):,} proteins have no vector, "
            f"e.g. {vectors.index.told(missing, 'the vectors')}"
        )
    is_self = vectors.rows(joint.frame[LEFT]) == vectors.rows(joint.frame[RIGHT])
    if is_self.any() and model.card.noise.self_pairs == "left out":
        notes.append(
            f"{is_self.sum():,} self pairs left out: the model was trained without self pairs"
        )
        joint = joint.select(~is_self)
    if model.card.noise.kinds == "two" and joint.kinds is not None:
        notes.append(joint.kinds.advice())
    if len(joint) < MIN_JOINT_PAIRS:
        raise ProvenanceError(
            f"{pairs.name}: {len(joint)} interactions with vectors; mutual information needs "
            f"{MIN_JOINT_PAIRS} or more" + "".join(f"; {note}" for note in notes)
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
        skill=float(InfoNCEAnchor(beta=ANCHOR_BETA).information(noise)) / (1 + ANCHOR_BETA),
    )


def _spread(scores: PairScores) -> float:
    """Standard deviation, over right proteins, of the log mean ratio of their noise pairs."""
    columns = scores.columns.informative()
    return float((columns.noise_log_sum_exp() - columns.n_noise.log()).std())


@torch.inference_mode()
def _own_estimate(
    card: ModelCard, pairs: _ProjectedPairs, generator: torch.Generator
) -> tuple[float | None, str]:
    """The objective's own estimate of mutual information, and its source or why there is none."""
    objective = card.objective
    if not isinstance(objective, InformationEstimate):
        return None, f"{objective.name} gives no estimate"
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
    n_groupings = max(1, min(MAX_GROUPINGS, MAX_SCORES // (len(pairs.joint) * GROUP_SIZE)))
    shares = np.diff(np.linspace(0, n_shuffles, n_groupings + 1).astype(int)).tolist()
    values = np.concatenate([_shuffled_means(pairs, share, generator) for share in shares])
    n_as_high = int((values >= observed - ROUNDING).sum())
    return ShuffleNull(values, (1 + n_as_high) / (1 + n_shuffles))


@torch.inference_mode()
def _shuffled_means(
    pairs: _ProjectedPairs, n_shuffles: int, generator: torch.Generator
) -> Float[np.ndarray, " shuffle"]:
    """Mean log ratios of several shuffles, which permute partners within the same groups."""
    total = torch.zeros(n_shuffles, dtype=torch.float64)
    count = torch.zeros(n_shuffles, dtype=torch.float64)
    order = pairs.shuffled_order(generator)
    for index in order.tensor_split(-(-len(order) // GROUP_SIZE)):
        scores = pairs.scores(index, generator)
        left = torch.arange(len(index))
        right = torch.rand(n_shuffles, len(index), generator=generator).argsort(1)
        kept = scores.noise[left, right]
        total += torch.where(kept, scores.matrix[left, right].double(), 0.0).sum(1)
        count += kept.sum(1)
    return (total / count).numpy()


def _training_plug_in(model: RatioModel, training: PairTable, vectors: Embeddings) -> float:
    vectors = usable(vectors, training.ids, outlying=True)
    joint, _ = _usable(model, training, vectors)
    log_ratios = _ProjectedPairs.of(model, joint, vectors).log_ratios()
    return float(log_ratios.mean(dtype=np.float64))


def _gap_notes(training: float, held_out: Interval) -> list[str]:
    """A note if the plug-ins of training and held-out pairs differ."""
    gap = training - held_out.value
    if held_out.low <= training <= held_out.high or abs(gap) <= NEGLIGIBLE_NATS:
        return []
    reason = "overfitting" if gap > 0 else "the held-out pairs are of another kind"
    return [
        f"training pairs give {training:.2f} nats, held-out pairs {held_out.value:.2f} "
        f"[{held_out.low:.2f}, {held_out.high:.2f}]: {reason}; quote only the held-out value"
    ]


def _verdict(card: ModelCard, plug_in: float, null: ShuffleNull, found: Diagnostics) -> str:
    """The verdict by the rules in ``mutual_information``."""
    bound = plug_in - found.log_normaliser
    instead = f"read plug-in - g = {bound:.2f} nats instead"
    p_value = f"p = {null.p_value:.2g}"
    if null.p_value > SIGNIFICANCE:
        return f"no information found: the estimate is within its shuffle null ({p_value})"
    if bound <= 0:
        return (
            f"dependence found ({p_value}), but not how much: plug-in - g = {bound:.2f} nats is "
            "not above 0, because the ratios are too extreme"
        )
    if card.noise.law == "labelled_non_pairs":
        return f"the ratio is to the law of labelled non-pairs, not to p(x) p(y); {instead}"
    if card.objective.optimum.is_skewed:
        return f"not a log ratio: {card.objective.name} does not learn one; {instead}"
    if abs(found.log_normaliser) > NEGLIGIBLE_NATS:
        return f"not normalised: mean ratio under noise {found.noise_ratio:.3g}; {instead}"
    reading = "the held-out estimate can be read as mutual information"
    if found.inverse_ratio > MAX_INVERSE_RATIO:
        reading += (
            f", likely too low: mean inverse ratio of interactions {found.inverse_ratio:.3g}, some "
            "score far too low"
        )
    return f"normalised: mean ratio under noise {found.noise_ratio:.2f}; {reading}"
