"""A sample of p(x, y) -> pointwise mutual information at queries, by nearest neighbours."""

import numpy as np
from jaxtyping import Float
from scipy.spatial.distance import cdist
from scipy.special import digamma

QUERIES_AT_ONCE = 128


def pointwise_information(
    sample: tuple[Float[np.ndarray, "sample dim_x"], Float[np.ndarray, "sample dim_y"]],
    queries: tuple[Float[np.ndarray, "query dim_x"], Float[np.ndarray, "query dim_y"]],
    *,
    n_neighbours: int,
) -> Float[np.ndarray, " query"]:
    """Estimate log p(x, y) / (p(x) p(y)) at each query, in nats.

    This is the local value of the first estimator of Kraskov, Stögbauer & Grassberger (2004),
    Physical Review E 69, 066138, at a query added to a sample of N points:
    ψ(k) + ψ(N + 1) - ψ(n_x + 1) - ψ(n_y + 1). The radius is the distance to the k-th nearest
    sample point in (x, y). n_x and n_y count the sample points within the radius in x and in y.
    A distance is the largest difference over coordinates.

    Args:
        sample: x and y of draws from p(x, y).
        queries: x and y of the points to score.
        n_neighbours: k.
    """
    values = np.empty(len(queries[0]))
    for start in range(0, len(values), QUERIES_AT_ONCE):
        block = slice(start, start + QUERIES_AT_ONCE)
        distances = [
            cdist(query[block], drawn, metric="chebyshev")
            for query, drawn in zip(queries, sample, strict=True)
        ]
        both = np.maximum(*distances)
        radius = np.partition(both, n_neighbours - 1, axis=1)[:, [n_neighbours - 1]]
        nearer = [(each < radius).sum(axis=1) for each in distances]
        values[block] = -digamma(nearer[0] + 1.0) - digamma(nearer[1] + 1.0)
    return values + digamma(n_neighbours) + digamma(len(sample[0]) + 1)
