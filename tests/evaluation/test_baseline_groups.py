"""Groups of test pairs by one baseline: what is learned once, and what for each law."""

import numpy as np
import pandas as pd
import pytest

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baseline_groups import baseline_scores
from ppi_ratio.evaluation.baselines import BaselineTask, IdPairs, Logistic
from ppi_ratio.evaluation.groups import LabelledPairs, labelled_groups
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.pairs import (
    LEFT,
    RIGHT,
    PairTable,
    Split,
    draw_non_pairs,
    labelled_table,
    split_by_pair,
)

BY_NAME = {"degree-matched": "degree_matched", "role-matched": "role_matched"}


@pytest.fixture(scope="module")
def hub_split() -> tuple[Split, Embeddings]:
    """Directed pairs whose lefts are hubs or not, by the first entry of their vectors."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 4)).astype(np.float32)
    ids = np.array([f"P{number:03d}" for number in range(200)], dtype=object)
    weight = np.exp(2 * vectors[:100, 0])
    left = rng.choice(100, 1500, p=weight / weight.sum())
    rows = pd.DataFrame({LEFT: ids[left], RIGHT: ids[rng.integers(100, 200, 1500)]})
    pairs = PairTable.from_rows(rows, directed=True, name="hubs")
    split = split_by_pair(pairs, test_fraction=0.2, validation_fraction=0.1, seed=0)
    return split, Embeddings.from_arrays(ids, vectors)


def task_of(
    training: PairTable, group: LabelledPairs, vectors: Embeddings, law: str
) -> BaselineTask:
    frame = group.table.frame
    return BaselineTask(
        degrees=degree_table(training.joint),
        candidates=IdPairs(frame[LEFT].to_numpy(), frame[RIGHT].to_numpy()),
        directed=True,
        vectors=vectors,
        training=training,
        law=law,
    )


@pytest.mark.parametrize("labelled", [False, True])
def test_a_baseline_that_draws_non_pairs_is_fitted_for_the_law_of_each_group(
    hub_split: tuple[Split, Embeddings], labelled: bool
) -> None:
    split, vectors = hub_split
    training = split.train
    if labelled:
        drawn = draw_non_pairs(training, law="uniform", per_joint=1, known=None, seed=0)
        training = labelled_table(training, drawn)
    groups = labelled_groups(
        split.test, seen=split.train.ids, known=split.joint, seed=0, laws=BY_NAME
    )
    scores = baseline_scores(
        "logistic",
        groups,
        degrees=degree_table(training.joint),
        directed=True,
        vectors=vectors,
        training=training,
    )
    assert {group.non_pairs for group in groups} == set(BY_NAME)
    for group, given in zip(groups, scores, strict=True):
        assert given is not None
        alike = [
            np.allclose(given, Logistic().score(task_of(training, group, vectors, law)))
            for law in BY_NAME.values()
        ]
        own = [name == group.non_pairs for name in BY_NAME]
        assert alike == ([True, True] if labelled else own)
