from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines import (
    BASELINES,
    Baseline,
    BaselineTask,
    Cosine,
    Degree,
    Identity,
    IdPairs,
    Need,
    applicable,
)
from ppi_ratio.evaluation.baselines import task as task_module
from ppi_ratio.evaluation.metrics import auroc
from ppi_ratio.model.training_proteins import degree_table as degrees_of
from ppi_ratio.pairs import PairTable

N_PROTEINS = 60
N_CANDIDATES = 300
QUICK: dict[str, dict[str, Any]] = {
    "random_forest": {"n_trees": 20},
    "bce_network": {"max_epochs": 2},
    "lmi": {"max_steps": 20},
}


def names(numbers: Iterable[int]) -> np.ndarray:
    return np.array([f"P{number:02d}" for number in numbers], dtype=object)


def degree_table(left: dict[str, int], right: dict[str, int] | None = None) -> pd.DataFrame:
    return pd.DataFrame({"left_degree": left, "right_degree": right or left})


def random_task(directed: bool) -> BaselineTask:
    """Training pairs of the first fifty of sixty proteins, candidates of all; labels by lot."""
    rng = np.random.default_rng(0)
    ids = names(range(N_PROTEINS))
    left, right = rng.integers(50, size=(2, 250))
    training = PairTable.from_rows(
        pd.DataFrame({"left": ids[left], "right": ids[right]}), directed=directed, name="lots"
    )
    left, right = rng.integers(N_PROTEINS, size=(2, N_CANDIDATES))
    return BaselineTask(
        degrees=degrees_of(training),
        candidates=IdPairs(ids[left], ids[right]),
        directed=directed,
        labels=rng.random(N_CANDIDATES) < 0.3,
        vectors=Embeddings.from_arrays(ids, rng.normal(size=(N_PROTEINS, 8)) + 3),
        training=training,
    )


@pytest.fixture
def task() -> BaselineTask:
    return random_task(directed=False)


@pytest.fixture
def directed_task() -> BaselineTask:
    return random_task(directed=True)


@pytest.fixture(params=BASELINES, ids=str)
def baseline(request: pytest.FixtureRequest) -> Baseline:
    return BASELINES[request.param](**QUICK.get(request.param, {}))


def test_names_equal_their_keys() -> None:
    assert {member().name for member in BASELINES.values()} == set(BASELINES)


def test_one_finite_score_per_candidate_of_directed_pairs(
    baseline: Baseline, directed_task: BaselineTask
) -> None:
    scores = baseline.score(directed_task)
    assert scores.shape == (N_CANDIDATES,)
    assert scores.dtype == float
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) > 30


def test_the_order_within_an_undirected_pair_does_not_matter(
    baseline: Baseline, task: BaselineTask
) -> None:
    if Need.ROLES in baseline.needs:
        pytest.skip("only for directed pairs")
    given = task.candidates
    assert task.labels is not None
    both = IdPairs(
        np.concatenate([given.left, given.right]), np.concatenate([given.right, given.left])
    )
    both_labels = np.concatenate([task.labels, task.labels])
    scores = baseline.score(replace(task, candidates=both, labels=both_labels))
    if isinstance(baseline, Identity):  # a pair and its turned self may be in other folds
        scores = np.append(baseline.score(task), baseline.score(turned(task)))
    forth, back = np.split(scores, 2)
    assert np.isfinite(forth).all()
    assert back == pytest.approx(forth, abs=1e-6)


def turned(task: BaselineTask) -> BaselineTask:
    return replace(task, candidates=IdPairs(task.candidates.right, task.candidates.left))


def test_scores_are_reproducible_and_read_no_labels_unless_needed(
    baseline: Baseline, directed_task: BaselineTask
) -> None:
    first = baseline.score(directed_task)
    blind = Need.LABELS not in baseline.needs
    again = replace(directed_task, labels=None) if blind else directed_task
    assert (baseline.score(again) == first).all()


def test_scores_do_not_depend_on_other_candidates(
    baseline: Baseline, directed_task: BaselineTask
) -> None:
    if Need.LABELS in baseline.needs:
        pytest.skip("it reads the labels of the other candidates")
    given = directed_task.candidates
    few = IdPairs(given.left[:100], given.right[:100])
    alone = baseline.score(replace(directed_task, candidates=few))
    among_all = baseline.score(directed_task)[:100]
    assert np.corrcoef(rankdata(alone), rankdata(among_all))[0, 1] > 0.99


@pytest.mark.parametrize(
    ("directed", "missing", "left_out"),
    [
        (True, {}, set()),
        (False, {}, {"role"}),
        (True, {"labels": None}, {"identity"}),
        (
            True,
            {"training": None},
            {"nearest", "ulsif", "logistic", "random_forest", "bce_network", "lmi"},
        ),
        (True, {"vectors": None}, set(BASELINES) - {"degree", "identity"}),
    ],
)
def test_baselines_whose_needs_are_not_met_are_left_out(
    directed: bool, missing: dict[str, None], left_out: set[str]
) -> None:
    task = replace(random_task(directed), **missing)
    found = applicable(task)
    assert list(found) == [name for name in BASELINES if name not in left_out]
    for name in left_out:
        with pytest.raises(ValueError, match=f"the {name} baseline needs .*; add it to the task"):
            BASELINES[name]().score(task)


