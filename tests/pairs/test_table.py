from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.errors import InputError
from ppi_ratio.pairs import PairTable, labelled_table
from ppi_ratio.pairs.rows import (
    CONFLICT,
    MALFORMED,
    NO_VECTOR,
    REPEATED,
    REVERSED,
    SELF_PAIR,
    SelfPairs,
)
from ppi_ratio.sequences import IdIndex

few_ids = st.sampled_from(["A", "B", "C", "NA", "é", ""])
few_rows = st.lists(st.tuples(few_ids, few_ids, st.integers(0, 1)), min_size=1, max_size=30)


def table(*rows: tuple, directed: bool = False, self_pairs: SelfPairs = "drop") -> PairTable:
    columns = ["left", "right", "label"][: len(rows[0])]
    frame = pd.DataFrame(list(rows), columns=columns)
    return PairTable.from_rows(frame, directed=directed, name="made", self_pairs=self_pairs)


def counts(pairs: PairTable) -> dict[str, int]:
    return {drop.reason: drop.count for drop in pairs.drops}


def rows_of(pairs: PairTable) -> set[tuple]:
    return set(pairs.frame.itertuples(index=False, name=None))


@given(few_rows, st.booleans(), st.sampled_from(["drop", "keep"]))
def test_normalising_twice_changes_nothing(
    rows: list, directed: bool, self_pairs: SelfPairs
) -> None:
    once = table(*rows, directed=directed, self_pairs=self_pairs)
    twice = PairTable.from_rows(once.frame, directed=directed, name="made", self_pairs=self_pairs)
    pd.testing.assert_frame_equal(once.frame, twice.frame)
    assert not twice.drops


@given(few_rows, st.booleans(), st.randoms())
def test_row_order_changes_neither_pairs_nor_counts(
    rows: list, directed: bool, random: Random
) -> None:
    shuffled = random.sample(rows, len(rows))
    one, other = table(*rows, directed=directed), table(*shuffled, directed=directed)
    assert rows_of(one) == rows_of(other)
    assert one.content_hash() == other.content_hash()
    assert counts(one) == counts(other)
    pd.testing.assert_frame_equal(one.sorted().frame, other.sorted().frame)


@given(few_rows, st.booleans())
def test_every_row_is_kept_or_counted(rows: list, directed: bool) -> None:
    pairs = table(*rows, directed=directed)
    assert len(pairs) + sum(counts(pairs).values()) == len(rows)


@given(few_rows)
def test_swapping_the_sides_of_undirected_rows_changes_no_pair(rows: list) -> None:
    swapped = [(right, left, label) for left, right, label in rows]
    assert rows_of(table(*rows)) == rows_of(table(*swapped))


def test_undirected_pairs_have_the_smaller_id_on_the_left() -> None:
    assert rows_of(table(("B", "A"), ("a", "B"))) == {("A", "B"), ("B", "a")}


def test_reversed_pairs_merge_only_without_direction() -> None:
    rows = [("B", "A"), ("A", "B"), ("A", "B")]
    undirected, directed = table(*rows), table(*rows, directed=True)
    assert counts(undirected) == {REPEATED: 1, REVERSED: 1}
    assert counts(directed) == {REPEATED: 1}
    assert directed.both_directions == 1
    assert "1 in both directions" in directed.summary()


def test_self_pairs_are_dropped_unless_asked_for() -> None:
    rows = [("A", "A"), ("A", "B")]
    assert counts(table(*rows)) == {SELF_PAIR: 1}
    assert rows_of(table(*rows, self_pairs="keep")) == {("A", "A"), ("A", "B")}
    assert table(*rows, self_pairs="keep", directed=True).both_directions == 0


def test_an_observed_interaction_outranks_a_drawn_non_pair() -> None:
    pairs = table(("A", "B", 0), ("B", "A", 1), ("A", "B", 0), ("C", "A", 0))
    assert rows_of(pairs) == {("A", "B", 1), ("A", "C", 0)}
    assert counts(pairs) == {CONFLICT: 1, REPEATED: 1}
    assert pairs.frame["label"].dtype == np.int8


def test_drops_name_rows_by_line_and_show_three_examples() -> None:
    frame = pd.DataFrame({"left": list("ABCDE"), "right": list("ABCDF"), "line": range(3, 8)})
    (drop,) = PairTable.from_rows(frame, directed=False, name="made").drops
    assert drop.examples == ("A A (line 3)", "B B (line 4)", "C C (line 5)")
    assert str(drop) == "4 self pairs, e.g. A A (line 3)"


def test_rows_with_an_empty_or_missing_id_are_counted() -> None:
    assert counts(table(("A", ""), (None, "B"), (" ", "C"), ("A", "B"))) == {MALFORMED: 3}


