"""A score is that of its two proteins: order, company, blocks, tiles and threads change nothing.

``TOLERANCE`` is what single precision leaves: sums of other lengths are added in another order.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import torch
from damage import share_of_examples
from hypothesis import given
from hypothesis import strategies as st
from made_model import made_model

import ppi_ratio as pr
from ppi_ratio.critics import CriticSettings
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model import scoring
from ppi_ratio.model.tables import LOG_RATIO
from ppi_ratio.pairs import LEFT, RIGHT
from ppi_ratio.search import searching

TOLERANCE = 1e-5  # in nats, and of the score
SIZES = st.integers(1, 20)
DIMS = st.integers(2, 20)
N_PROTEINS = st.integers(2, 40)


def critics(symmetric: st.SearchStrategy[bool]) -> st.SearchStrategy[CriticSettings]:
    hidden = st.lists(st.integers(2, 20), max_size=2).map(tuple)
    return st.one_of(
        st.builds(pr.Bilinear, rank=SIZES, symmetric=symmetric),
        st.builds(pr.Separable, rank=SIZES, hidden=hidden, symmetric=symmetric),
        st.builds(pr.MLP, hidden=SIZES, layers=st.integers(1, 2), symmetric=symmetric),
        st.builds(
            pr.Attentive,
            segments=st.just(1),
            segment_dim=st.just(1),
            rank=SIZES,
            hidden=st.sampled_from([4, 12]),
            symmetric=symmetric,
        ),
    )


CRITICS = critics(st.booleans())


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE)


def chance_vectors(n_proteins: int, dim: int, seed: int) -> Embeddings:
    matrix = np.random.default_rng(seed).normal(size=(n_proteins, dim)).astype(np.float32)
    return Embeddings.from_arrays([f"P{number}" for number in range(n_proteins)], matrix)


def chance_pairs(vectors: Embeddings, n_pairs: int, seed: int) -> pd.DataFrame:
    ends = np.random.default_rng(seed).integers(len(vectors), size=(2, n_pairs))
    ids = np.array(vectors.ids, dtype=object)
    return pd.DataFrame({LEFT: ids[ends[0]], RIGHT: ids[ends[1]]})


def log_ratios(model: pr.RatioModel, pairs: pd.DataFrame, vectors: Embeddings) -> np.ndarray:
    return model.score(pairs.reset_index(drop=True), vectors)[LOG_RATIO].to_numpy()


@contextmanager
def computed_with(*, threads: int = 1, **sizes: int) -> Iterator[None]:
    """Other numbers of threads, and of what is computed at once."""
    places = [(module, name) for module in (scoring, searching) for name in sizes]
    before = [
        (module, name, getattr(module, name)) for module, name in places if name in vars(module)
    ]
    torch_threads = torch.get_num_threads()
    try:
        for module, name, _ in before:
            setattr(module, name, sizes[name])
        torch.set_num_threads(threads)
        yield
    finally:
        torch.set_num_threads(torch_threads)
        for module, name, size in before:
            setattr(module, name, size)


@given(
    critic=critics(st.just(True)),
    n_proteins=N_PROTEINS,
    dim=DIMS,
    n_pairs=st.integers(1, 60),
    seed=st.integers(0, 999),
)
def test_symmetric_models_score_both_orders_alike_to_the_last_bit(
    critic: CriticSettings, n_proteins: int, dim: int, n_pairs: int, seed: int
) -> None:
    vectors = chance_vectors(n_proteins, dim, seed)
    model = made_model(critic, vectors, seed=seed)
    pairs = chance_pairs(vectors, n_pairs, seed)
    mirrored = pairs.rename(columns={LEFT: RIGHT, RIGHT: LEFT})
    np.testing.assert_array_equal(
        log_ratios(model, pairs, vectors), log_ratios(model, mirrored, vectors)
    )


@given(
    critic=CRITICS,
    per_right=st.booleans(),
    n_proteins=N_PROTEINS,
    n_pairs=st.integers(1, 60),
    seed=st.integers(0, 999),
    at_once=st.tuples(st.integers(1, 50), st.integers(1, 50)),
    threads=st.integers(1, 3),
)
def test_a_score_hangs_on_its_two_proteins_alone(
    critic: CriticSettings,
    per_right: bool,
    n_proteins: int,
    n_pairs: int,
    seed: int,
    at_once: tuple[int, int],
    threads: int,
) -> None:
    vectors = chance_vectors(n_proteins, 6, seed)
    model = made_model(critic, vectors, seed=seed, per_right=per_right)
    pairs = chance_pairs(vectors, n_pairs, seed)
    expected = log_ratios(model, pairs, vectors)
    order = np.random.default_rng(seed + 1).permutation(n_pairs)
    shuffled = log_ratios(model, pairs.iloc[order], vectors)
    assert_close(shuffled, expected[order])
    some = order[: 1 + seed % n_pairs]
    assert_close(
        log_ratios(model, pairs.iloc[some], vectors),
        expected[some],
    )
    with computed_with(PROTEINS_AT_ONCE=at_once[0], PAIRS_AT_ONCE=at_once[1], threads=threads):
        in_blocks = log_ratios(model, pairs, vectors)
    assert_close(in_blocks, expected)


@share_of_examples(1.2)
@given(
    critic=CRITICS,
    per_right=st.booleans(),
    n_proteins=N_PROTEINS,
    seed=st.integers(0, 999),
    tile=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    threads=st.integers(1, 3),
    top_k=st.none() | st.integers(1, 50),
    share=st.none() | st.floats(0, 1),
    some=st.booleans(),
)
def test_a_screen_finds_what_a_look_at_every_pair_finds(
    critic: CriticSettings,
    per_right: bool,
    n_proteins: int,
    seed: int,
    tile: tuple[int, int],
    threads: int,
    top_k: int | None,
    share: float | None,
    some: bool,
) -> None:
    vectors = chance_vectors(n_proteins, 6, seed)
    model = made_model(critic, vectors, seed=seed, per_right=per_right)
    left = vectors.ids[::2] if some else vectors.ids
    right = vectors.ids[: 1 + n_proteins // 2] if some else vectors.ids
    matrix = score_matrix(model, vectors, left, right)
    if top_k is None and share is None:
        top_k = 3
    finite = matrix[np.isfinite(matrix)]
    lowest = None if share is None else float(np.quantile(finite, share)) if len(finite) else 0.0
    if top_k is None and not some and not model.card.directed:  # then each pair is found once
        matrix[np.tril_indices(n_proteins)] = -np.inf
    with computed_with(TILE_LEFTS=tile[0], TILE_RIGHTS=tile[1], threads=threads):
        hits = model.screen(vectors, left=left, right=right, top_k=top_k, min_log_ratio=lowest)
    places = [left.index(name) for name in hits[LEFT]], [right.index(name) for name in hits[RIGHT]]
    found = np.zeros_like(matrix, dtype=bool)
    found[places] = True
    assert found.sum() == len(hits)
    assert_hits(found, matrix, top_k=top_k, lowest=lowest)
    assert_close(hits[LOG_RATIO].to_numpy(), matrix[places])
    assert hits[LOG_RATIO].is_monotonic_decreasing


def score_matrix(
    model: pr.RatioModel, vectors: Embeddings, left: tuple[str, ...], right: tuple[str, ...]
) -> np.ndarray:
    """Every left against every right by ``score``; -inf where a protein meets itself."""
    rows = [(one, other) for one in left for other in right]
    scores = log_ratios(model, pd.DataFrame(rows, columns=[LEFT, RIGHT]), vectors)
    itself = np.array([one == other for one, other in rows])
    return np.where(itself, -np.inf, scores).reshape(len(left), len(right))


def assert_hits(
    found: np.ndarray, matrix: np.ndarray, *, top_k: int | None, lowest: float | None
) -> None:
    """Those above the bounds; what differs from a bound by the tolerance may be in or out."""
    finite = np.isfinite(matrix)
    slack = 2e-5 * (1 + np.abs(matrix[finite]).max(initial=0.0))
    bound = np.full((len(matrix), 1), -np.inf if lowest is None else lowest)
    if top_k is not None:
        assert (found.sum(1) <= top_k).all()
        if top_k <= matrix.shape[1]:
            bound = np.maximum(bound, np.sort(matrix, axis=1)[:, -top_k, None])
    assert not (finite & (matrix > bound + slack) & ~found).any()
    assert not (found & ~(finite & (matrix >= bound - slack))).any()


@given(settings=CRITICS, n_proteins=N_PROTEINS, seed=st.integers(0, 99))
def test_a_matrix_holds_the_score_of_every_pair(
    settings: CriticSettings, n_proteins: int, seed: int
) -> None:
    vectors = chance_vectors(n_proteins, 6, seed)
    model = made_model(settings, vectors, seed=seed)
    left, right = vectors.ids[: n_proteins // 2 + 1], vectors.ids[::-1]
    matrix = model.score_matrix(vectors, left=left, right=right)
    assert (tuple(matrix.index), tuple(matrix.columns)) == (left, right)
    pairs = pd.DataFrame([(a, b) for a in left for b in right], columns=[LEFT, RIGHT])
    assert_close(matrix.to_numpy().ravel(), log_ratios(model, pairs, vectors))
