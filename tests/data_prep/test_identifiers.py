from pathlib import Path

import pytest
from source_samples import UNIPROT, text

from data_prep.identifiers import is_accession, read_mapping, without_isoform
from ppi_ratio.errors import InputError


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("P04637", "P04637"),
        ("A0A024R1R8", "A0A024R1R8"),
        ("P04637-2", "P04637"),
        ("P05067-PRO_0000000092", "P05067"),
        ("P05067:PRO_0000000092", "P05067"),
    ],
)
def test_accessions_with_isoforms_and_chains(name: str, bare: str) -> None:
    assert is_accession(name)
    assert without_isoform(name) == bare


@pytest.mark.parametrize("name", ["TP53", "P53_HUMAN", "ENSP00000000233", "4932.YMR188C", "p04637"])
def test_other_ids_are_not_accessions_and_stay_unchanged(name: str) -> None:
    assert not is_accession(name)
    assert without_isoform(name) == name


@pytest.mark.parametrize("separator", ["\t", ",", " "])
def test_a_table_maps_its_first_column_to_its_second(separator: str, tmp_path: Path) -> None:
    rows = [("From", "To", "x"), ("TP53", "P04637", ""), ("TP53", "K7PPA8", ""), ("A", "B", "")]
    content = "\n".join(separator.join(row) for row in rows)
    found = read_mapping(text(content, "mapping.txt")(tmp_path))
    assert found.find("TP53") == ("P04637", "K7PPA8")
    assert found.find("A") == ("B",)
    assert found.find("unknown") == ()


def test_an_id_is_found_with_and_without_its_taxon(tmp_path: Path) -> None:
    found = read_mapping(text("ENSP1\tP04637\n9606.ENSP2\tP84085\n")(tmp_path))
    assert found.find("9606.ENSP1") == ("P04637",)
    assert found.find("9606.ENSP2") == ("P84085",)


def test_fasta_headers_map_entry_names_genes_and_accessions(tmp_path: Path) -> None:
    found = read_mapping(text(UNIPROT, "proteome.fasta")(tmp_path))
    assert found.find("P53_HUMAN") == ("P04637", "P04637-2")
    assert found.find("TP53") == ("P04637", "P04637-2", "K7PPA8")  # reviewed ones first
    assert found.find("K7PPA8") == ("K7PPA8",)
    assert found.within({"K7PPA8"}).find("TP53") == ("K7PPA8",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("TP53\nEGFR\n", "expected two columns"),
        ("", "expected two"),
        (">P04637\nMK\n", "no header"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_mapping(text(content)(tmp_path))
