"""Tables in the layouts of public data bases and of other tools, through audit, split and score.

The layouts are those that their makers document; the rows are made here. A layout that cannot be
read without doubt is refused, and the message names the columns with which it is read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from command_line import Run
from quick_fit import fit_with

import ppi_ratio as pr
from ppi_ratio.pairs.residues import sequence_id

N_PROTEINS = 30
RNG = np.random.default_rng(0)
RESIDUES = ["M" + "".join(RNG.choice(list("ACDEFGHIKLMNPQRSTVWY"), 40)) for _ in range(N_PROTEINS)]
CDR3S = [f"CAS{text[1:12]}F" for text in RESIDUES]
ACCESSIONS = [f"P{10000 + 7 * number}" for number in range(N_PROTEINS)]
SYMBOLS = [f"GEN{chr(65 + number % 26)}{number // 26 + 1}" for number in range(N_PROTEINS)]
ENTREZ = [str(1017 + 13 * number) for number in range(N_PROTEINS)]
STRING_IDS = [f"9606.ENSP{number:011d}" for number in range(N_PROTEINS)]
PAIRS = [
    (left, right, (left + right) % 3 > 0)
    for left in range(N_PROTEINS)
    for right in (left + 1, left + 4, left + 9)
    if right < N_PROTEINS
]


@dataclass(frozen=True)
class Layout:
    """A file, and what is to be read from it.

    Attributes:
        row: the line of a pair, from the numbers of its proteins and its label.
        ids: the ids of the proteins, as they are read.
        suffix: of the file.
        header: the lines above the pairs.
        columns: what to give for ``--columns``; empty if the file is read without.
        labelled: whether the label is read.
    """

    row: Callable[[int, int, bool], str]
    ids: list[str]
    suffix: str = ".tsv"
    header: str = ""
    columns: str = ""
    labelled: bool = False

    def write(self, path: Path) -> Path:
        lines = [self.row(*pair) for pair in PAIRS]
        path = path.with_suffix(self.suffix)
        path.write_text(self.header + "\n".join(lines) + "\n")
        return path

    @property
    def pairs(self) -> set[tuple[str, ...]]:
        """The interactions, undirected."""
        return {
            tuple(sorted((self.ids[left], self.ids[right])))
            for left, right, label in PAIRS
            if label or not self.labelled
        }


def tabs(*fields: object) -> str:
    return "\t".join(map(str, fields))


LAYOUTS = {
    "HPRD": Layout(
        lambda i, j, _: tabs(
            SYMBOLS[i], f"{i:05d}", f"NP_{i:06d}.1", SYMBOLS[j], f"{j:05d}", f"NP_{j:06d}.1",
            "in vivo;yeast 2-hybrid", f"{9000000 + i},{9100000 + j}",
        ),
        SYMBOLS,
        ".txt",
        columns="1,4",
    ),
    "HIPPIE": Layout(
        lambda i, j, _: tabs(
            f"{SYMBOLS[i]}_HUMAN", ENTREZ[i], f"{SYMBOLS[j]}_HUMAN", ENTREZ[j], f"0.{50 + i}",
            f"experiments:in vivo;pmids:{9000000 + j};sources:HPRD",
        ),
        [f"{name}_HUMAN" for name in SYMBOLS],
        ".txt",
        columns="1,3",
    ),
    "PhosphoSitePlus": Layout(
        lambda i, j, _: tabs(
            SYMBOLS[i], f"kinase {i}", ACCESSIONS[i], "human", f"protein {j}", ENTREZ[j],
            ACCESSIONS[j], SYMBOLS[j], "human", f"S{j + 5}", 447000 + i, "MILLsELsRRRIRSI", "_",
            "X", " ",
        ),
        ACCESSIONS,
        header="070126\nData extracted from PhosphoSitePlus(R), created by Cell Signaling\n\n"
        + tabs(
            "GENE", "KINASE", "KIN_ACC_ID", "KIN_ORGANISM", "SUBSTRATE", "SUB_GENE_ID",
            "SUB_ACC_ID", "SUB_GENE", "SUB_ORGANISM", "SUB_MOD_RSD", "SITE_GRP_ID",
            "SITE_+/-7_AA", "DOMAIN", "IN_VIVO_RXN", "IN_VITRO_RXN",
        )
        + "\n",
    ),
    "BioGRID TAB3": Layout(
        lambda i, j, _: tabs(
            103 + 40 * i + j, ENTREZ[i], ENTREZ[j], 112315 + i, 108607 + j, "-", "-", SYMBOLS[i],
            SYMBOLS[j], "-", "-", "Two-hybrid", "physical",
        ),
        ENTREZ,
        ".txt",
        header="#" + tabs(
            "BioGRID Interaction ID", "Entrez Gene Interactor A", "Entrez Gene Interactor B",
            "BioGRID ID Interactor A", "BioGRID ID Interactor B", "Systematic Name Interactor A",
            "Systematic Name Interactor B", "Official Symbol Interactor A",
            "Official Symbol Interactor B", "Synonyms Interactor A", "Synonyms Interactor B",
            "Experimental System", "Experimental System Type",
        ) + "\n",
    ),
    "STRING network": Layout(
        lambda i, j, _: tabs(
            SYMBOLS[i], SYMBOLS[j], STRING_IDS[i], STRING_IDS[j], 0, 0, 0, 0.062, 0.55, 0.5, 0.4,
            f"0.{700 + i}",
        ),
        SYMBOLS,
        header="#" + tabs(
            "node1", "node2", "node1_string_id", "node2_string_id",
            "neighborhood_on_chromosome", "gene_fusion", "phylogenetic_cooccurrence", "homology",
            "coexpression", "experimentally_determined_interaction", "database_annotated",
            "combined_score",
        ) + "\n",
        columns="node1,node2",
    ),
    "CellPhoneDB": Layout(
        lambda i, j, label: ",".join(
            map(
                str,
                (
                    i * 30 + j, f"CPI-SS0{i * 30 + j:05d}", ENTREZ[i], ENTREZ[j], "uniprot",
                    "curated", label, "Ligand-Receptor", "Signaling by X",
                ),
            )
        ),
        ENTREZ,
        ".csv",
        header="id_interaction,id_cp_interaction,multidata_1_id,multidata_2_id,source,"
        "annotation_strategy,is_ppi,directionality,classification\n",
        columns="multidata_1_id,multidata_2_id",
    ),
    "TEINet": Layout(
        lambda i, j, label: f"{CDR3S[i]},{CDR3S[j]},{int(label)}",
        [sequence_id(text) for text in CDR3S],
        ".csv",
        header="CDR3.beta,Epitope,Label\n",
        labelled=True,
    ),
    "seq_ppi": Layout(
        lambda i, j, label: tabs(STRING_IDS[i], STRING_IDS[j], int(label)),
        STRING_IDS,
        labelled=True,
    ),
    "SENSE-PPI": Layout(
        lambda i, j, label: tabs(STRING_IDS[i], STRING_IDS[j], int(label)),
        STRING_IDS,
        header=tabs("seq1", "seq2", "label") + "\n",
        labelled=True,
    ),
    "PLM-interact": Layout(
        lambda i, j, label: f"{RESIDUES[i]},{RESIDUES[j]},{int(label)}",
        [sequence_id(text) for text in RESIDUES],
        ".csv",
        header="query,text,label\n",
        labelled=True,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the proteins, under ids of no layout."""
    ids = [f"X{number}" for number in range(N_PROTEINS)]
    rows = [(ids[left], ids[right]) for left, right, label in PAIRS if label]
    path = tmp_path_factory.mktemp("layouts") / "pairs.csv"
    path.write_text("".join(f"{left},{right}\n" for left, right in rows))
    table = pr.read_pairs(path, directed=False)
    folder = path.with_name("model")
    fit_with(pr.Split.from_tables(train=table), of_proteins(ids), max_epochs=1).save(folder)
    return folder


