"""Tables that hold sequences where others hold ids."""

from pathlib import Path

import numpy as np
import pytest
from command_line import Run

import ppi_ratio as pr
from ppi_ratio.pairs import read_candidates, read_pair_sequences
from ppi_ratio.pairs.residues import sequence_id

RNG = np.random.default_rng(0)


def residues(length: int) -> str:
    return "".join(RNG.choice(list("ACDEFGHIKLMNPQRSTVWY"), length))


PROTEINS = ["M" + residues(40) for _ in range(30)]
PAIRS = [
    (PROTEINS[i], PROTEINS[j], (i + j) % 2)
    for i in range(30)
    for j in range(i + 1, i + 6, 2)
    if j < 30
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The layout of PLM-interact."""
    path = tmp_path / "pairs.csv"
    rows = "".join(f"{left},{right},{label}\n" for left, right, label in PAIRS)
    path.write_text("query,text,label\n" + rows)
    return path


def test_a_protein_without_a_name_is_named_by_its_sequence(table: Path) -> None:
    pairs = pr.read_pairs(table, directed=False)
    assert len(pairs) == len(PAIRS)
    assert set(pairs.ids) == {sequence_id(text) for text in PROTEINS}
    assert set(pairs.sequences.values()) == set(PROTEINS)
    candidates = read_candidates(table)
    assert candidates["left"].tolist() == [sequence_id(left) for left, *_ in PAIRS]


def test_short_peptides_are_sequences_only_under_a_name_that_says_so(tmp_path: Path) -> None:
    rows = "".join(f"C{residues(10)}F,{residues(9)},1\n" for _ in range(9))
    path = tmp_path / "tcr.csv"
    path.write_text("CDR3.beta,Epitope,Label\n" + rows)
    assert pr.read_pairs(path, directed=True).ids[0].startswith("seq_")
    path.write_text(rows)
    assert not pr.read_pairs(path, directed=True).sequences


def test_names_of_genes_are_no_sequences(tmp_path: Path) -> None:
    path = tmp_path / "genes.tsv"
    path.write_text("gene1\tgene2\nMYC\tMAX\nKIT\tFAS\nACTN\tMYC\n")
    assert pr.read_pairs(path, directed=False).ids == ("ACTN", "FAS", "KIT", "MAX", "MYC")


def test_a_table_of_sequences_is_split_embedded_and_scored(
    table: Path, run: Run, tmp_path: Path
) -> None:
    assert (
        run(
            "split", table, "--undirected", "--seed", 0, "--by", "pair", "--out", tmp_path / "parts"
        ).code
        == 0
    )
    assert len(pr.read_fasta(tmp_path / "parts" / "proteins.fasta")) == len(PROTEINS)
    options = ("--encoder", "conjoint_triad", "--out")
    assert run("embed", table, *options, tmp_path / "table.h5").code == 0
    assert (
        run("embed", tmp_path / "parts" / "proteins.fasta", *options, tmp_path / "fasta.h5").code
        == 0
    )
    vectors = pr.Embeddings.read(tmp_path / "table.h5")
    assert set(vectors.ids) == set(pr.Embeddings.read(tmp_path / "fasta.h5").ids)
    few = pr.TrainerSettings(max_epochs=1, batch_size=16)
    model = pr.fit(pr.read_split(tmp_path / "parts"), vectors, trainer=few, progress=False)
    assert set(model.score(table, vectors)["note"]) == {""}


def test_files_of_ids_and_fasta_files_hold_no_table_of_sequences(tmp_path: Path) -> None:
    (tmp_path / "ids.tsv").write_text("P1\tP2\n")
    (tmp_path / "proteins.fasta").write_text(">P1\nMKV\n")
    assert read_pair_sequences(tmp_path / "ids.tsv") is None
    assert read_pair_sequences(tmp_path / "proteins.fasta") is None
