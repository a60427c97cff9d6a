"""A search finds what a look at the whole matrix finds."""

from typing import Any

import numpy as np
import pytest
import torch

from ppi_ratio.critics import MLP, Attentive, Bilinear, CriticFactory, Separable
from ppi_ratio.objectives.link import Link
from ppi_ratio.search import Hits, Query, ScoreMatrix, Searcher, highest_first, searcher, searching
from ppi_ratio.search.hits import NO_HITS

DIM, N_LEFT, N_RIGHT = 9, 70, 150
QUERIES = {
    "best": Query(top_k=7),
    "all of them": Query(top_k=10_000),
    "above": Query(min_log_ratio=0.7),
    "best above": Query(top_k=7, min_log_ratio=1.2),
    "none": Query(min_log_ratio=1e6),
}
CRITICS: dict[str, CriticFactory] = {
    "bilinear": Bilinear(rank=5),
    "separable": Separable(rank=6, hidden=(8,)),
    "symmetric separable": Separable(rank=6, hidden=(8,), symmetric=True),
    "mlp": MLP(hidden=10),
    "symmetric mlp": MLP(hidden=10, symmetric=True),
    "deep mlp": MLP(hidden=10, layers=2),
    "attentive": Attentive(segments=2, segment_dim=1, rank=6, hidden=8),
}


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("TILE_LEFTS", 16), ("TILE_RIGHTS", 32)):
        monkeypatch.setattr(searching, name, size)
    for name, size in (("DEVICE_LEFTS", 33), ("DEVICE_RIGHTS", 64)):
        monkeypatch.setattr(searching, name, size)


@torch.no_grad()
def matrix_of(
    settings: CriticFactory, *, link: Link = Link.LOG, bfloat16: bool = False
) -> ScoreMatrix:
    torch.manual_seed(0)
    critic = settings.build(DIM, link=link).eval()
    for weights in critic.parameters():
        weights.add_(0.3 * torch.randn_like(weights))
    u = critic.project_left(torch.randn(N_LEFT, DIM))
    v = critic.project_right(torch.randn(N_RIGHT, DIM))
    excluded = np.arange(0, N_LEFT, 3)[::-1].copy(), np.arange(0, N_LEFT, 3)
    return ScoreMatrix.of(critic, u, v, torch.linspace(-1, 1, N_RIGHT), excluded, bfloat16=bfloat16)


@torch.no_grad()
def brute_force(matrix: ScoreMatrix, query: Query) -> Hits:
    own = matrix.critic.bias if matrix.critic.link is Link.LOG else 0.0
    scores = (matrix.critic.interact(matrix.left, matrix.right) + matrix.offset - own).numpy()
    scores[matrix.excluded] = -np.inf
    if query.upper_triangle:
        scores[np.tril_indices(len(scores), 0, scores.shape[1])] = -np.inf
    kept = np.isfinite(scores)
    if query.min_log_ratio is not None:
        kept &= scores >= query.min_log_ratio
    if query.top_k is not None:
        ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
        kept &= ranks < query.top_k
    left, right = np.nonzero(kept)
    return highest_first(searching.make_hits(left, right, scores[left, right]))


def found_by(matrix: ScoreMatrix, query: Query, *, threads: int = 2) -> Hits:
    with searcher(matrix, query, threads=threads) as made:
        parts = list(made.search(range(N_LEFT)))
    assert sum(n_lefts for n_lefts, _ in parts) == N_LEFT
    return highest_first(np.concatenate([hits for _, hits in parts]))


def assert_same(found: Hits, expected: Hits) -> None:
    assert set(found[["left", "right"]].tolist()) == set(expected[["left", "right"]].tolist())
    np.testing.assert_allclose(found["log_ratio"], expected["log_ratio"], atol=1e-5)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("critic", CRITICS.values(), ids=CRITICS)
def test_hits_are_those_of_the_whole_matrix(critic: CriticFactory, query: Query) -> None:
    matrix = matrix_of(critic)
    assert_same(found_by(matrix, query), brute_force(matrix, query))


@pytest.mark.parametrize("link", [Link.RATIO, Link.INVERSE_RATIO])
def test_scores_that_are_no_plain_product_are_searched_too(link: Link) -> None:
    matrix = matrix_of(Separable(rank=6, hidden=(8,)), link=link)
    assert_same(found_by(matrix, Query(top_k=5)), brute_force(matrix, Query(top_k=5)))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_the_operations_of_a_device_find_the_same(query: Query) -> None:
    matrix = matrix_of(Separable(rank=6, hidden=(8,)))
    parts = [
        hits for _, hits in Searcher(matrix, query, None, on_device=True).search(range(N_LEFT))
    ]
    assert_same(highest_first(np.concatenate([NO_HITS, *parts])), brute_force(matrix, query))


@pytest.mark.parametrize("on_device", [False, True])
def test_pairs_without_direction_are_found_once(on_device: bool) -> None:
    query = Query(min_log_ratio=0.3, upper_triangle=True)
    whole = matrix_of(Separable(rank=6, hidden=(8,), symmetric=True))
    matrix = ScoreMatrix(whole.critic, whole.right, whole.right, whole.offset, whole.excluded)
    with searcher(matrix, query, threads=2) as made:
        search = Searcher(matrix, query, None, on_device=True) if on_device else made
        hits = np.concatenate([hits for _, hits in search.search(range(N_RIGHT))])
    assert (hits["left"] < hits["right"]).all()
    assert_same(highest_first(hits), brute_force(matrix, query))


def test_neither_threads_nor_the_lefts_beside_change_a_hit() -> None:
    matrix = matrix_of(Separable(rank=6, hidden=(8,)))
    with searcher(matrix, Query(top_k=4), threads=3) as made:
        some = np.concatenate([hits for _, hits in made.search(range(21, 50))])
    hits = found_by(matrix, Query(top_k=4), threads=1)
    assert_same(highest_first(some), hits[(hits["left"] >= 21) & (hits["left"] < 50)])


def test_of_equal_scores_the_first_rights_are_kept() -> None:
    matrix = matrix_of(Bilinear(rank=5))
    matrix = ScoreMatrix(
        matrix.critic, matrix.left * 0, matrix.right, matrix.offset * 0, matrix.excluded
    )
    hits = found_by(matrix, Query(top_k=3))
    assert hits[hits["left"] == 1]["right"].tolist() == [0, 1, 2]


def test_hits_found_in_bfloat16_have_the_scores_of_float32() -> None:
    matrix = matrix_of(Separable(rank=6, hidden=(8,)), bfloat16=True)
    with searcher(matrix, Query(top_k=20), threads=2) as made:
        hits = np.concatenate([hits for _, hits in made.search(range(N_LEFT))])
    exact = {(i, j): value for i, j, value in brute_force(matrix, Query(top_k=N_RIGHT)).tolist()}
    expected = [exact[i, j] for i, j in hits[["left", "right"]].tolist()]
    np.testing.assert_allclose(hits["log_ratio"], expected, atol=1e-5)
    assert 1e-4 < made.largest_error < 0.1


def test_torch_has_its_threads_back_after_a_search() -> None:
    before = torch.get_num_threads()
    found_by(matrix_of(Bilinear(rank=5)), Query(top_k=3))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "every pair would be a hit"),
        ({"top_k": 0}, "must be at least 1"),
        ({"min_log_ratio": float("nan")}, "not a number"),
    ],
)
def test_what_makes_no_sense_is_not_searched(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Query(**values)
