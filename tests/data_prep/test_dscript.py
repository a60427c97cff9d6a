from pathlib import Path

import pytest
from source_samples import DSCRIPT, text

import ppi_ratio as pr
from data_prep.dscript import DScript, Table
from ppi_ratio.errors import ConfigError


def test_labels_are_kept(tmp_path: Path) -> None:
    product = DScript().parse(text(DSCRIPT)(tmp_path))
    assert product.pairs.frame.to_numpy().tolist() == [
        ["4932.YMR188C", "4932.YOR182C", 1],
        ["4932.YGL103W", "4932.YPL013C", 1],
        ["4932.YGL103W", "4932.YOR182C", 0],
    ]


def test_repeated_reversed_self_and_contradictory_rows_are_counted(tmp_path: Path) -> None:
    more = (
        "4932.YMR188C\t4932.YOR182C\t1\n"
        "4932.YPL013C\t4932.YGL103W\t1.0\n"
        "4932.YGL103W\t4932.YGL103W\t0\n"
        "4932.YMR188C\t4932.YOR182C\t0\n"
        "4932.YMR188C\t4932.YOR182C\tmaybe\n"
    )
    product = DScript().parse(text(DSCRIPT + more)(tmp_path))
    assert {drop.reason: drop.count for drop in product.drops} == {
        "not of this format": 1,
        "self pairs": 1,
        "repeated": 1,
        "repeated in reverse": 1,
        "with both labels (kept as interactions)": 1,
    }
    assert product.n_rows == 8
    assert len(product.pairs) == 3


def test_sequences_of_the_table_are_written_beside_it(tmp_path: Path) -> None:
    fasta = text(">4932.YMR188C\nMK\n>4932.YOR182C\nMV\n>4932.Q0010\nMY\n", "all.fasta")(tmp_path)
    product = DScript(fasta=fasta).parse(text(DSCRIPT)(tmp_path))
    product.write(tmp_path / "out.tsv")
    written = pr.read_fasta(tmp_path / "out.fasta")
    assert set(written.ids) == {"4932.YMR188C", "4932.YOR182C"}
    assert product.notes == ("2 of 4 proteins have no sequence, e.g. 4932.YGL103W",)
    assert len(product.pairs) == 3


def test_a_table_is_downloaded_with_its_sequences() -> None:
    pairs, fasta = DScript(table=Table.yeast_test).downloads(main=True)
    assert pairs.url.endswith("/data/pairs/yeast_test.tsv")
    assert fasta.url.endswith("/data/seqs/yeast.fasta")
    with pytest.raises(ConfigError, match=r"`table`\): .* ecoli_test"):
        DScript().downloads(main=True)
