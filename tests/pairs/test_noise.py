import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppi_ratio.pairs import (
    NOISE_LAWS,
    PairTable,
    draw_non_pairs,
    draw_non_pairs_within_classes,
    pair_classes,
    split_by_protein,
)

few = settings(max_examples=25, deadline=None)
graphs = st.lists(st.tuples(st.sampled_from("ABCDEFG"), st.sampled_from("ABCDEFG")), min_size=1)


def table(rows: list, *, directed: bool = False) -> PairTable:
    frame = pd.DataFrame(rows, columns=["left", "right"])
    return PairTable.from_rows(frame, directed=directed, name="made")


def hub_graph(n_pairs: int, *, directed: bool = False, n_proteins: int = 500) -> PairTable:
    """Pairs whose ends are drawn by a heavy-tailed weight."""
    rng = np.random.default_rng(0)
    weights = 1 / (10 + np.arange(n_proteins))
    ends = rng.choice(n_proteins, size=(n_pairs, 2), p=weights / weights.sum())
    if directed:
        ends[:, 1] += n_proteins // 2  # roles overlap in half of the proteins
    return table([(f"P{a}", f"P{b}") for a, b in ends], directed=directed)


def pair_set(pairs: PairTable) -> set[tuple]:
    return set(pairs.frame[["left", "right"]].itertuples(index=False, name=None))


@pytest.fixture(params=NOISE_LAWS)
def law(request: pytest.FixtureRequest) -> str:
    return request.param


@few
@given(graphs, st.booleans(), st.sampled_from(list(NOISE_LAWS)), st.integers(1, 5))
def test_drawn_non_pairs_are_canonical_new_and_unknown(
    rows: list, directed: bool, law: str, per_joint: int
) -> None:
    joint = table(rows, directed=directed)
    if not len(joint):
        return
    known = table([("A", "B"), ("Z", "C")], directed=directed)
    drawn = draw_non_pairs(joint, law=law, per_joint=per_joint, known=known, seed=0)
    again = PairTable.from_rows(drawn.frame, directed=directed, name="again")
    assert pair_set(again) == pair_set(drawn)
    assert not again.drops
    assert not pair_set(drawn) & (pair_set(joint) | pair_set(known))
    assert set(drawn.frame["label"]) <= {0}
    assert len(drawn) <= per_joint * len(joint)
    assert set(drawn.ids) <= set(joint.ids)


def test_the_same_seed_draws_the_same_non_pairs(law: str) -> None:
    joint = hub_graph(200)
    hashes = [
        draw_non_pairs(joint, law=law, per_joint=2, known=None, seed=seed).content_hash()
        for seed in (0, 0, 1)
    ]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("directed", [True, False])
def test_degree_matched_non_pairs_have_the_degrees_of_the_joint_pairs(directed: bool) -> None:
    joint = hub_graph(800, directed=directed)
    drawn = draw_non_pairs(joint, law="degree_matched", per_joint=3, known=None, seed=0)
    as_joint = PairTable(drawn.frame.drop(columns="label"), directed, "drawn")
    for side in ("left", "right") if directed else ("both",):
        expected = 3 * joint.degrees(side)
        pd.testing.assert_series_equal(as_joint.degrees(side), expected, check_names=False)


def test_uniform_non_pairs_do_not_know_hubs() -> None:
    joint = hub_graph(800)
    drawn = draw_non_pairs(joint, law="uniform", per_joint=10, known=None, seed=0)
    counts = pd.concat([drawn.frame["left"], drawn.frame["right"]]).value_counts()
    mean = 2 * len(drawn) / len(joint.ids)
    hub = joint.degrees("both").idxmax()
    assert counts[hub] < mean + 5 * np.sqrt(mean)
    assert joint.degrees("both")[hub] > 3 * joint.degrees("both").mean()


def test_uniform_non_pairs_ignore_roles_and_role_matched_ones_keep_them() -> None:
    joint = table([(f"L{i}", f"R{i}") for i in range(40)], directed=True)
    uniform, matched = (
        draw_non_pairs(joint, law=law, per_joint=5, known=None, seed=0)
        for law in ("uniform", "role_matched")
    )
    assert uniform.frame["left"].str.startswith("R").any()
    assert matched.frame["left"].str.startswith("L").all()
    assert matched.frame["right"].str.startswith("R").all()


