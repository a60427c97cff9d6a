from pathlib import Path

import pandas as pd
import pytest
from source_samples import OMNIPATH, text

from data_prep.omnipath import Complexes, Dataset, OmniPath
from ppi_ratio.errors import ConfigError


def test_direction_is_kept_and_complexes_are_left_out(tmp_path: Path) -> None:
    product = OmniPath().parse(text(OMNIPATH)(tmp_path))
    assert product.pairs.directed
    assert product.pairs.frame.to_numpy().tolist() == [["P00533", "P01133"], ["P01133", "P00533"]]
    assert product.pairs.both_directions == 1
    assert {d.reason: d.count for d in product.drops} == {"with a complex": 1}


def test_a_complex_expands_to_its_proteins_and_counts_as_one_row(tmp_path: Path) -> None:
    product = OmniPath(complexes=Complexes.expand).parse(text(OMNIPATH)(tmp_path))
    found = product.pairs.frame.to_numpy().tolist()
    assert found[2:] == [["P02751", "P05106"], ["P02751", "P08648"]]
    assert product.n_rows == 3


def test_rows_without_a_direction_are_left_out(tmp_path: Path) -> None:
    row = "P02751\tP05106\tFN1\tITGB3\t0\t0\t0\n"
    product = OmniPath().parse(text(OMNIPATH + row)(tmp_path))
    assert {d.reason: d.count for d in product.drops}["without a direction"] == 1


def test_a_table_saved_from_the_omnipath_package_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "source": ["P00533", "P01133"],
            "target": ["P01133", "P00533"],
            "is_directed": [True, False],
            "references": ["KEA:1,HPRD:2", 'a "quoted" one'],
        }
    )
    frame.to_csv(tmp_path / "saved.csv")  # with row names
    product = OmniPath().parse(tmp_path / "saved.csv")
    assert product.pairs.frame.to_numpy().tolist() == [["P00533", "P01133"]]


@pytest.mark.parametrize("header", ["ligand\treceptor", "Kinase\tSubstrate", "enzyme,substrate"])
def test_other_column_names_of_the_two_sides_are_known(header: str, tmp_path: Path) -> None:
    separator = "," if "," in header else "\t"
    path = text(f"{header}\nP2{separator}P1\n")(tmp_path)
    assert OmniPath().parse(path).pairs.frame.to_numpy().tolist() == [["P2", "P1"]]


def test_short_rows_are_counted(tmp_path: Path) -> None:
    product = OmniPath().parse(text(OMNIPATH + "P1\tP2\n")(tmp_path))
    assert product.drops[-1].examples == ("P1 P2 (line 5)",)


def test_the_web_service_is_asked_for_the_dataset() -> None:
    (asked,) = OmniPath(dataset=Dataset.kinase_substrate, organism=10090).downloads(main=True)
    assert asked.url.startswith("https://omnipathdb.org/interactions?datasets=kinaseextra")
    assert "organisms=10090" in asked.url
    with pytest.raises(ConfigError, match="`dataset`"):
        OmniPath().downloads(main=True)
