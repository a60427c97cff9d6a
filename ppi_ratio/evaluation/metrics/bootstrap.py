"""Scored pairs and a metric -> values of the metric on resampled proteins."""

from dataclasses import dataclass

import numpy as np

from ppi_ratio.evaluation.metrics.scored import Metric, ScoredPairs, UndefinedMetricError

MAX_DRAWS_PER_RESAMPLE = 20


@dataclass(frozen=True, eq=False)
class Resamples:
    """Values of a metric on bootstrap samples of proteins.

    Attributes:
        values: one per sample; shape ``(resample,)``.
        n_redrawn: samples that were replaced because the metric was undefined on them.
    """

    values: np.ndarray
    n_redrawn: int


def bootstrap(metric: Metric, scored: ScoredPairs, *, n_resamples: int, seed: int) -> Resamples:
    """Evaluate the metric on proteins drawn with replacement, as many as there are.

    A pair counts as often as the product of its two proteins' multiplicities. A self pair counts
    as often as its protein; two copies of one protein form no pair. This is the bootstrap for
    exchangeable arrays (Davezies, D'Haultfœuille & Guyonvarch 2021, Annals of Statistics 49). For
    two disjoint sides it is the pigeonhole bootstrap (Owen 2007, Annals of Applied Statistics 1).

    Bootstrap intervals are too wide, because scatter of single pairs counts up to three times. On
    simulated sparse tables they were 1.5 to 1.7 times as wide as the scatter of the metric. For
    per-protein AUROC they were 1.7 to 2.3 times as wide. A 95 % interval covered the truth in 99
    of 100 tables or more.

    The draws depend only on the seed and the ids. Two scorers of the same pairs therefore get the
    same samples, and the difference of their ``values`` is a paired bootstrap.

    Raises:
        UndefinedMetricError: if the metric is undefined on the pairs, or on nearly all samples.
    """
    of_multiplicity = metric.prepare(scored)
    rng = np.random.default_rng(seed)
    n_proteins = scored.n_proteins
    values: list[float] = []
    n_redrawn = 0
    while len(values) < n_resamples:
        drawn = rng.integers(n_proteins, size=n_proteins)
        try:
            values.append(of_multiplicity(np.bincount(drawn, minlength=n_proteins).astype(float)))
        except UndefinedMetricError as error:
            n_redrawn += 1
            if n_redrawn > MAX_DRAWS_PER_RESAMPLE * n_resamples:
                raise UndefinedMetricError(
                    f"{metric.name} has no bootstrap interval: {n_redrawn} of "
                    f"{n_redrawn + len(values)} samples of {n_proteins} proteins leave it undefined"
                ) from error
    return Resamples(np.array(values), n_redrawn)
