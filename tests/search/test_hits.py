"""Sorted lists of hits as one."""

from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.search import Hits, highest_first, merged
from ppi_ratio.search.hits import make_hits

LISTS = st.lists(st.lists(st.integers(-3, 3), max_size=12), max_size=5)


def sorted_list(number: int, values: list[int]) -> Hits:
    places = np.arange(len(values))
    return highest_first(make_hits(np.full(len(values), number), places, np.array(values)))


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
