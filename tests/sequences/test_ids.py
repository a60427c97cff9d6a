"""Which ids name one protein, and what a message says of those that nearly do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.sequences import IdIndex, accession_of, looked_up, one_spelling
from ppi_ratio.sequences.ids import DATABASES

SPELLINGS = ["sp|P1|A_HUMAN", "P1", "A_HUMAN", "tr|P1|A_HUMAN", "sp|P1-2|A_HUMAN", "P1-2", "Q2"]


@given(parts=st.lists(st.sampled_from(["sp", "tr", "|", "P12345", "A_B", "", " "]), max_size=7))
def test_the_accession_of_an_accession_is_itself(parts: list[str]) -> None:
    accession = accession_of("".join(parts))
    assert accession_of(accession) == accession


@pytest.mark.parametrize("database", DATABASES)
def test_accession_and_name_of_a_database_record_stand_for_it(database: str) -> None:
    record = f"{database}|P12345.1|NAME"
    assert accession_of(record) == "P12345.1"
    asked = [record, "P12345.1", "NAME", "P12345", f"{database}|P12345.1|OTHER"]
    assert IdIndex(["Q1", record]).rows(asked).tolist() == [1, 1, 1, -1, 1]


def test_ids_of_other_forms_have_no_alias() -> None:
    for name in ("pdb|1ABC|A", "gi|12|ref|NP_1.2|", "HUMAN|TP53|x", "sp|P1", "a b", "sp||X"):
        assert accession_of(name) == name
    index = IdIndex(["pdb|1ABC|A", "gi|12|ref|NP_1.2|"])
    assert index.rows(["1ABC", "A", "12", "NP_1.2"]).tolist() == [-1, -1, -1, -1]


def test_accession_and_full_header_stand_for_each_other() -> None:
    index = IdIndex(["sp|P1|A", "Q2", "tr|R3|B", "sp|R3|C"])
    assert index.rows(["P1", "sp|P1|A", "tr|P1|other", "sp|Q2|Z"]).tolist() == [0, 0, 0, 1]
    assert index.rows(["R3", "tr|R3|B", "none"]).tolist() == [-1, 2, -1]
    assert index.rows([]).dtype == np.int64


def test_an_exact_id_comes_before_an_accession() -> None:
    assert IdIndex(["sp|P1|A", "P1"]).rows(["P1", "sp|P1|A"]).tolist() == [1, 0]


def test_another_accession_with_the_same_name_is_another_protein() -> None:
    assert IdIndex(["sp|P1|A"]).rows(["sp|P2|A"]).tolist() == [-1]
    assert IdIndex(["A"]).rows(["sp|P2|A"]).tolist() == [0]


def test_isoforms_are_other_proteins() -> None:
    index = IdIndex(["sp|P1-2|A_HUMAN"])
    assert index.rows(["P1-2", "P1", "A_HUMAN", "P1-1"]).tolist() == [0, -1, -1, -1]
    assert IdIndex(["sp|P1|A_HUMAN", "sp|P1-2|A_HUMAN"]).rows(["A_HUMAN", "P1-2"]).tolist() == [
        0,
        1,
    ]


def test_an_equal_sequence_is_found_where_no_id_is() -> None:
    index = IdIndex(["A", "B", "C"], ["h1", "", "h1"])
    assert index.rows(["X", "B", "Y", "Z"], ["h1", "h1", "", "h2"]).tolist() == [0, 1, -1, -1]
    assert IdIndex(["A"]).rows(["X"], ["h1"]).tolist() == [-1]


def test_every_kind_of_list_is_looked_up_alike() -> None:
    index = IdIndex(["A", "sp|B|N"])
    asked = ["B", "A", "B", "none"]
    for ids in (asked, tuple(asked), np.array(asked), np.array(asked, dtype=object), iter(asked)):
        assert index.rows(ids).tolist() == [1, 0, 1, -1]


def test_output_names_a_protein_by_accession_unless_another_shares_it() -> None:
    index = IdIndex(["sp|P1|A", "tr|Q2|B", "Q2", "plain", "sp|R3-2|C", "sp|S4|D", "tr|S4|E"])
    expected = ["P1", "tr|Q2|B", "Q2", "plain", "R3-2", "sp|S4|D", "tr|S4|E"]
    assert index.names.tolist() == expected
    assert index.rows(index.names).tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("known", "asked", "what"),
    [
        ("NP_1.2", "NP_1", "the version"),
        ("NP_1", "NP_1.3", "the version"),
        ("P1", "9606.P1", "the prefix"),
        ("P1", "uniprotkb:P1", "the prefix"),
        ("sp|P1|A_HUMAN", "UniRef50_P1", "the prefix"),
        ("sp|P1|A_HUMAN", "P1-1", "the isoform"),
        ("sp|P1-2|A_HUMAN", "P1", "the isoform"),
        ("sp|P1|A_HUMAN", "a_human", "upper and lower case"),
        ("ENSP1", "9606.ENSP1.4", "the prefix and the version"),
    ],
)
def test_a_hint_names_the_id_that_would_match_and_what_differs(
    known: str, asked: str, what: str
) -> None:
    index = IdIndex(["Q9", known])
    assert index.rows([asked]).tolist() == [-1]
    assert index.hint(asked) == f"did you mean {known}? They differ in {what}"
    assert index.example(["none", asked]) == f"{asked} ({index.hint(asked)})"


def test_a_hint_names_both_proteins_that_share_an_alias() -> None:
    index = IdIndex(["tr|R3|B", "sp|R3|C", "sp|P1|N", "sp|P2|N"])
    assert "R3 stands for tr|R3|B and for sp|R3|C" in index.hint("R3")
    assert "N stands for sp|P1|N and for sp|P2|N" in index.hint("N")
    assert index.rows(["R3", "N"]).tolist() == [-1, -1]


def test_examples_without_a_hint_come_in_their_order() -> None:
    assert IdIndex(["A"]).examples(["Z", "Y", "X"], 2) == ("Z", "Y")
    assert IdIndex(["A"]).hint("Z") == ""


def test_the_shortest_spelling_stands_for_all() -> None:
    assert one_spelling(["sp|P1|A_HUMAN", "P1", "Q2"]) == {"sp|P1|A_HUMAN": "P1"}
    assert one_spelling(["A_HUMAN", "P1", "sp|P1|A_HUMAN"]) == {
        "A_HUMAN": "P1",
        "sp|P1|A_HUMAN": "P1",
    }
    assert one_spelling(["sp|P1|A", "tr|P1|B"]) == {"tr|P1|B": "sp|P1|A"}
    assert one_spelling(["P1", "A_HUMAN", "pdb|P1|B", "P1-2", "P1.1"]) == {}


def test_a_name_that_two_accessions_share_stands_alone() -> None:
    assert one_spelling(["sp|P1|N", "sp|P2|N", "N"]) == {}


@given(st.lists(st.sampled_from(SPELLINGS)))
def test_one_spelling_knows_no_order_and_needs_no_second_pass(ids: list[str]) -> None:
    found = one_spelling(ids)
    assert found == one_spelling(reversed(ids))
    renamed = [found.get(name, name) for name in ids]
    assert set(renamed) <= set(ids)
    assert not one_spelling(renamed)


@given(st.sets(st.sampled_from(SPELLINGS), min_size=1))
def test_every_id_of_a_list_finds_itself(ids: set[str]) -> None:
    listed = sorted(ids)
    assert IdIndex(listed).rows(listed).tolist() == [*range(len(listed))]


def test_values_are_looked_up_under_any_spelling() -> None:
    assert looked_up({"sp|P1|A": 3, "Q2": 4}, ["P1", "Q2", "A", "none"]) == [3, 4, 3, None]
