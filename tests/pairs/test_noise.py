import time
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from damage import share_of_examples
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.pairs import (
    NOISE_LAWS,
    PairTable,
    draw_non_pairs,
    draw_non_pairs_within_classes,
    pair_classes,
    split_by_protein,
)
from ppi_ratio.pairs.noise.ends import Ends

KEEP_DEGREES = ("degree_matched", "rewired")
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


def as_joint(drawn: PairTable) -> PairTable:
    """The same pairs without labels, so that their degrees can be counted."""
    return PairTable(drawn.frame.drop(columns="label"), drawn.directed, "drawn")


def assert_degrees_kept(joint: PairTable, drawn: PairTable, *, per_joint: int) -> None:
    for side in ("left", "right") if joint.directed else ("both",):
        pd.testing.assert_series_equal(
            as_joint(drawn).degrees(side), per_joint * joint.degrees(side)
        )


@pytest.fixture(params=NOISE_LAWS)
def law(request: pytest.FixtureRequest) -> str:
    return request.param


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


@pytest.mark.parametrize("per_joint", [1, 3])
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("law", KEEP_DEGREES)
def test_every_protein_keeps_its_degree_exactly(law: str, directed: bool, per_joint: int) -> None:
    joint = hub_graph(800, directed=directed)
    drawn = draw_non_pairs(joint, law=law, per_joint=per_joint, known=None, seed=0)
    assert_degrees_kept(joint, drawn, per_joint=per_joint)


@share_of_examples(0.4)
@given(graphs, st.booleans(), st.integers(1, 3), st.integers(0, 9))
def test_rewiring_never_exceeds_a_degree_nor_draws_a_known_pair(
    rows: list, directed: bool, per_joint: int, seed: int
) -> None:
    joint = table(rows, directed=directed)
    if not len(joint):
        return
    known = table([("A", "C"), ("B", "D")], directed=directed)
    drawn = draw_non_pairs(joint, law="rewired", per_joint=per_joint, known=known, seed=seed)
    for side in ("left", "right") if directed else ("both",):
        found = as_joint(drawn).degrees(side).reindex(joint.ids, fill_value=0)
        assert (found <= per_joint * joint.degrees(side).reindex(joint.ids, fill_value=0)).all()
    assert not pair_set(drawn) & (pair_set(joint) | pair_set(known))


@given(graphs, st.booleans(), st.integers(1, 3), st.integers(0, 9))
def test_degree_matched_non_pairs_never_exceed_a_degree(
    rows: list, directed: bool, per_joint: int, seed: int
) -> None:
    joint = table(rows, directed=directed)
    if not len(joint):
        return
    drawn = draw_non_pairs(joint, law="degree_matched", per_joint=per_joint, known=None, seed=seed)
    for side in ("left", "right") if directed else ("both",):
        found = as_joint(drawn).degrees(side).reindex(joint.ids, fill_value=0)
        assert (found <= per_joint * joint.degrees(side).reindex(joint.ids, fill_value=0)).all()


@given(
    graphs,
    st.booleans(),
    st.sampled_from(list(NOISE_LAWS)),
    st.sets(st.sampled_from("ABCDEFG")),
    st.integers(0, 9),
)
def test_non_pairs_within_classes_are_new_and_never_more_than_asked_of_a_class(
    rows: list, directed: bool, law: str, seen: set[str], seed: int
) -> None:
    joint = table(rows, directed=directed)
    if not len(joint):
        return
    drawn = draw_non_pairs_within_classes(
        joint, seen=seen, law=law, per_joint=2, known=None, seed=seed
    )
    assert not pair_set(drawn) & pair_set(joint)
    assert not any(left == right for left, right in pair_set(drawn))
    assert len(drawn) == len(pair_set(drawn))
    n_seen = [
        Counter(sum(name in seen for name in pair) for pair in pair_set(each))
        for each in (drawn, joint)
    ]
    assert all(n_seen[0][kind] <= 2 * n_seen[1][kind] for kind in range(3))


@share_of_examples(0.4)
@given(st.integers(5, 40), st.permutations(range(40)), st.integers(0, 9))
def test_a_ring_is_rewired_whole(n_proteins: int, names: list[int], seed: int) -> None:
    ring = [(f"P{names[i]}", f"P{names[(i + 1) % n_proteins]}") for i in range(n_proteins)]
    drawn = draw_non_pairs(table(ring), law="rewired", per_joint=1, known=None, seed=seed)
    assert_degrees_kept(table(ring), drawn, per_joint=1)


def test_rewired_networks_of_different_seeds_share_little_more_than_chance() -> None:
    joint = hub_graph(800)
    first, second = (
        pair_set(draw_non_pairs(joint, law="rewired", per_joint=1, known=None, seed=seed))
        for seed in (0, 1)
    )
    degrees = joint.degrees("both").to_numpy()
    ends = degrees.sum()
    # of two matchings of the ends: sum over pairs of (d_x d_y / ends)², hubs included
    by_chance = ((degrees**2).sum() / ends) ** 2 / 2
    assert len(first & second) < by_chance


@pytest.mark.parametrize("directed", [True, False])
def test_degree_weighted_draws_pairs_in_proportion_to_both_degrees(directed: bool) -> None:
    left, right = np.array([0, 0, 0, 4, 4, 7]), np.array([1, 2, 3, 5, 6, 8])
    everyone = np.arange(9)
    ends = Ends(left, right, everyone, everyone, directed, 9, left * 9 + right, not directed)
    rng = np.random.default_rng(0)
    counts = np.zeros((9, 9))
    for _ in range(2000):
        drawn = NOISE_LAWS["degree_weighted"](ends, 1, rng)
        counts[drawn[0][0], drawn[1][0]] += 1
    lefts, rights = np.bincount(left, minlength=9), np.bincount(right, minlength=9)
    weights = np.outer(lefts, rights) if directed else np.outer(lefts + rights, lefts + rights)
    weights[left, right] = 0
    weights = weights * (1 - np.eye(9)) if directed else np.triu(weights, k=1)
    expected = 2000 * weights / weights.sum()
    assert (abs(counts - expected) <= 4.5 * np.sqrt(expected)).all()


def test_degree_weighted_draws_from_a_large_table_follow_the_degrees() -> None:
    joint = hub_graph(5200, n_proteins=3000)  # too many pairs to list
    drawn = draw_non_pairs(joint, law="degree_weighted", per_joint=1, known=None, seed=0)
    expected = joint.degrees("both")
    found = as_joint(drawn).degrees("both").reindex(expected.index, fill_value=0)
    assert len(drawn) == len(joint)
    # Hubs know many of their partners, who are not drawn: not exactly the same, then
    for chosen in (expected >= 30, expected.between(5, 29), expected < 5):
        assert found[chosen].sum() == pytest.approx(expected[chosen].sum(), rel=0.2)
    assert not np.array_equal(found, expected)


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
    if law not in KEEP_DEGREES:
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
    if law in KEEP_DEGREES:
        assert_degrees_kept(joint, drawn, per_joint=2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"law": "unifrom"}, "no noise law 'unifrom'; known ones: uniform, role_matched"),
        ({"per_joint": 0}, "per_joint must be at least 1"),
        ({"known": table([("A", "B")], directed=True)}, "one is directed"),
        ({"joint": table([("A", "B")]).select(np.array([False]))}, "no interaction to draw"),
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
