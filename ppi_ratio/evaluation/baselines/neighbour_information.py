"""A sample of joint draws and queries -> pointwise mutual information by counting neighbours."""

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
    """Log p(x, y) / (p(x) p(y)) at each query, in nats, by a sample of joint draws.

    The local value of the first estimator of Kraskov, Stögbauer & Grassberger (2004), Physical
    Review E 69, 066138, at a point added to N others: ψ(k) + ψ(N + 1) - ψ(n_x + 1) - ψ(n_y + 1),
    where n_x and n_y count those of the N that are nearer in x, or in y, than the k-th nearest is
    in both; distances are maxima over coordinates.
    """
    values = np.empty(len(queries[0]))
    for start in range(0, len(values), QUERIES_AT_ONCE):
        block = slice(start, start + QUERIES_AT_ONCE)
        distances = [
            cdist(asked[block], drawn, metric="chebyshev")
            for asked, drawn in zip(queries, sample, strict=True)
        ]
        both = np.maximum(*distances)
        radius = np.partition(both, n_neighbours - 1, axis=1)[:, [n_neighbours - 1]]
        nearer = [(each < radius).sum(axis=1) for each in distances]
        values[block] = -digamma(nearer[0] + 1.0) - digamma(nearer[1] + 1.0)
    return values + digamma(n_neighbours) + digamma(len(sample[0]) + 1)
