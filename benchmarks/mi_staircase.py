"""Training on samples of rising information -> the estimates of every batch, in bits."""

import math

import numpy as np
import pandas as pd
import pydantic
import torch
from mi_peers import PEERS, in_batch_logits, sbi_nre_c_loss

from ppi_ratio.critics import MLP
from ppi_ratio.objectives import (
    InformationEstimate,
    Objective,
    ObjectiveSettings,
    Optimum,
    PairScores,
)
from ppi_ratio.runtime.progress import tracked
from ppi_ratio.synthetic import STAIRCASE_BITS, STAIRCASES, standardised
from ppi_ratio.training.batches import Batch
from ppi_ratio.training.loop import RatioModule
from ppi_ratio.training.settings import TrainerSettings

OBJECTIVE = pydantic.TypeAdapter[Objective](ObjectiveSettings)
BITS = 1 / math.log(2)
STAIRCASE_CRITIC = MLP(hidden=128, layers=2, dropout=0)
STAIRCASE_TRAINER = TrainerSettings(batch_size=64, learning_rate=5e-4, weight_decay=0)
STEPS_PER_LEVEL = 4000
N_SAMPLES = 5000
NRE_C = "sbi_nre_c"


def climb(kind: str, method: str, seed: int) -> pd.DataFrame:
    """Train one critic level by level; estimate the information of every batch before its step."""
    is_nre_c = method == NRE_C
    objective = OBJECTIVE.validate_python({"name": "infonce_anchor" if is_nre_c else method})
    generator = np.random.default_rng(seed)
    tasks = {bits: STAIRCASES[kind][bits] for bits in STAIRCASE_BITS}
    dim = max(tasks[2].dim_x, tasks[2].dim_y)
    size = STAIRCASE_TRAINER.batch_size
    module = RatioModule.build(
        STAIRCASE_CRITIC,
        objective,
        torch.zeros(0, dim),
        STAIRCASE_TRAINER,
        self_noise=True,
        seed=seed,
    )
    optimizer = module.configure_optimizers()
    batch = Batch(torch.arange(size), torch.arange(size, 2 * size))
    rows = []
    for bits, task in tasks.items():
        for step in tracked(range(STEPS_PER_LEVEL), f"{kind} {method} {bits} bits"):
            x, y, _ = task.sample(size, generator)
            module.vectors = torch.from_numpy(np.concatenate([x, y])).float()
            scores = module.pair_scores(batch)
            if is_nre_c:
                loss = sbi_nre_c_loss(in_batch_logits(scores.matrix), gamma=1.0)
            else:
                loss = module.training_objective.loss(scores)
            rows.append({"bits": bits, "step": step} | estimates_of_batch(objective, scores))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(module.parameters(), STAIRCASE_TRAINER.gradient_clip)
            optimizer.step()
    return pd.DataFrame(rows).assign(method=method, kind=kind, seed=seed)


def step_by_step(kind: str, method: str, seed: int) -> pd.DataFrame:
    """Estimates of a peer from 5,000 pairs of every level, in bits."""
    rows = []
    for bits in STAIRCASE_BITS:
        x, y, _ = STAIRCASES[kind][bits].sample(N_SAMPLES, np.random.default_rng(seed))
        value = PEERS[method](standardised(x), standardised(y), seed) * BITS
        rows.append({"bits": bits, "step": STEPS_PER_LEVEL - 1, "plug_in": value})
    return pd.DataFrame(rows).assign(method=method, kind=kind, seed=seed)


@torch.no_grad()
def estimates_of_batch(objective: Objective, scores: PairScores) -> dict[str, float]:
    """Plug-in, plug-in normalised over the batch, and the method's own estimate, in bits."""
    plug_in = scores.joint.mean().item()
    log_normaliser = scores.noise_log_mean_exp().item()
    own = math.nan
    if isinstance(objective, InformationEstimate):
        own = objective.information(scores).item()
    free = objective.optimum is not Optimum.LOG_RATIO
    return {
        "plug_in": (plug_in - log_normaliser if free else plug_in) * BITS,
        "normalised": (plug_in - log_normaliser) * BITS,
        "own": own * BITS,
    }


def summarise_staircase(curves: pd.DataFrame) -> pd.DataFrame:
    """Bias and standard deviation over batches in the second half of every level, in bits."""
    late = curves[curves["step"] >= STEPS_PER_LEVEL // 2]
    long = late.melt(["method", "bits"], ["plug_in", "normalised", "own"], "estimate", "value")
    groups = pd.DataFrame(long.dropna()).groupby(["method", "estimate", "bits"], sort=False)
    table = groups.agg(mean=("value", "mean"), sd=("value", "std")).reset_index()
    return table.assign(bias=table["mean"] - table["bits"])
