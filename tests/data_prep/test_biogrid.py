from pathlib import Path

import pytest
from source_samples import BIOGRID_HEADER, FLNC, MAP2K4, biogrid_row, zipped

from data_prep.biogrid import BioGrid, BioGridId
from data_prep.lines import WrongFormatError
from ppi_ratio.errors import InputError

UBC = ("7316", "UBC", "P0CG48|P0CG47")
NO_PROTEIN = ("100507", "LINC1", "-")
ROWS = [
    biogrid_row(MAP2K4, FLNC),
    biogrid_row(FLNC, MAP2K4, method="Affinity Capture-Western"),
    biogrid_row(MAP2K4, UBC, kind="genetic", method="Synthetic Lethality"),
    biogrid_row(MAP2K4, UBC, taxa=(9606, 10090)),
    biogrid_row(UBC, FLNC, method="Affinity Capture-RNA"),
    biogrid_row(UBC, FLNC, method="Two-hybrid"),
    biogrid_row(FLNC, NO_PROTEIN),
    "103\t6416\t2318\n",
]


@pytest.fixture
def tab3(tmp_path: Path) -> Path:
    path = tmp_path / "BIOGRID-ALL-4.4.235.tab3.txt"
    path.write_text(BIOGRID_HEADER + "".join(ROWS))
    return path


def test_physical_pairs_of_one_organism_by_accession(tab3: Path) -> None:
    product = BioGrid(organism=9606).parse(tab3)
    assert product.pairs.frame.to_numpy().tolist() == [["P45985", "Q14315"], ["P0CG48", "Q14315"]]
    assert {drop.reason: drop.count for drop in product.drops} == {
        "without physical interaction": 1,
        "of other organisms": 1,
        "between a protein and an RNA": 1,
        "with an interactor that has no UniProt accession": 1,
        "not of this format": 1,
        "repeated in reverse": 1,
    }
    assert product.scores is None


@pytest.mark.parametrize(
    ("ids", "first", "n_pairs"),
    [(BioGridId.symbol, ["FLNC", "MAP2K4"], 3), (BioGridId.entrez, ["2318", "6416"], 3)],
)
def test_symbols_and_entrez_genes_can_name_proteins(
    ids: BioGridId, first: list[str], n_pairs: int, tab3: Path
) -> None:
    pairs = BioGrid(organism=9606, ids=ids).parse(tab3).pairs
    assert pairs.frame.iloc[0].tolist() == first
    assert len(pairs) == n_pairs  # a gene without an accession is one


def test_genetic_interactions_and_other_organisms_on_request(tab3: Path) -> None:
    pairs = BioGrid(genetic=True).parse(tab3).pairs
    assert ["P0CG48", "P45985"] in pairs.frame.to_numpy().tolist()


def test_symbols_become_accessions_by_a_mapping(tab3: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.tsv"
    mapping.write_text("MAP2K4\tX1\nFLNC\tX2\n")
    product = BioGrid(organism=9606, ids=BioGridId.symbol, mapping=mapping).parse(tab3)
    assert product.pairs.frame.to_numpy().tolist() == [["X1", "X2"]]


def test_the_published_zip_file_is_read_as_it_is(tab3: Path, tmp_path: Path) -> None:
    packed = tmp_path / "BIOGRID-ALL-LATEST.tab3.zip"
    packed.write_bytes(zipped({tab3.name: tab3.read_text()}))
    assert BioGrid().parse(packed).pairs.content_hash() == (
        BioGrid().parse(tab3).pairs.content_hash()
    )


def test_a_zip_file_of_many_organisms_is_refused_with_advice_to_unpack_it(
    tab3: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "BIOGRID-ORGANISM-LATEST.tab3.zip"
    packed.write_bytes(zipped({"yeast.txt": "", "human.txt": tab3.read_text()}))
    with pytest.raises(InputError, match=r"holds 2 files \(yeast.txt, human.txt"):
        BioGrid().parse(packed)


def test_the_older_tables_without_accessions_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.tab2.txt"
    path.write_text("\t".join(BIOGRID_HEADER.split("\t")[:24]) + "\n103\n")
    with pytest.raises(WrongFormatError, match="expected BioGRID TAB3"):
        BioGrid().parse(path)
