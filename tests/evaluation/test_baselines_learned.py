"""The baselines that learn: each on a planted rule, so that it wins for the reason it states."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines import (
    BASELINES,
    LMI,
    ULSIF,
    BaselineTask,
    BCENetwork,
    IdPairs,
    Logistic,
    Nearest,
    Need,
    RandomForest,
    Role,
)
from ppi_ratio.evaluation.baselines.pair_features import PairFeatures
from ppi_ratio.evaluation.baselines.training_pairs import (
    held_out,
    is_joint,
    joint_training,
    labelled_training,
)
from ppi_ratio.evaluation.metrics import auroc
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.pairs import (
    LABEL,
    LEFT,
    RIGHT,
    PairTable,
    Split,
    draw_non_pairs,
    labelled_table,
)

N_PROTEINS, DIM, N_TRAINED = 300, 10, 220
N_EACH = 800  # interactions, and non-pairs, of a planted table
SETTINGS: dict[str, dict[str, Any]] = {
    "random_forest": {"n_trees": 40},
    "bce_network": {"max_epochs": 5, "learning_rate": 5e-3},
    "lmi": {"max_steps": 40},
}
LEARNED = {name: member for name, member in BASELINES.items() if Need.TRAINING in member.needs}


def task_of(training: PairTable, candidates: PairTable, vectors: Embeddings) -> BaselineTask:
    frame = candidates.frame
    return BaselineTask(
        degrees=degree_table(training.joint),
        candidates=IdPairs(frame[LEFT].to_numpy(), frame[RIGHT].to_numpy()),
        directed=training.directed,
        labels=frame[LABEL].to_numpy(),
        vectors=vectors,
        training=training,
        law="degree_matched",
    )


def names(numbers: np.ndarray) -> np.ndarray:
    return np.array([f"P{number:03d}" for number in numbers], dtype=object)


def planted_task(
    vectors: np.ndarray, joint: np.ndarray, *, directed: bool, seed: int = 0
) -> BaselineTask:
    """Pairs of the first proteins to learn from, of the others to score.

    ``joint[i, j]`` says whether i as left and j as right bind; both parts get pairs by lot and,
    to be scored, as many interactions as non-pairs.
    """
    rng = np.random.default_rng(seed)
    ids = names(np.arange(len(vectors)))
    tables = []
    for numbers in (np.arange(N_TRAINED), np.arange(N_TRAINED, len(vectors))):
        left, right = (side.ravel() for side in np.meshgrid(numbers, numbers, indexing="ij"))
        allowed = left != right if directed else left < right
        binds = joint[left, right]
        yes, no = (rng.permutation(np.flatnonzero(allowed & kind)) for kind in (binds, ~binds))
        chosen = np.concatenate([yes[:N_EACH], no[:N_EACH]])
        rows = {LEFT: ids[left[chosen]], RIGHT: ids[right[chosen]], LABEL: binds[chosen]}
        tables.append(
            PairTable.from_rows(
                pd.DataFrame(rows).astype({LABEL: int}), directed=directed, name="planted"
            )
        )
    return task_of(tables[0].joint, tables[1], Embeddings.from_arrays(ids, vectors))


def auroc_of(name: str, task: BaselineTask) -> float:
    assert task.labels is not None
    return auroc(task.labels, BASELINES[name](**SETTINGS.get(name, {})).score(task))


def factors(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors in which five entries follow each of some hidden factors, and these factors."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(N_PROTEINS, count))
    vectors = np.repeat(hidden, DIM // 2, axis=1)
    return vectors + 0.5 * rng.normal(size=vectors.shape), hidden


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("name", LEARNED)
def test_learned_baselines_find_a_planted_product_rule_on_unseen_proteins(
    name: str, directed: bool
) -> None:
    vectors, hidden = factors(2)
    task = planted_task(vectors, np.outer(hidden[:, 0], hidden[:, 0]) > 0, directed=directed)
    assert auroc_of(name, task) > 0.75


@pytest.mark.parametrize("name", sorted(LEARNED))
def test_learned_baselines_find_nothing_in_random_partners(name: str) -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(N_PROTEINS, DIM))
    task = planted_task(vectors, rng.random((N_PROTEINS, N_PROTEINS)) < 0.5, directed=True)
    assert auroc_of(name, task) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("name", ["bce_network", "lmi", "logistic", "random_forest"])
def test_another_seed_gives_other_scores(
    name: str, undirected_split: Split, vectors: Embeddings
) -> None:
    quick = SETTINGS | {"bce_network": {"max_epochs": 1}, "lmi": {"max_steps": 20}}
    task = task_of(undirected_split.train, labelled_test(undirected_split), vectors)
    first, other = (
        BASELINES[name](seed=seed, **quick.get(name, {})).score(task)  # pyright: ignore[reportCallIssue]
        for seed in (0, 1)
    )
    assert not np.allclose(first, other)


def labelled_test(split: Split) -> PairTable:
    drawn = draw_non_pairs(split.test, law="uniform", per_joint=1, known=split.joint, seed=0)
    return labelled_table(split.test, drawn)


def role_task(role_matched: bool) -> BaselineTask:
    """The sign of one factor is the role; the product of the others says who fits."""
    vectors, hidden = factors(2)
    is_left = hidden[:, 0] > 0
    roles = is_left[:, None] & ~is_left
    task = planted_task(vectors, roles & (np.outer(hidden[:, 1], hidden[:, 1]) > 0), directed=True)
    if not role_matched:
        return task
    left, right = (
        pd.Index(names(np.arange(N_PROTEINS))).get_indexer(side)
        for side in (task.candidates.left, task.candidates.right)
    )
    kept = roles[left, right]
    assert task.labels is not None
    candidates = IdPairs(task.candidates.left[kept], task.candidates.right[kept])
    return replace(task, candidates=candidates, labels=task.labels[kept])


@pytest.mark.parametrize("n_apart", [0, 15])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("power", [1.0, 0.5])
def test_ulsif_is_the_bilinear_ratio_of_least_squares(
    power: float, directed: bool, n_apart: int
) -> None:
    """Beside a least-squares solver that is shown every pair of training proteins of one part."""
    rng = np.random.default_rng(0)
    n_proteins, dim = 40, 4
    ids = names(np.arange(n_proteins))
    training = lots(rng, ids, n_apart, directed=directed)
    matrix = rng.normal(size=(n_proteins, dim))
    everywhere = IdPairs(np.repeat(ids, n_proteins), np.tile(ids, n_proteins))
    task = BaselineTask(
        degrees=degree_table(training),
        candidates=everywhere,
        directed=directed,
        vectors=Embeddings.from_arrays(ids, matrix),
        training=training,
        held_apart=frozenset(ids[:n_apart]),
    )
    found = ULSIF(power=power, shrinkage=1e-9).score(task)

    table = pd.crosstab(training.frame[LEFT], training.frame[RIGHT])
    counts = table.reindex(index=ids, columns=ids, fill_value=0).to_numpy(float)
    if not directed:
        counts = counts + counts.T
    ratios, weights = np.zeros_like(counts), np.zeros_like(counts)
    for part in (slice(0, n_apart), slice(n_apart, None)):
        own = counts[part, part]
        lefts, rights = own.sum(1), own.sum(0)
        ratios[part, part] = own * own.sum() / np.maximum(np.outer(lefts, rights), 1)
        noise = np.outer(lefts, rights) ** power
        weights[part, part] = own.sum() * noise / np.maximum(noise.sum(), 1)
    unit = (matrix - matrix.mean(0)) / matrix.std(0)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    products = np.einsum("ia,jb->ijab", unit, unit).reshape(-1, dim * dim)
    roots = np.sqrt(weights.ravel())
    solution, *_ = np.linalg.lstsq(
        products * roots[:, None], (ratios.ravel() - 1) * roots, rcond=None
    )
    expected = 1 + products @ solution
    assert ((expected > 0.05) & (abs(expected - 1) > 0.2)).sum() > 500
    # the equation of two parts is solved to a thousandth
    tolerance = 2e-2 if n_apart else 1e-3
    np.testing.assert_allclose(found, np.log(expected.clip(0.05)), atol=tolerance)


def lots(rng: np.random.Generator, ids: np.ndarray, n_apart: int, *, directed: bool) -> PairTable:
    """Pairs at random, none of them between the first ids and the others."""
    left, right = rng.integers(len(ids), size=(2, 300))
    together = (left < n_apart) == (right < n_apart)
    rows = pd.DataFrame({LEFT: ids[left[together]], RIGHT: ids[right[together]]})
    return PairTable.from_rows(rows, directed=directed, name="lots")


@pytest.mark.parametrize("directed", [False, True])
def test_non_pairs_are_not_drawn_between_proteins_held_apart(directed: bool) -> None:
    ids, apart = names(np.arange(40)), frozenset(names(np.arange(15)))
    training = lots(np.random.default_rng(0), ids, len(apart), directed=directed)
    task = BaselineTask(
        degrees=degree_table(training),
        candidates=IdPairs(ids[:2], ids[2:4]),
        directed=directed,
        vectors=Embeddings.from_arrays(ids, np.random.default_rng(1).normal(size=(40, 3))),
        training=training,
        held_apart=apart,
    )
    non_pairs = labelled_training(task, Logistic(), seed=0).non_pairs.frame
    left, right = (non_pairs[side].isin(sorted(apart)).to_numpy() for side in (LEFT, RIGHT))
    np.testing.assert_array_equal(left, right)
    assert 0 < left.mean() < 1


def test_role_recognises_sides_and_nothing_else() -> None:
    assert auroc_of("role", role_task(role_matched=False)) > 0.85
    assert auroc_of("role", role_task(role_matched=True)) == pytest.approx(0.5, abs=0.05)
    assert auroc_of("logistic", role_task(role_matched=True)) > 0.8


def test_role_of_training_proteins_is_the_share_of_their_pairs() -> None:
    task = BaselineTask(
        degrees=pd.DataFrame({"left_degree": {"A": 3, "B": 0}, "right_degree": {"A": 1, "B": 7}}),
        candidates=IdPairs(np.array(["A", "B"]), np.array(["B", "A"])),
        directed=True,
        vectors=Embeddings.from_arrays(["A", "B"], [[1.0, 0.0], [0.0, 1.0]]),
    )
    assert Role().score(task) == pytest.approx(np.log([0.75 * 0.99, 0.01 * 0.25]))


def test_role_is_the_mean_if_no_training_protein_has_a_vector() -> None:
    task = BaselineTask(
        degrees=pd.DataFrame({"left_degree": {"A": 1, "B": 0}, "right_degree": {"A": 0, "B": 1}}),
        candidates=IdPairs(np.array(["C"]), np.array(["D"])),
        directed=True,
        vectors=Embeddings.from_arrays(["C", "D"], [[1.0, 0.0], [0.0, 1.0]]),
    )
    assert Role().score(task) == pytest.approx(np.log([0.25]))


def copies_task(spread: float) -> BaselineTask:
    """Candidates are training pairs whose proteins were copied, moved by ``spread``."""
    rng = np.random.default_rng(0)
    originals = rng.normal(size=(N_TRAINED, DIM))
    vectors = np.vstack([originals, originals + spread * rng.normal(size=originals.shape)])
    left, right = rng.integers(N_TRAINED, size=(2, 400))
    rows = pd.DataFrame({LEFT: names(left), RIGHT: names(right)})
    training = PairTable.from_rows(rows, directed=True, name="originals")
    drawn = draw_non_pairs(training, law="degree_matched", per_joint=1, known=None, seed=0)
    ids = names(np.arange(len(vectors)))
    copy_of = dict(zip(ids[:N_TRAINED], ids[N_TRAINED:], strict=True))
    copied = labelled_table(training, drawn).frame
    copied = copied.assign(
        **{side: [copy_of[name] for name in copied[side]] for side in (LEFT, RIGHT)}
    )
    candidates = PairTable(copied, directed=True, name="copies")
    return task_of(training, candidates, Embeddings.from_arrays(ids, vectors))


def test_nearest_finds_copies_of_training_pairs_and_no_others() -> None:
    assert auroc_of("nearest", copies_task(spread=0.2)) > 0.95
    assert auroc_of("nearest", copies_task(spread=100.0)) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("directed", [False, True])
def test_nearest_is_the_weighted_share_of_interactions_among_neighbour_pairs(
    directed: bool,
) -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(N_PROTEINS, 4))
    joint = rng.random((N_PROTEINS, N_PROTEINS)) < 0.3
    task = planted_task(vectors, joint, directed=directed)
    scores = Nearest(n_neighbours=3, sharpness=2).score(task)
    assert task.training is not None
    known = set(task.training.frame.itertuples(index=False, name=None))
    trained = np.array(task.training.ids)
    numbers = np.array([int(name[1:]) for name in trained])
    scaled = (vectors - vectors[numbers].mean(0)) / vectors[numbers].std(0)
    unit = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)

    def neighbours(name: str) -> list[tuple[str, float]]:
        cosines = unit[numbers] @ unit[int(name[1:])]
        best = np.argsort(-cosines)[:3]
        return [(str(trained[place]), max(float(cosines[place]), 0.0) ** 2) for place in best]

    for place in range(20):
        left, right = task.candidates.left[place], task.candidates.right[place]
        found = every = 0.0
        for a, one in neighbours(left):
            for b, other in neighbours(right):
                is_known = (a, b) in known or (not directed and (b, a) in known)
                found, every = found + one * other * is_known, every + one * other
        assert scores[place] == pytest.approx(found / every, rel=1e-4, abs=1e-7)


def test_logistic_learns_from_labelled_non_pairs_if_there_are_any() -> None:
    """Non-pairs follow the rule of interactions, except for the sign of one entry of the left."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(N_PROTEINS, DIM))
    task = planted_task(
        vectors, np.broadcast_to(vectors[:, :1] > 0, (N_PROTEINS,) * 2), directed=True
    )
    assert task.training is not None
    assert auroc_of("logistic", task) < 0.65  # non-pairs drawn by degree do not differ
    drawn = draw_non_pairs(task.training, law="uniform", per_joint=3, known=None, seed=0)
    first = pd.Series(vectors[:, 0], index=names(np.arange(N_PROTEINS)))
    unlike = drawn.select(np.asarray(first[drawn.frame[LEFT]] < 0))
    labelled = labelled_table(task.training, unlike)
    assert auroc_of("logistic", replace(task, training=labelled)) > 0.9


