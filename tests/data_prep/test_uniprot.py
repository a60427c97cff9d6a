import gzip
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from source_samples import UNIPROT, text

import ppi_ratio as pr
from data_prep.uniprot import UniProt
from ppi_ratio.errors import ConfigError, InputError


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (UniProt(), ["P04637", "P02340"]),
        (UniProt(organism=9606), ["P04637"]),
        (UniProt(organism=9606, isoforms=True), ["P04637", "P04637-2"]),
        (UniProt(organism=9606, unreviewed=True), ["P04637", "K7PPA8"]),
    ],
)
def test_the_settings_say_which_records_are_kept(
    settings: UniProt, expected: list[str], tmp_path: Path
) -> None:
    product = settings.parse(text(UNIPROT)(tmp_path))
    assert list(product.proteins.ids) == expected
    assert product.n_records == 4
    assert sum(drop.count for drop in product.drops) == 4 - len(expected)


def test_records_left_out_are_counted_with_their_lines(tmp_path: Path) -> None:
    drops = UniProt(organism=9606).parse(text(UNIPROT)(tmp_path)).drops
    assert {drop.reason: drop.examples for drop in drops} == {
        "isoforms that are not canonical": ("sp|P04637-2|P53_HUMAN (line 4)",),
        "unreviewed (TrEMBL)": ("tr|K7PPA8|K7PPA8_HUMAN (line 6)",),
        "of other organisms": ("sp|P02340|P53_MOUSE (line 8)",),
    }


def test_gzip_is_read_and_accessions_are_the_ids(tmp_path: Path) -> None:
    path = tmp_path / "proteome.fasta.gz"
    path.write_bytes(gzip.compress(UNIPROT.encode()))
    UniProt().parse(path).write(tmp_path / "out.fasta")
    assert dict(pr.read_fasta(tmp_path / "out.fasta").sequences) == {
        "P04637": "MEEPQSDPSVEPPLSQETFS",
        "P02340": "MTAMEESQSD",
    }


def test_an_organism_without_records_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no protein is left \(4 of other organisms"):
        UniProt(organism=4932).parse(text(UNIPROT)(tmp_path))


def test_the_query_to_uniprot_follows_the_settings() -> None:
    (asked,) = UniProt(proteome="UP000005640", isoforms=True).downloads(main=True)
    question = parse_qs(urlsplit(asked.url).query)
    assert question["query"] == ["(proteome:UP000005640) AND (reviewed:true)"]
    assert question["includeIsoform"] == ["true"]
    (all_of_yeast,) = UniProt(organism=559292, unreviewed=True).downloads(main=True)
    assert parse_qs(urlsplit(all_of_yeast.url).query)["query"] == ["(organism_id:559292)"]
    assert asked.name != all_of_yeast.name
    with pytest.raises(ConfigError, match="`proteome` UP000005640"):
        UniProt().downloads(main=True)
