"""An overconfident critic and validation pairs -> the critic with its scores scaled to fit.

Temperature scaling (Guo, Pleiss, Sun & Weinberger 2017, arXiv 1706.04599) of log ratios: the
critic's output is multiplied by the factor under which held-out pairs have the lowest loss. Ranks
stay as they are; what changes is how far scores are from 0.
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

LOWEST, HIGHEST = 0.05, 4.0
NEAR_BOUND = 0.03  # relative; the search ends within a hundredth of the logarithm
N_BATCHES = 16  # of validation pairs, looked at some twenty times
PAIRS_OF_A_BATCH = 2048


@torch.no_grad()
def scale_temperature(module: RatioModule, validation: Iterable[Batch]) -> float:
    """Multiply the output of the module's critic by the factor that suits ``validation`` best.

    The objective is to be ``scalable``. At every factor scores are normalised, so that their mean
    ratio over the noise, or over labelled non-pairs, is one.

    Returns:
        The factor; below 1 the critic was too sure of itself.
    """
    with single_process():
        batches = [
            module.pair_scores(batch.first(PAIRS_OF_A_BATCH))
            for batch in itertools.islice(validation, N_BATCHES)
        ]
    found = minimize_scalar(
        lambda log_factor: _loss(module.objective, batches, math.exp(log_factor)),
        bounds=(math.log(LOWEST), math.log(HIGHEST)),
        method="bounded",
        options={"xatol": 0.01},
    )
    factor = math.exp(float(found.x))
    if min(factor / LOWEST, HIGHEST / factor) < 1 + NEAR_BOUND:
        logger.warning(
            "the temperature factor %.3g is at the bound of its range, %g to %g: the best factor "
            "lies outside, so training went wrong or the validation pairs are too few; do not "
            "trust probabilities of this model",
            factor,
            LOWEST,
            HIGHEST,
        )
    module.critic.multiply_(factor)
    return factor


def scalable(objective: Objective) -> bool:
    """Whether a critic that learns from it puts out log ratios, and nothing else belongs to it."""
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
