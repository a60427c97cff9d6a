from pathlib import Path

import pytest
from source_samples import HUMAN, mitab_row, zipped

from data_prep.mitab import Mitab
from data_prep.products import PairProduct
from ppi_ratio.errors import ConfigError

A, B, C, D = (f"uniprotkb:{accession}" for accession in ("P84085", "Q13976", "P45985", "Q14315"))
MOUSE = "taxid:10090(mouse)|taxid:10090(Mus musculus)"
SPOKE = 'psi-mi:"MI:1060"(spoke expansion)'


def parsed(folder: Path, *rows: str, **settings: object) -> PairProduct:
    path = folder / "intact.txt"
    path.write_text("#ID(s) interactor A\tID(s) interactor B\n" + "".join(rows))
    return Mitab(**settings).parse(path)  # pyright: ignore[reportArgumentType] -- as they come


def pairs_of(product: PairProduct) -> list[list[str]]:
    return product.pairs.frame.to_numpy().tolist()


def reasons(product: PairProduct) -> dict[str, int]:
    return {drop.reason: drop.count for drop in product.drops}


@pytest.mark.parametrize("width", [15, 36, 42, 46])
def test_every_version_is_read(width: int, tmp_path: Path) -> None:
    product = parsed(tmp_path, mitab_row(A, B, width=width), mitab_row(B, C, width=width))
    assert pairs_of(product) == [["P84085", "Q13976"], ["P45985", "Q13976"]]
    assert product.scores is not None
    assert product.scores.tolist() == [0.56, 0.56]


def test_a_pair_has_the_highest_score_of_its_experiments(tmp_path: Path) -> None:
    rows = [
        mitab_row(*sides, confidence=f"intact-miscore:{score}")
        for sides, score in (((A, B), 0.4), ((B, A), 0.9), ((A, B), 0.6), ((C, D), 0.3))
    ]
    product = parsed(tmp_path, *rows)
    assert product.scores is not None
    assert product.scores.tolist() == [0.9, 0.3]
    assert reasons(product) == {"repeated": 1, "repeated in reverse": 1}


def test_scores_are_left_out_where_some_pair_has_none(tmp_path: Path) -> None:
    product = parsed(tmp_path, mitab_row(A, B), mitab_row(C, D, confidence="-"))
    assert len(product.pairs) == 2
    assert product.scores is None


def test_a_minimal_score_refuses_low_ones_and_missing_ones(tmp_path: Path) -> None:
    rows = [mitab_row(A, B), mitab_row(A, C, confidence="-"), mitab_row(A, D)]
    product = parsed(tmp_path, *rows, min_score=0.5)
    assert len(product.pairs) == 2
    assert reasons(product) == {"without a score": 1}
    low = mitab_row(B, C, confidence="intact-miscore:0.49")
    assert reasons(parsed(tmp_path, *rows, low, min_score=0.5))["below the minimal score"] == 1


def test_only_proteins_with_accessions_and_two_ends_are_kept(tmp_path: Path) -> None:
    product = parsed(
        tmp_path,
        mitab_row(A, "chebi:CHEBI:15422"),
        mitab_row(A, "intact:EBI-999", alternatives=("-", "uniprotkb:notanaccession")),
        mitab_row(A, "-"),
        mitab_row(
            "entrez gene/locuslink:6416",
            "entrez gene/locuslink:2318",
            alternatives=(
                "biogrid:112315|uniprot/swiss-prot:P45985|refseq:NP_003001",
                "biogrid:108607|uniprot/swiss-prot:Q14315",
            ),
        ),
    )
    assert pairs_of(product) == [["P45985", "Q14315"]]
    assert reasons(product) == {
        "with an interactor that has no UniProt accession": 2,
        "with fewer than two ids": 1,
    }


