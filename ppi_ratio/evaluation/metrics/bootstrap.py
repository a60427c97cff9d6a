"""Scored pairs and a metric -> the metric on resampled proteins."""

from dataclasses import dataclass

import numpy as np

from ppi_ratio.evaluation.metrics.scored import Metric, ScoredPairs, UndefinedMetricError

MAX_DRAWS_PER_RESAMPLE = 20


@dataclass(frozen=True, eq=False)
class Resamples:
    """A metric on samples of proteins.

    Attributes:
        values: one per sample; shape ``(resample,)``.
        n_redrawn: samples that were drawn again, since they did not determine the metric.
    """

    values: np.ndarray
    n_redrawn: int


def bootstrap(metric: Metric, scored: ScoredPairs, *, n_resamples: int, seed: int) -> Resamples:
    """The metric on proteins drawn with replacement, as many as there are.

    A pair is in the sample as often as its two proteins' multiplicities multiply to, a self pair
    as often as its protein; the two copies of a protein drawn twice are no pair. This is the
    bootstrap for exchangeable arrays (Davezies, D'Haultfœuille & Guyonvarch 2021, Annals of
    Statistics 49; for two disjoint sides the pigeonhole bootstrap of Owen 2007, Annals of Applied
    Statistics 1). It errs on the wide side: scatter that belongs to single pairs, not to
    proteins, is counted up to three times. On simulated sparse tables intervals were 1.5 to 1.7
    times as wide as the scatter of the metric asks for, those of per-protein AUROC 1.7 to 2.3
    times, and a 95 % interval covered the truth in 99 of 100 tables or more.

    The draws depend on the seed and the ids alone, so that two scorers of the same pairs get the
    same samples, and the difference of their ``values`` is a paired bootstrap.

    Raises:
        UndefinedMetricError: if the pairs do not determine the metric, or so few of its samples
            do that there is nothing to resample.
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
