"""An overconfident critic and validation pairs -> the critic with its scores scaled to fit.

Temperature scaling of log ratios (Guo, Pleiss, Sun & Weinberger 2017, arXiv 1706.04599) multiplies
all scores by one factor. The factor is the one with the lowest loss on validation pairs. Scaling
changes how far scores are from 0, and keeps their order.
"""

import itertools
import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import torch
from scipy.optimize import minimize_scalar

from ppi_ratio.objectives import Objective, PairScores
from ppi_ratio.objectives.link import Link
from ppi_ratio.objectives.log_sums import log_mean_exp
from ppi_ratio.runtime.distributed import single_process
from ppi_ratio.training.batches import Batch
from ppi_ratio.training.module import RatioModule

logger = logging.getLogger(__name__)

LOWEST_FACTOR, HIGHEST_FACTOR = 0.05, 4.0
NEAR_BOUND = 0.03  # relative distance; the search finds the logarithm to within 0.01
N_BATCHES = 16  # batches of validation pairs; the search computes their loss about twenty times
PAIRS_OF_A_BATCH = 2048


@torch.no_grad()
def scale_temperature(module: RatioModule, validation: Iterable[Batch]) -> float:
    """Multiply the critic's scores by the factor with the lowest loss on ``validation``.

    The objective must be ``scalable``. For every factor, scores are normalised: the mean ratio of
    noise, or of labelled non-pairs, is made one.

    Returns:
        The factor. If the factor is below 1, the scores were too extreme.
    """
    with single_process():
        batches = [
            module.pair_scores(batch.first(PAIRS_OF_A_BATCH))
            for batch in itertools.islice(validation, N_BATCHES)
        ]
    found = minimize_scalar(
        lambda log_factor: _loss(module.objective, batches, math.exp(log_factor)),
        bounds=(math.log(LOWEST_FACTOR), math.log(HIGHEST_FACTOR)),
        method="bounded",
        options={"xatol": 0.01},
    )
    factor = math.exp(float(found.x))
    if min(factor / LOWEST_FACTOR, HIGHEST_FACTOR / factor) < 1 + NEAR_BOUND:
        logger.warning(
            "the temperature factor %.3g is at the bound of its range, %g to %g: the best factor "
            "is outside, because training went wrong or there are too few validation pairs; do not "
            "trust probabilities of this model",
            factor,
            LOWEST_FACTOR,
            HIGHEST_FACTOR,
        )
    module.critic.multiply_(factor)
    return factor


def scalable(objective: Objective) -> bool:
    """Whether multiplying the critic's scores is all that temperature scaling has to do.

    It is not if the score is not linear in the critic's output, or if there is a helper critic.
    """
    return objective.needs.link is Link.LOG and not objective.needs.helper


def _loss(objective: Objective, batches: Sequence[PairScores], factor: float) -> float:
    losses = [objective.loss(_normalised(scores, factor)) for scores in batches]
    sizes = torch.tensor([float(len(scores.matrix)) for scores in batches])
    return float((torch.stack(losses).cpu() * sizes).sum() / sizes.sum())


def _normalised(scores: PairScores, factor: float) -> PairScores:
    scaled = replace(scores, matrix=scores.matrix * factor)
    if scores.non_pairs is None:
        return replace(scaled, matrix=scaled.matrix - scaled.noise_log_mean_exp())
    non_pairs = scores.non_pairs * factor
    log_mean = log_mean_exp(non_pairs)
    return replace(scaled, matrix=scaled.matrix - log_mean, non_pairs=non_pairs - log_mean)