@pytest.mark.parametrize("law", ["uniform", "degree_matched"])
def test_non_pairs_are_drawn_by_the_law_of_the_task(law: str, split: Split) -> None:
    ids = split.train.ids
    vectors = Embeddings.from_arrays(ids, np.random.default_rng(0).normal(size=(len(ids), 3)))
    task = replace(task_of(split.train, labelled_test(split), vectors), law=law)
    table = labelled_training(task, Logistic(), seed=0)
    degrees = [degree_table(part.joint) for part in (table, unlabelled(table.non_pairs))]
    assert len(table.joint) == len(split.train)
    assert (law == "degree_matched") == degrees[0].equals(degrees[1])


def unlabelled(table: PairTable) -> PairTable:
    return PairTable(pd.DataFrame(table.frame[[LEFT, RIGHT]]), table.directed, table.name)


def test_non_pairs_cannot_be_drawn_if_every_pair_is_an_interaction() -> None:
    ids = names(np.arange(12))
    left, right = np.triu_indices(12, k=1)
    training = PairTable.from_rows(
        pd.DataFrame({LEFT: ids[left], RIGHT: ids[right]}), directed=False, name="clique"
    )
    task = BaselineTask(
        degrees=degree_table(training),
        candidates=IdPairs(ids[:2], ids[2:4]),
        directed=False,
        vectors=Embeddings.from_arrays(ids, np.random.default_rng(0).normal(size=(12, 3))),
        training=training,
    )
    with pytest.raises(ValueError, match="clique: nearly every pair of its proteins is an"):
        RandomForest().score(task)


