"""Sorted lists of hits as one."""

from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.search import HIT_DTYPE, Hits, highest_first, merged
from ppi_ratio.search.hits import make_hits

LISTS = st.lists(st.lists(st.integers(-3, 3), max_size=12), max_size=5)
FEW = st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-30, float("inf")])  # so that many are equal
LOG_RATIOS = FEW | st.floats(width=32, allow_nan=False)


def sorted_list(number: int, values: list[int]) -> Hits:
    places = np.arange(len(values))
    return highest_first(make_hits(np.full(len(values), number), places, np.array(values)))


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), LOG_RATIOS), max_size=40),
    in_order=st.booleans(),
)
def test_equal_log_ratios_are_sorted_by_left_then_by_right(
    rows: list[tuple[int, int, float]], in_order: bool
) -> None:
    hits = np.array(sorted(rows) if in_order else rows, dtype=HIT_DTYPE)
    by_three_columns = np.lexsort((hits["right"], hits["left"], -hits["log_ratio"]))
    np.testing.assert_array_equal(highest_first(hits), hits[by_three_columns])


@given(LISTS, st.integers(1, 5))
def test_merged_pieces_are_the_sorted_whole(values: list[list[int]], size: int) -> None:
    lists = [sorted_list(number, each) for number, each in enumerate(values)]
    pieces = [[hits[start : start + size] for start in range(0, len(hits), size)] for hits in lists]
    found = list(merged(pieces))
    whole = np.concatenate([sorted_list(0, []), *lists])
    np.testing.assert_array_equal(
        np.concatenate([sorted_list(0, []), *found]), highest_first(whole)
    )


def test_merging_reads_no_further_than_it_must() -> None:
    read = []

    def pieces(number: int) -> Iterator[Hits]:
        for start in range(5):
            read.append((number, start))
            yield make_hits(np.array([number]), np.array([start]), np.array([-10.0 * start]))

    first = next(merged([pieces(0), pieces(1)]))
    assert len(first) == 0 or first["log_ratio"].max() == 0
    assert len(read) <= 4