def test_nearest_is_left_out_if_few_training_pairs_have_vectors(task: BaselineTask) -> None:
    assert task.vectors is not None
    few = Embeddings.from_arrays(task.vectors.ids[:12], task.vectors.matrix(np.arange(12)))
    assert "nearest" in applicable(task)
    assert "nearest" not in applicable(replace(task, vectors=few))


def test_degree_counts_training_pairs_on_each_side() -> None:
    task = BaselineTask(
        degrees=degree_table({"A": 3, "B": 0}, {"A": 1, "B": 7}),
        candidates=IdPairs(names([]), names([])),
        directed=True,
    )
    pairs = IdPairs(np.array(["A", "B", "unseen"]), np.array(["B", "A", "unseen"]))
    scores = Degree().score(replace(task, candidates=pairs))
    assert scores == pytest.approx(np.log([4 * 8, 1 * 2, 1]))


def test_cosine_is_that_of_vectors_centred_by_distinct_training_proteins() -> None:
    # The mean of T and U is (1, 1): centred, A and B are at right angles, A and C opposite.
    matrix = np.array([[2, 2], [0, 0], [2, 1], [1, 3], [0, 1], [1, 1]], dtype=np.float32)
    task = BaselineTask(
        degrees=degree_table({"T": 9, "U": 1, "no vector": 5}),
        candidates=IdPairs(
            np.array(["A", "A", "A", "A"]), np.array(["B", "C", "A", "mean itself"])
        ),
        directed=False,
        vectors=Embeddings.from_arrays(["T", "U", "A", "B", "C", "mean itself"], matrix),
    )
    assert Cosine().score(task) == pytest.approx([0, -1, 1, 0], abs=1e-6)


def test_cosine_without_training_vectors_is_centred_by_the_candidates() -> None:
    task = BaselineTask(
        degrees=degree_table({"elsewhere": 1}),
        candidates=IdPairs(np.array(["A"]), np.array(["B"])),
        directed=False,
        vectors=Embeddings.from_arrays(["A", "B"], [[5.0, 1.0], [3.0, 1.0]]),
    )
    assert Cosine().score(task) == pytest.approx([-1])


def test_blocks_and_whole_give_the_same_cosines(
    task: BaselineTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Cosine().score(task)
    monkeypatch.setattr(task_module, "BLOCK_SIZE", 7)
    assert Cosine().score(task) == pytest.approx(whole, abs=1e-6)


def test_candidates_without_a_vector_are_named(task: BaselineTask) -> None:
    stranger = IdPairs(np.array(["P00", "P01"]), np.array(["P02", "stranger"]))
    with pytest.raises(ValueError, match=r"1 of 2 proteins have no vector, e\.g\. stranger"):
        Cosine().score(replace(task, candidates=stranger))


def test_identity_score_is_the_smoothed_share_of_the_other_folds() -> None:
    # Two folds of one candidate each: each is scored by the counts of the other alone.
    task = BaselineTask(
        degrees=degree_table({"A": 1}),
        candidates=IdPairs(np.array(["A", "A"]), np.array(["B", "A"])),
        directed=False,
        labels=np.array([1, 0]),
    )
    first, second = Identity(n_folds=2).score(task)
    assert first == pytest.approx(np.log(0.5 / 2) + np.log(0.5 / 1))  # A in one non-pair, B in none
    assert second == pytest.approx(2 * np.log(1.5 / 2))  # A in one joint pair


def test_identity_finds_sticky_proteins_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    ids = names(range(N_PROTEINS))
    left, right = rng.integers(N_PROTEINS, size=(2, 4000))
    hub_pairs = (left < 15) & (right < 15)
    fitting_pairs = (left + right) % 2 == 0
    found = {}
    for name, joint in {"sticky": hub_pairs, "fitting": fitting_pairs}.items():
        candidates = IdPairs(ids[left], ids[right])
        task = BaselineTask(degree_table({}), candidates, directed=False, labels=joint)
        found[name] = auroc(joint, Identity().score(task))
    assert found["sticky"] > 0.95
    assert found["fitting"] == pytest.approx(0.5, abs=0.05)


def test_identity_depends_on_its_seed_alone(task: BaselineTask) -> None:
    first, again, other = (Identity(seed=seed).score(task) for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            np.zeros(N_CANDIDATES, dtype=bool),
            "one interaction among them, got 300",
        ),
        (np.ones(N_CANDIDATES - 1, dtype=bool), "labels of shape .* for 300 candidates"),
    ],
)
def test_identity_refuses_labels_it_cannot_use(
    labels: np.ndarray, message: str, task: BaselineTask
) -> None:
    with pytest.raises(ValueError, match=message):
        Identity().score(replace(task, labels=labels))


@pytest.mark.parametrize(
    ("degrees", "message"),
    [
        (degree_table({"A": 1}, {"A": 2}), "left_degree and right_degree differ"),
        (pd.concat([degree_table({"A": 1})] * 2), "the degrees list A more than once"),
    ],
)
def test_tasks_refuse_degrees_that_contradict_themselves(
    degrees: pd.DataFrame, message: str, task: BaselineTask
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(task, degrees=degrees)


def test_training_pairs_must_be_directed_as_the_candidates_are(task: BaselineTask) -> None:
    with pytest.raises(ValueError, match="lots: candidates and training pairs must both"):
        replace(task, training=random_task(directed=True).training)


def test_pairs_need_two_columns_of_one_length() -> None:
    with pytest.raises(ValueError, match="two one-axis arrays of one length"):
        IdPairs(names(range(2)), names(range(3)))