def of_proteins(ids: list[str]) -> pr.Embeddings:
    matrix = np.random.default_rng(1).normal(size=(N_PROTEINS, 4)).astype(np.float32)
    return pr.Embeddings.from_arrays(ids, matrix)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_public_layout_is_read_or_refused_with_the_columns_to_name(
    name: str, run: Run, model: Path, tmp_path: Path
) -> None:
    layout = LAYOUTS[name]
    path = layout.write(tmp_path / "table")
    columns = ["--columns", layout.columns] if layout.columns else []
    if layout.columns:
        refused = run("audit", path)
        assert refused.code == 1, refused.out
        assert path.name in refused.err
        assert f"--columns {layout.columns}" in refused.err
    audited = run("audit", path, *columns)
    assert audited.code == 0, audited.err
    split = ("split", path, "--undirected", "--by", "pair", "--seed", 0, "--out", tmp_path / "s")
    divided = run(*split, *columns)
    assert divided.code == 0, divided.err
    joint = pr.read_split(tmp_path / "s").joint
    assert {tuple(sorted(pair)) for pair in joint.frame.to_numpy()} == layout.pairs
    of_proteins(layout.ids).write(tmp_path / "vectors.h5", dtype="float32")
    score = ("score", model, path, "--embeddings", tmp_path / "vectors.h5")
    scored = run(*score, "--out", tmp_path / "scores.tsv", *columns)
    assert scored.code == 0, scored.err
    assert f"{len(PAIRS)} of {len(PAIRS)} pairs scored" in scored.out
