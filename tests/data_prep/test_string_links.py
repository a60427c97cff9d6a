from pathlib import Path

import pandas as pd
import pytest
from source_samples import ALIASES, STRING, text

import ppi_ratio as pr
from data_prep.lines import WrongFormatError
from data_prep.products import PairProduct
from data_prep.string import Network, String, read_aliases
from ppi_ratio.errors import ConfigError, InputError

ARF5, PRKG1 = "9606.ENSP00000000233", "9606.ENSP00000356607"


@pytest.fixture
def links(tmp_path: Path) -> Path:
    return text(STRING)(tmp_path)


@pytest.fixture
def aliases(tmp_path: Path) -> Path:
    return text(ALIASES, "aliases.txt")(tmp_path)


def reasons(product: PairProduct) -> dict[str, int]:
    return {drop.reason: drop.count for drop in product.drops}


def test_links_with_a_sufficient_score_are_kept_once_with_their_score(links: Path) -> None:
    product = String(min_score=700, organism=9606).parse(links)
    assert product.pairs.frame.to_numpy().tolist() == [
        [ARF5, PRKG1],
        ["9606.ENSP00000000412", PRKG1],
    ]
    assert product.scores is not None
    assert product.scores.tolist() == [973, 700]
    assert reasons(product) == {
        "below the minimal score": 2,
        "of other organisms": 1,
        "repeated in reverse": 1,
    }
    assert product.drops[0].examples[0].endswith("(line 4)")
    assert product.n_rows == 6


def test_a_written_table_can_be_filtered_by_score_again(links: Path, tmp_path: Path) -> None:
    String(min_score=0).parse(links).write(tmp_path / "out.tsv")
    assert sorted(pd.read_csv(tmp_path / "out.tsv", sep="\t")["source_score"]) == [
        *(154, 700, 900, 973)
    ]
    assert len(pr.read_pairs(tmp_path / "out.tsv", directed=False)) == 4
    assert len(pr.read_pairs(tmp_path / "out.tsv", directed=False, min_score=900.0)) == 2


def test_aliases_list_the_accession_of_hgnc_first_and_then_short_ones(aliases: Path) -> None:
    found = read_aliases(aliases)
    assert found.find(ARF5) == ("P84085", "P26437", "A0A2R8Y7Q4")
    assert found.find(PRKG1) == ("Q13976", "A0A024R1R8")
    assert found.find("9606.ENSP00000427567") == ()


def test_ids_become_accessions_and_pairs_without_one_are_counted(
    links: Path, aliases: Path
) -> None:
    product = String(min_score=0, organism=9606, aliases=aliases).parse(links)
    assert product.pairs.frame.to_numpy().tolist() == [["P84085", "Q13976"]]
    assert reasons(product)["with an id that the mapping does not have"] == 3
    assert "2 ids map to several accessions" in product.notes[0]


def test_a_proteome_decides_which_of_several_accessions_is_taken(
    links: Path, aliases: Path, tmp_path: Path
) -> None:
    fasta = text(">sp|P26437|OLD\nMK\n>A0A024R1R8\nMV\n", "proteome.fasta")(tmp_path)
    product = String(min_score=700, organism=9606, aliases=aliases, proteome=fasta).parse(links)
    assert product.pairs.frame.to_numpy().tolist() == [["A0A024R1R8", "P26437"]]
    assert not product.notes


def test_what_is_downloaded_follows_the_settings(aliases: Path) -> None:
    urls = [d.url for d in String(min_score=1, organism=9606, uniprot=True).downloads(main=True)]
    folder = "https://stringdb-downloads.org/download"
    assert urls == [
        f"{folder}/protein.physical.links.v12.0/9606.protein.physical.links.v12.0.txt.gz",
        f"{folder}/protein.aliases.v12.0/9606.protein.aliases.v12.0.txt.gz",
    ]
    full = String(min_score=1, organism=4932, network=Network.full, aliases=aliases, uniprot=True)
    assert [d.name for d in full.downloads(main=True)] == ["4932.protein.links.v12.0.txt.gz"]
    with pytest.raises(ConfigError, match=r"`organism`\), e\.g\. 9606"):
        String(min_score=1).downloads(main=True)


def test_rows_of_another_format_are_counted_and_refused_if_they_are_most_rows(
    tmp_path: Path,
) -> None:
    header, row = STRING.splitlines()[:2]
    some = text("\n".join([header, row, row, "9606.A 9606.B", "9606.A 9606.B high"]))(tmp_path)
    product = String(min_score=0).parse(some)
    assert reasons(product) == {"not of this format": 2, "repeated": 1}
    assert product.drops[0].examples == ("9606.A 9606.B (line 4)", "9606.A 9606.B high (line 5)")
    most = text("\n".join([header, row, "9606.A 9606.B", "9606.A 9606.B"]))(tmp_path)
    with pytest.raises(WrongFormatError, match="2 of 3 rows are not of this format"):
        String(min_score=0).parse(most)


def test_a_lowest_score_above_all_scores_is_reported(links: Path) -> None:
    with pytest.raises(InputError, match=r"no pair is left of 6 rows \(6 below the minimal"):
        String(min_score=1000).parse(links)


def test_a_table_that_is_no_aliases_file_is_refused(links: Path) -> None:
    with pytest.raises(WrongFormatError, match="expected STRING aliases"):
        read_aliases(links)
