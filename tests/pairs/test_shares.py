"""The share of interactions among all pairs that noise draws."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import ppi_ratio as pr
from ppi_ratio.pairs import pair_classes, shares_of_interactions
from ppi_ratio.pairs.table import labelled_table

SEEN = [f"P{number:02d}" for number in range(12)]


def pairs_at_random(*, directed: bool) -> pr.PairTable:
    rng = np.random.default_rng(5)
    ids = np.array([f"P{number:02d}" for number in range(25)])
    rows = pd.DataFrame({"left": rng.choice(ids[:20], 90), "right": rng.choice(ids[3:], 90)})
    return pr.PairTable.from_rows(rows, directed=directed, name="random")


@pytest.mark.parametrize("directed", [True, False])
def test_the_share_is_that_of_drawn_pairs(directed: bool) -> None:
    """Draw both proteins independently, by their degrees in a class, and count interactions."""
    table = pairs_at_random(directed=directed)
    known = pr.PairTable.from_rows(
        pd.DataFrame(combinations(SEEN[:6], 2), columns=["left", "right"]),
        directed=directed,
        name="known",
    )
    shares = shares_of_interactions(table, seen=SEEN, known=known)
    pairs = {tuple(pair) for each in (table, known) for pair in each.frame.to_numpy()}
    if not directed:
        pairs |= {pair[::-1] for pair in pairs}
    rng = np.random.default_rng(0)
    frame = table.frame
    classes = pair_classes(labelled(SEEN, directed=directed), table)
    for name in ("C1", "C3"):
        rows = frame[classes == name]
        ends = [rows[side].to_numpy() for side in ("left", "right")]
        if not directed:
            ends = [np.concatenate(ends)] * 2
        drawn = list(zip(*(rng.choice(side, 100_000) for side in ends), strict=True))
        apart = [pair for pair in drawn if pair[0] != pair[1]]
        expected = np.mean([pair in pairs for pair in apart])
        assert np.unique(shares[classes == name]) == pytest.approx(expected, abs=0.01)


def labelled(ids: list[str], *, directed: bool) -> pr.PairTable:
    """Interactions that make these proteins seen."""
    rows = pd.DataFrame({"left": ids, "right": ids[1:] + ids[:1]})
    return pr.PairTable.from_rows(rows, directed=directed, name="training")


def test_non_pairs_have_the_share_of_their_class_and_change_none() -> None:
    table = pairs_at_random(directed=False)
    drawn = pr.draw_non_pairs(table, law="uniform", per_joint=1, known=None, seed=0)
    both = labelled_table(table, drawn)
    shares = shares_of_interactions(both, seen=SEEN, known=None)
    alone = shares_of_interactions(table, seen=SEEN, known=None)
    assert set(shares) == set(alone)
    np.testing.assert_array_equal(shares[both.frame["label"] == 1], alone)


def test_a_complete_network_is_all_interactions() -> None:
    rows = pd.DataFrame(combinations(SEEN, 2), columns=["left", "right"])
    table = pr.PairTable.from_rows(rows, directed=False, name="complete")
    np.testing.assert_allclose(shares_of_interactions(table, seen=(), known=None), 1)