@pytest.mark.parametrize("directed", [True, False])
def test_uniform_draws_every_admissible_pair_equally_often(directed: bool) -> None:
    joint = table([(a, b) for a, b in zip("ABCDEFG", "BCDEFGH", strict=True)], directed=directed)
    n_admissible = (8 * 7 if directed else 8 * 7 // 2) - 7
    counts = pd.concat(
        draw_non_pairs(joint, law="uniform", per_joint=1, known=None, seed=seed).frame
        for seed in range(300)
    ).value_counts(["left", "right"])
    expected = 300 * 7 / n_admissible
    assert len(counts) == n_admissible
    assert (abs(counts - expected) < 5 * np.sqrt(expected)).all()


def test_it_ends_and_says_so_when_there_are_too_few(
    law: str, caplog: pytest.LogCaptureFixture
) -> None:
    joint = table([("A", "B"), ("B", "C"), ("C", "D")])
    drawn = draw_non_pairs(joint, law=law, per_joint=50, known=None, seed=0)
    assert pair_set(drawn) <= {("A", "C"), ("A", "D"), ("B", "D")}
    assert f"of 150 {law} non-pairs" in caplog.text
    if law != "degree_matched":
        assert len(drawn) == 3


def test_a_complete_graph_has_no_non_pair(law: str) -> None:
    joint = table([("A", "B"), ("B", "C"), ("A", "C")])
    assert len(draw_non_pairs(joint, law=law, per_joint=1, known=None, seed=0)) == 0


def test_known_non_pairs_may_be_drawn() -> None:
    frame = pd.DataFrame({"left": ["A", "A"], "right": ["B", "C"], "label": [1, 0]})
    known = PairTable.from_rows(frame, directed=False, name="known")
    drawn = draw_non_pairs(
        table([("A", "B"), ("C", "B")]), law="uniform", per_joint=1, known=known, seed=0
    )
    assert pair_set(drawn) == {("A", "C")}


@pytest.mark.parametrize("directed", [True, False])
def test_non_pairs_within_classes_have_the_classes_of_the_joint_pairs(
    law: str, directed: bool
) -> None:
    split = split_by_protein(hub_graph(1500, directed=directed), seed=0)
    joint = split.test.joint
    drawn = draw_non_pairs_within_classes(
        joint, seen=split.train.joint.ids, law=law, per_joint=2, known=split.joint, seed=0
    )
    expected = pd.Series(pair_classes(split.train, joint)).value_counts()
    found = pd.Series(pair_classes(split.train, drawn)).value_counts()
    pd.testing.assert_series_equal(found, 2 * expected)
    assert not pair_set(drawn) & pair_set(split.joint)
    if law == "degree_matched":
        as_joint = PairTable(drawn.frame.drop(columns="label"), directed, "drawn")
        pd.testing.assert_series_equal(as_joint.degrees("both"), 2 * joint.degrees("both"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"law": "unifrom"}, "no noise law 'unifrom'; known ones: uniform, role_matched"),
        ({"per_joint": 0}, "per_joint must be at least 1"),
        ({"known": table([("A", "B")], directed=True)}, "one is directed"),
        ({"joint": table([("A", "B")]).select(np.array([False]))}, "no joint pair to draw"),
    ],
)
def test_wrong_arguments_are_named(change: dict, message: str) -> None:
    right = {"joint": table([("A", "B")]), "law": "uniform", "per_joint": 1, "known": None}
    with pytest.raises(ValueError, match=message):
        draw_non_pairs(**{**right, **change}, seed=0)


def test_fifty_thousand_non_pairs_are_drawn_in_seconds(law: str) -> None:
    joint = hub_graph(5200, n_proteins=3000)
    start = time.process_time()
    drawn = draw_non_pairs(joint, law=law, per_joint=10, known=joint, seed=0)
    assert time.process_time() - start < 3
    assert len(drawn) > 0.99 * 10 * len(joint)
