from pathlib import Path

import pytest
from source_samples import HIPPIE, UNIPROT, text

from data_prep.hippie import Hippie, HippieId


def test_pairs_with_at_least_the_lowest_score_are_kept_with_their_scores(tmp_path: Path) -> None:
    product = Hippie(min_score=0.7).parse(text(HIPPIE)(tmp_path))
    assert product.pairs.frame.to_numpy().tolist() == [["ACHA_HUMAN", "ITA7_HUMAN"]]
    assert product.scores is not None
    assert product.scores.tolist() == [0.73]
    assert {drop.reason: drop.count for drop in product.drops} == {
        "below the minimal score": 1,
        "self pairs": 1,
    }


def test_entrez_genes_can_name_proteins(tmp_path: Path) -> None:
    product = Hippie(min_score=0, ids=HippieId.entrez).parse(text(HIPPIE)(tmp_path))
    assert product.pairs.frame.to_numpy().tolist() == [["1134", "3679"], ["55607", "71"]]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("\t216\tACHA_HUMAN\t1134\t0.7\tx", "with fewer than two ids"),
        ("A_HUMAN\t216\tACHA_HUMAN\t1134\thigh\tx", "not of this format"),
        ("A_HUMAN\t216\tACHA_HUMAN\t1134\t7.0\tx", "not of this format"),
        ("A_HUMAN\t216\tACHA_HUMAN", "not of this format"),
    ],
)
def test_bad_rows_are_counted_with_their_line(row: str, reason: str, tmp_path: Path) -> None:
    drops = Hippie(min_score=0).parse(text(HIPPIE + row + "\n")(tmp_path)).drops
    assert [(drop.reason, drop.count) for drop in drops[:1]] == [(reason, 1)]
    assert drops[0].examples[0].endswith("(line 4)")


def test_the_first_of_several_names_is_taken(tmp_path: Path) -> None:
    row = "1A01_HUMAN,1A02_HUMAN\t3105\tACTG_HUMAN\t71\t0.9\tx\n"
    product = Hippie(min_score=0.8).parse(text(HIPPIE + row)(tmp_path))
    assert product.pairs.frame.to_numpy().tolist() == [["1A01_HUMAN", "ACTG_HUMAN"]]


def test_names_become_accessions_by_the_headers_of_uniprots_fasta(tmp_path: Path) -> None:
    row = "P53_HUMAN\t7157\tP53_MOUSE\t22059\t0.9\tx\n"
    fasta = text(UNIPROT, "proteome.fasta")(tmp_path)
    product = Hippie(min_score=0, mapping=fasta).parse(text(HIPPIE + row)(tmp_path))
    assert product.pairs.frame.to_numpy().tolist() == [["P02340", "P04637"]]
    assert {d.reason: d.count for d in product.drops} == {
        "with an id that the mapping does not have": 3
    }
