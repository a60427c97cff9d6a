"""Ids of one protein in many spellings: hinted at, matched on request, and never misread."""

from itertools import product

import pytest

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.sequences import IdIndex
from ppi_ratio.sequences.spellings import MATCHABLE

ACCESSIONS = ("P10001", "Q9H0H5", "A0A024RBG1", "NP_000001", "ENSP00000000003", "AT1G00010")
SPELLED = {  # kind of difference: how an accession may be written
    "version": ("{}.1",),
    "prefix": (
        *("uniprotkb:{}", "9606.{}", "UniRef50_{}", "UniRef100_{}", "refseq:{}", "ensembl:{}"),
        *("gi|123|ref|{}|", "lcl|{}", "hsa:{}"),
    ),
    "case": ("{lower}",),
}
SAME = [
    (kind, name, form.format(name, lower=name.lower()))
    for name in ACCESSIONS
    for kind, forms in SPELLED.items()
    for form in forms
] + [
    *(("isoform", name, f"{name}-1") for name in ACCESSIONS[:3]),
    *(("isoform", "g17", "g17.t1"), ("isoform", "CG1234", "CG1234-PA")),
    *(("isoform", "CG1234-RA", "CG1234-PA"), ("isoform", "Zm00001d027", "Zm00001d027_P001")),
    *(("version", "NP_000001.1", "NP_000001.2"), ("version", "Q20017.1", "Q20017.3")),
    *(("version", "P10001", "P10001.17"), ("prefix", "uniprotkb:P10001", "UniRef90_P10001")),
]
HINTED = [  # may be other proteins: a hint, and never a match
    *(("P10009", "P10009-2"), ("P10009-3", "P10009"), ("g17", "g17.t2"), ("CG1234", "CG1234-RB")),
    *(("AT1G00010", "AT1G00010.2"), ("F56D2", "F56D2.7"), ("HSP70", "HSP70-1")),
    *(("1ABC_A", "1ABC_1|Chains"), ("1ABC", "1ABC_A"), ("pdb|1ABC|A", "1ABC_2|Chain")),
]
APART = [  # other proteins, though the ids are alike
    *(("9606.TP53", "10090.TP53"), ("hsa:TP53", "mmu:TP53"), ("F56D2.1", "F56D2.7")),
    *(("AT1G00010.1", "AT1G00010.2"), ("P10009-1", "P10009-2"), ("CG1234-RA", "CG1234-PB")),
    *(("1ABC_A", "1ABC_B"), ("1ABC_1|Chains", "1ABC_2|Chains"), ("HGNC:7157", "7157")),
    *(("hsa:7157", "7157"), ("g17.t1", "g17.t2"), ("P10001", "P10002"), ("YAL001C", "YAL001C-A")),
    *(("NP_000001", "XP_000001"), ("IL1A", "IL1B"), ("HLA-DRA", "HLA-D")),
]
BOTH_WAYS = [0, 1]


def test_there_are_many_variants() -> None:
    assert 2 * len(SAME) >= 50


@pytest.mark.parametrize("turned", BOTH_WAYS)
@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_a_spelling_is_matched_on_request_and_hinted_at_without(
    kind: str, one: str, other: str, turned: int
) -> None:
    listed, asked = (other, one) if turned else (one, other)
    plain = IdIndex(["X12345", listed])
    assert plain.rows([asked]).tolist() == [-1]
    assert f"did you mean {listed}?" in plain.hint(asked)
    assert plain.hints([asked])[0].endswith(f"e.g. {asked} and {listed}")
    assert "may be other proteins" not in plain.hints([asked])[0]
    assert IdIndex(["X12345", listed], match=[kind]).rows([asked]).tolist() == [1]
    others = {*MATCHABLE} - {kind}
    assert IdIndex(["X12345", listed], match=others).rows([asked]).tolist() == [-1]


@pytest.mark.parametrize("turned", BOTH_WAYS)
@pytest.mark.parametrize(("one", "other"), HINTED)
def test_what_may_be_another_protein_is_hinted_at_and_never_matched(
    one: str, other: str, turned: int
) -> None:
    listed, asked = (other, one) if turned else (one, other)
    index = IdIndex([listed], match=MATCHABLE)
    assert index.rows([asked]).tolist() == [-1]
    assert index.hint(asked).startswith(f"did you mean {listed}?")
    assert "may be other proteins" in index.hints([asked])[0]


@pytest.mark.parametrize("turned", BOTH_WAYS)
@pytest.mark.parametrize(("one", "other"), APART)
def test_other_proteins_are_neither_matched_nor_hinted_at(
    one: str, other: str, turned: int
) -> None:
    listed, asked = (other, one) if turned else (one, other)
    index = IdIndex([listed], match=MATCHABLE)
    assert index.rows([asked]).tolist() == [-1]
    assert index.hint(asked) == ""


def test_several_differences_are_matched_if_all_are_asked_for() -> None:
    for match, row in ((("version",), -1), (("prefix",), -1), (("version", "prefix"), 0)):
        assert IdIndex(["ENSP00000000003.4"], match=match).rows(["9606.ENSP00000000003"]) == row


def test_an_id_that_may_be_two_proteins_is_refused_with_both() -> None:
    index = IdIndex(["P10001.1", "P10001.2"], match=["version"])
    assert index.rows(["P10001.1"]).tolist() == [0]
    with pytest.raises(InputError, match=r"P10001 may be P10001\.1 or P10001\.2"):
        index.rows(["P10001"])


def test_ids_of_two_species_are_not_matched_with_one_protein() -> None:
    index = IdIndex(["TP53"], match=["prefix"])
    assert index.rows(["9606.TP53"]).tolist() == [0]
    with pytest.raises(InputError, match=r"9606\.TP53 and 10090\.TP53 would both be TP53"):
        index.rows(["9606.TP53", "10090.TP53"])


def test_an_exact_id_and_an_alias_come_before_a_match() -> None:
    index = IdIndex(["P10001", "p10001", "sp|Q9H0H5|A_HUMAN"], match=MATCHABLE)
    assert index.rows(["p10001", "P10001", "Q9H0H5", "A_HUMAN"]).tolist() == [1, 0, 2, 2]
    assert index.replaced(["p10001", "Q9H0H5", "q9h0h5"]) == {"q9h0h5": "Q9H0H5"}


def test_hints_are_counted_by_kind_and_told_with_an_id_of_the_list() -> None:
    index = IdIndex(["Q00001", "Q00002", "Q00003", "NP_000004.2"])
    missing = ["Q00001.1", "Q00002.2", "NP_000004", "9606.Q00003", "none", "q00001"]
    assert index.hints(missing) == (
        "3 differ in the version, e.g. Q00001.1 and Q00001",
        "1 differs in the prefix, e.g. 9606.Q00003 and Q00003",
        "1 differs in upper and lower case, e.g. q00001 and Q00001",
    )
    assert index.told(missing, "the vectors").endswith("; the vectors have e.g. Q00001")
    assert index.told(["none"], "the vectors") == "none; the vectors have e.g. Q00001"


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="no kind of difference 'chain'; choose of version"):
        IdIndex(["A"], match=["chain"])


@pytest.mark.parametrize(("first", "second"), [*product(ACCESSIONS, ACCESSIONS)])
def test_no_spelling_of_one_accession_names_another(first: str, second: str) -> None:
    spellings = [other for _, name, other in SAME if name == second]
    index = IdIndex([first], match=MATCHABLE)
    expected = 0 if first == second else -1
    assert {*index.rows(spellings).tolist()} == {expected}
