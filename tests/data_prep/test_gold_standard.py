from pathlib import Path

import pytest
from source_samples import BERNETT, bernett_folder, zipped

import ppi_ratio as pr
from data_prep.gold_standard import GoldStandard
from data_prep.lines import WrongFormatError
from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.pairs import read_split


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bernett_folder(tmp_path)


def test_blocks_become_the_three_labelled_tables(folder: Path, tmp_path: Path) -> None:
    product = GoldStandard().parse(folder)
    product.write(tmp_path / "gold")
    split = read_split(tmp_path / "gold")
    assert split.train.frame.to_numpy().tolist() == [
        ["P84085", "Q13976", 1],
        ["P45985", "Q13976", 1],
        ["P45985", "P84085", 0],
    ]
    assert split.validation.frame.to_numpy().tolist() == [
        ["P00533", "Q14315", 1],
        ["P01133", "Q14315", 0],
    ]
    assert split.test.frame["label"].tolist() == [1, 0]
    assert [(d.reason, d.count) for d in product.drops] == [("repeated in reverse (test)", 1)]
    assert product.n_rows == 8
    assert not product.notes  # no protein is in two parts


def test_each_written_table_can_be_read_alone(folder: Path, tmp_path: Path) -> None:
    GoldStandard().parse(folder).write(tmp_path / "gold")
    test = pr.read_pairs(tmp_path / "gold/test.tsv", directed=False)
    assert (len(test.joint), len(test.non_pairs)) == (1, 1)


def test_the_published_zip_file_is_read_as_it_is(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "21591618.zip"
    packed.write_bytes(zipped({f"deep/{name}": content for name, content in BERNETT.items()}))
    assert (
        GoldStandard().parse(packed).split.content_hash()
        == GoldStandard().parse(folder).split.content_hash()
    )


def test_sequences_are_written_beside_the_folder_and_missing_ones_named(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "human_swissprot_oneliner.fasta").write_text(">sp|P84085|A\nMK\n>Q9Y6K9\nMV\n")
    product = GoldStandard().parse(folder)
    product.write(tmp_path / "gold")
    assert pr.read_fasta(tmp_path / "gold.fasta").sequences == {"P84085": "MK"}
    assert product.notes == ("8 of 9 proteins have no sequence, e.g. P00533",)
    assert len(product.split.train) == 3


def test_a_leak_between_parts_is_noted(folder: Path) -> None:
    (folder / "Intra2_pos_rr.txt").write_text("P84085 Q13976\n")
    notes = GoldStandard().parse(folder).notes
    assert any(note.startswith("leak: ") for note in notes)


def test_a_missing_block_is_named(folder: Path) -> None:
    (folder / "Intra0_neg_rr.txt").unlink()
    with pytest.raises(InputError, match=r"Intra0_neg_rr\.txt is missing"):
        GoldStandard().parse(folder)


def test_a_block_of_another_format_is_refused(folder: Path) -> None:
    (folder / "Intra0_neg_rr.txt").write_text("P84085\tQ13976\t1\n")
    with pytest.raises(WrongFormatError, match=r"Intra0_neg_rr\.txt: line 1"):
        GoldStandard().parse(folder)


def test_the_output_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name of a folder"):
        GoldStandard.product.check_name(tmp_path / "gold.tsv")