def test_ids_that_look_like_missing_values_survive() -> None:
    assert table(("NA", "nan"), ("None", "null")).ids == ("NA", "None", "nan", "null")


@pytest.mark.parametrize("name", ["#A", "A\tB", "A\nB", "A\x00"])
def test_an_id_that_no_text_file_can_hold_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be an id"):
        table((name, "B"))


def test_labels_other_than_one_and_zero_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a label is 1 \(interaction\)"):
        table(("A", "B", 2))


def test_a_frame_with_other_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="columns left, right and perhaps label, got a, b"):
        PairTable(pd.DataFrame({"a": ["A"], "b": ["B"]}), False, "made")


def test_joint_and_non_pairs_part_a_labelled_table() -> None:
    pairs = table(("A", "B", 1), ("A", "C", 0))
    assert rows_of(pairs.joint) == {("A", "B")}
    assert rows_of(pairs.non_pairs) == {("A", "C", 0)}
    assert not pairs.joint.is_labelled


def test_all_pairs_of_an_unlabelled_table_are_joint() -> None:
    pairs = table(("A", "B"), ("A", "C"))
    assert len(pairs.joint) == 2
    assert len(pairs.non_pairs) == 0


def test_degrees_count_joint_pairs_only() -> None:
    pairs = table(("A", "B", 1), ("A", "C", 1), ("A", "D", 0), directed=True)
    assert pairs.degrees("left").to_dict() == {"A": 2}
    assert pairs.degrees("right").to_dict() == {"B": 1, "C": 1}
    assert pairs.degrees("both").to_dict() == {"A": 2, "B": 1, "C": 1}


def test_one_side_of_an_undirected_table_has_no_degrees() -> None:
    with pytest.raises(ValueError, match="is undirected"):
        table(("A", "B")).degrees("left")


def test_hash_tells_directed_from_undirected_and_joint_from_non_pair() -> None:
    made = [
        table(("A", "B")),
        table(("A", "B"), directed=True),
        table(("A", "B", 1)),
        table(("A", "B", 0)),
    ]
    assert len({pairs.content_hash() for pairs in made}) == 4


def test_hash_of_a_table_stays_the_same_over_releases() -> None:
    # sha256sum of "undirected\nA\tB\t1\nA\tC\t0", without a line break at the end
    expected = "f65c10b36bc476a8fad4eb69a9acb9eeb778a40a5046599de1fc45ee83559158"
    assert table(("C", "A", 0), ("A", "B", 1)).content_hash() == expected


@pytest.mark.parametrize("wrap", [list, IdIndex])
def test_restricting_leaves_out_and_names_ids_without_a_vector(wrap: type) -> None:
    pairs = table(("A", "B"), ("A", "X"), ("Y", "X"), ("B", "C"), ("C", "C"))
    known, missing = pairs.restrict_to(wrap(["A", "B", "C"]))
    assert rows_of(known) == {("A", "B"), ("B", "C")}
    assert missing == ("X", "Y")
    assert counts(known) == {SELF_PAIR: 1, NO_VECTOR: 2}


def test_restricting_lets_uniprot_headers_answer_to_accessions() -> None:
    known, missing = table(("P1", "P2")).restrict_to(["sp|P1|X", "P2"])
    assert (len(known), missing) == (1, ())


def test_restricting_to_nothing_leaves_an_empty_table() -> None:
    known, missing = table(("P1", "P2")).restrict_to([])
    assert (len(known), known.ids, missing) == (0, (), ("P1", "P2"))


def test_summary_says_what_is_in_the_table_and_what_is_not() -> None:
    text = table(("A", "B", 1), ("A", "B", 1), ("C", "A", 0)).summary()
    assert text == (
        "made: 2 undirected pairs of 3 proteins: 1 interactions, 1 non-pairs\n"
        "  left out: 1 repeated, e.g. A B"
    )


def test_a_labelled_table_joins_joint_pairs_and_non_pairs() -> None:
    pairs = labelled_table(table(("A", "B", 1), ("A", "D", 0)), table(("A", "C", 0)))
    assert rows_of(pairs) == {("A", "B", 1), ("A", "C", 0)}


def test_a_non_pair_that_is_joint_is_refused() -> None:
    with pytest.raises(ValueError, match="holds interactions of made"):
        labelled_table(table(("A", "B")), table(("B", "A", 0)))


def test_a_directed_and_an_undirected_table_are_not_joined() -> None:
    with pytest.raises(ValueError, match="one is directed"):
        labelled_table(table(("A", "B")), table(("A", "C"), directed=True))