def test_held_out_pairs_have_new_proteins_if_the_candidates_do(labelled_split: Split) -> None:
    table = labelled_split.train
    frame = table.frame
    seen = IdPairs(frame[LEFT].to_numpy(), frame[RIGHT].to_numpy())
    by_pair = held_out(table, seen, seed=0)
    assert by_pair.mean() == pytest.approx(0.1, abs=0.01)
    assert set(table.select(by_pair).ids) <= set(table.select(~by_pair).ids)

    test = labelled_split.test.frame
    unseen = IdPairs(test[LEFT].to_numpy(), test[RIGHT].to_numpy())
    by_protein = held_out(table, unseen, seed=0)
    new = sorted(set(table.ids) - set(table.select(~by_protein).ids))
    touches = frame[LEFT].isin(new) | frame[RIGHT].isin(new)
    assert (touches.to_numpy() == by_protein).all()
    for part in (by_pair, by_protein):
        assert is_joint(table)[part].any()
        assert not is_joint(table)[part].all()


def test_a_star_is_held_out_by_pair_because_every_pair_has_the_hub() -> None:
    ids = names(np.arange(50))
    star = PairTable.from_rows(
        pd.DataFrame({LEFT: ids[1:], RIGHT: ids[0]}), directed=False, name="star"
    )
    strangers = IdPairs(np.array(["X"], dtype=object), np.array(["Y"], dtype=object))
    for seed in range(30):
        assert 0 < held_out(star, strangers, seed=seed).mean() < 1 / 2


def test_pair_features_are_scaled_by_training_proteins_alone(
    split: Split, vectors: Embeddings
) -> None:
    task = task_of(split.train, labelled_test(split), vectors)
    features = PairFeatures.of(task, joint_training(task, Nearest()))
    trained = features.vectors[features.trained]
    assert trained.mean(axis=0) == pytest.approx(np.zeros(vectors.dim), abs=1e-5)
    assert trained.std(axis=0) == pytest.approx(np.ones(vectors.dim), abs=1e-5)
    assert len(features.vectors) > len(trained)
    assert features.components(5, seed=0)[features.trained].mean(axis=0) == pytest.approx(
        np.zeros(5), abs=1e-4
    )


def test_without_candidates_there_are_no_scores(
    undirected_split: Split, vectors: Embeddings
) -> None:
    none = labelled_test(undirected_split).select(np.arange(0))
    task = task_of(undirected_split.train, none, vectors)
    for baseline in (Logistic(), Nearest(), BCENetwork(max_epochs=1), LMI(max_steps=20)):
        assert baseline.score(task).shape == (0,)