def test_both_interactors_must_be_of_the_organism(tmp_path: Path) -> None:
    rows = [
        mitab_row(A, B),
        mitab_row(A, C, taxa=(HUMAN, MOUSE)),
        mitab_row(A, D, taxa=(MOUSE, MOUSE)),
    ]
    product = parsed(tmp_path, *rows, organism=9606)
    assert pairs_of(product) == [["P84085", "Q13976"]]
    assert reasons(product) == {"of other organisms": 2}
    assert len(parsed(tmp_path, *rows).pairs) == 3


def test_pairs_reported_not_to_interact_are_never_joint(tmp_path: Path) -> None:
    product = parsed(tmp_path, mitab_row(A, B), mitab_row(A, C, negative="true"))
    assert reasons(product) == {"reported not to interact": 1}


def test_by_default_only_physical_interactions_are_kept(tmp_path: Path) -> None:
    kinds = [
        'psi-mi:"MI:0407"(direct interaction)',
        'psi-mi:"MI:0403"(colocalization)',
        'psi-mi:"MI:0794"(synthetic genetic interaction defined by inequality)',
        'psi-mi:"MI:0914"(association)',
    ]
    rows = [mitab_row(A, f"uniprotkb:Q1431{at}", kind=kind) for at, kind in enumerate(kinds)]
    product = parsed(tmp_path, *rows)
    assert [right for _, right in pairs_of(product)] == ["Q14310", "Q14313"]
    assert reasons(product) == {"without physical interaction": 2}
    narrow = parsed(tmp_path, *rows, kinds=["MI:0407", "MI:0403"])
    assert [right for _, right in pairs_of(narrow)] == ["Q14310", "Q14311"]
    assert reasons(narrow) == {"of another interaction type": 2}


def test_an_interaction_type_is_written_as_a_term() -> None:
    with pytest.raises(ConfigError, match="like MI:0407"):
        Mitab(kinds=["0407"])


def test_pairs_expanded_from_complexes_are_kept_unless_drop_spoke_is_given(tmp_path: Path) -> None:
    rows = [mitab_row(A, B), mitab_row(A, C, expansion=SPOKE)]
    assert len(parsed(tmp_path, *rows).pairs) == 2
    product = parsed(tmp_path, *rows, drop_spoke=True)
    assert pairs_of(product) == [["P84085", "Q13976"]]
    assert reasons(product) == {"expanded from a complex": 1}


def test_drop_spoke_is_refused_for_version_2_5(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"line 2 has 15 columns; `drop_spoke` needs column 16"):
        parsed(tmp_path, mitab_row(A, B, width=15), drop_spoke=True)


def test_isoforms_and_chains_are_proteins_of_their_own_unless_stripped(tmp_path: Path) -> None:
    rows = [
        mitab_row("uniprotkb:P84085-2", B),
        mitab_row(A, B),
        mitab_row("uniprotkb:P05067-PRO_0000000092", 'uniprotkb:"Q13976"'),
    ]
    assert len(parsed(tmp_path, *rows).pairs) == 3
    stripped = parsed(tmp_path, *rows, strip_isoforms=True)
    assert pairs_of(stripped) == [["P84085", "Q13976"], ["P05067", "Q13976"]]
    assert reasons(stripped) == {"repeated": 1}


def test_short_rows_are_counted_with_their_lines(tmp_path: Path) -> None:
    product = parsed(tmp_path, mitab_row(A, B), mitab_row(A, C), mitab_row(A, D, width=9))
    assert reasons(product) == {"not of this format": 1}
    assert "(line 4)" in product.drops[0].examples[0]


def test_the_table_of_negative_interactions_in_intacts_zip_file_is_not_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "human.zip"
    path.write_bytes(zipped({"human_negative.txt": "x", "human.txt": mitab_row(A, B)}))
    assert len(Mitab(organism=9606).parse(path).pairs) == 1


def test_for_humans_only_the_human_part_is_downloaded() -> None:
    (human,) = Mitab(organism=9606).downloads(main=True)
    (other,) = Mitab(organism=559292).downloads(main=True)
    assert human.url.endswith("/psimitab/species/human.zip")
    assert other.url.endswith("/psimitab/intact.zip")
    assert human.name != other.name
