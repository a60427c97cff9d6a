"""A few lines in the format of each source, and settings to parse and to download it."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from data_prep.dscript import Table
from data_prep.omnipath import Dataset

STRING = """\
protein1 protein2 combined_score
9606.ENSP00000000233 9606.ENSP00000356607 973
9606.ENSP00000356607 9606.ENSP00000000233 973
9606.ENSP00000000233 9606.ENSP00000427567 154
9606.ENSP00000427567 9606.ENSP00000000233 154
9606.ENSP00000000412 9606.ENSP00000356607 700
10090.ENSMUSP00000000001 10090.ENSMUSP00000000058 900
"""
ALIASES = """\
#string_protein_id	alias	source
9606.ENSP00000000233	ARF5	Ensembl_HGNC_symbol
9606.ENSP00000000233	A0A2R8Y7Q4	UniProt_AC
9606.ENSP00000000233	P26437	UniProt_AC
9606.ENSP00000000233	P84085	UniProt_AC
9606.ENSP00000000233	P84085	Ensembl_HGNC_uniprot_ids
9606.ENSP00000356607	A0A024R1R8	UniProt_AC
9606.ENSP00000356607	Q13976	UniProt_AC
9606.ENSP00000356607	PRKG1	Ensembl_UniProt
"""

BIOGRID_HEADER = (
    "#BioGRID Interaction ID\tEntrez Gene Interactor A\tEntrez Gene Interactor B\t"
    "BioGRID ID Interactor A\tBioGRID ID Interactor B\tSystematic Name Interactor A\t"
    "Systematic Name Interactor B\tOfficial Symbol Interactor A\tOfficial Symbol Interactor B\t"
    "Synonyms Interactor A\tSynonyms Interactor B\tExperimental System\t"
    "Experimental System Type\tAuthor\tPublication Source\tOrganism ID Interactor A\t"
    "Organism ID Interactor B\tThroughput\tScore\tModification\tQualifications\tTags\t"
    "Source Database\tSWISS-PROT Accessions Interactor A\tTREMBL Accessions Interactor A\t"
    "REFSEQ Accessions Interactor A\tSWISS-PROT Accessions Interactor B\t"
    "TREMBL Accessions Interactor B\tREFSEQ Accessions Interactor B\tOntology Term IDs\t"
    "Ontology Term Names\tOntology Term Categories\tOntology Term Qualifier IDs\t"
    "Ontology Term Qualifier Names\tOntology Term Types\tOrganism Name Interactor A\t"
    "Organism Name Interactor B\n"
)


def biogrid_row(
    left: tuple[str, str, str],
    right: tuple[str, str, str],
    *,
    method: str = "Two-hybrid",
    kind: str = "physical",
    taxa: tuple[int, int] = (9606, 9606),
) -> str:
    """One row; a side is its Entrez gene, symbol and Swiss-Prot accessions."""
    fields = ["103", left[0], right[0], "112315", "108607", "-", "-", left[1], right[1]]
    fields += ["JNKK|MEK4", "ABP-280", method, kind, "Marti A (1997)", "PUBMED:9006895"]
    fields += [*map(str, taxa), "Low Throughput", "-", "-", "-", "-", "BIOGRID"]
    fields += [left[2], "-", "NP_003001", right[2], "Q59H94", "NP_001449", *["-"] * 6]
    return "\t".join([*fields, "Homo sapiens", "Homo sapiens"]) + "\n"


MAP2K4, FLNC = ("6416", "MAP2K4", "P45985"), ("2318", "FLNC", "Q14315")
BIOGRID = BIOGRID_HEADER + biogrid_row(MAP2K4, FLNC)


HUMAN = "taxid:9606(human)|taxid:9606(Homo sapiens)"


def mitab_row(
    left: str,
    right: str,
    *,
    alternatives: tuple[str, str] = ("intact:EBI-1", "intact:EBI-2"),
    taxa: tuple[str, str] = (HUMAN, HUMAN),
    kind: str = 'psi-mi:"MI:0915"(physical association)',
    confidence: str = "author score:A|intact-miscore:0.56",
    expansion: str = "-",
    negative: str = "false",
    width: int = 42,
) -> str:
    """One row of PSI-MITAB: 15 columns in version 2.5, 36 in 2.6, 42 in 2.7, 46 in 2.8."""
    fields = [left, right, *alternatives, "psi-mi:arf5_human(display_long)", "-"]
    fields += ['psi-mi:"MI:0018"(two hybrid)', "Rual et al. (2005)", "pubmed:16189514", *taxa]
    fields += [kind, 'psi-mi:"MI:0469"(IntAct)', "intact:EBI-3", confidence, expansion]
    fields += ["-"] * 19 + [negative] + ["-"] * 10
    return "\t".join(fields[:width]) + "\n"


MITAB = "#ID(s) interactor A\tID(s) interactor B\tAlt. ID(s) interactor A\n" + mitab_row(
    "uniprotkb:P84085", "uniprotkb:Q13976"
)

HIPPIE = """\
AL1A1_HUMAN	216	AL1A1_HUMAN	216	0.76	experiments:in vivo,Two-hybrid;sources:HPRD,BioGRID
ITA7_HUMAN	3679	ACHA_HUMAN	1134	0.73	experiments:in vivo;pmids:10910772;sources:HPRD
NEB1_HUMAN	55607	ACTG_HUMAN	71	0.65	experiments:in vitro;pmids:9362513;sources:HPRD
"""

OMNIPATH = """\
source	target	source_genesymbol	target_genesymbol	is_directed	is_stimulation	is_inhibition
P00533	P01133	EGFR	EGF	1	1	0
P01133	P00533	EGF	EGFR	1	1	0
P02751	COMPLEX:P05106_P08648	FN1	ITGA5_ITGB3	1	1	0
"""

BERNETT = {
    "Intra1_pos_rr.txt": "P84085 Q13976\nQ13976 P45985\n",
    "Intra1_neg_rr.txt": "P84085 P45985\n",
    "Intra0_pos_rr.txt": "Q14315 P00533\n",
    "Intra0_neg_rr.txt": "Q14315 P01133\n",
    "Intra2_pos_rr.txt": "P02751 P05106\n",
    "Intra2_neg_rr.txt": "P02751 P08648\nP08648 P02751\n",
}

DSCRIPT = """\
4932.YMR188C	4932.YOR182C	1
4932.YGL103W	4932.YPL013C	1
4932.YOR182C	4932.YGL103W	0
"""

UNIPROT = """\
>sp|P04637|P53_HUMAN Cellular tumor antigen p53 OS=Homo sapiens OX=9606 GN=TP53 PE=1 SV=4
MEEPQSDPSV
EPPLSQETFS
>sp|P04637-2|P53_HUMAN Isoform 2 of Cellular tumor antigen p53 OS=Homo sapiens OX=9606 GN=TP53
MEEPQSDPSVEPP
>tr|K7PPA8|K7PPA8_HUMAN Cellular tumor antigen p53 OS=Homo sapiens OX=9606 GN=TP53 PE=1 SV=1
MEEPQSDPSVE
>sp|P02340|P53_MOUSE Cellular tumor antigen p53 OS=Mus musculus OX=10090 GN=Tp53 PE=1 SV=4
MTAMEESQSD
"""


def text(content: str, name: str = "sample.txt") -> Callable[[Path], Path]:
    """A function that writes one text file into a folder."""

    def write(folder: Path) -> Path:
        (folder / name).write_text(content, encoding="utf-8")
        return folder / name

    return write


def bernett_folder(folder: Path) -> Path:
    blocks = folder / "bernett"
    blocks.mkdir()
    for name, content in BERNETT.items():
        (blocks / name).write_text(content, encoding="utf-8")
    return blocks


def per_protein_file(folder: Path) -> Path:
    path = folder / "per-protein.h5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for accession in ("P04637", "P84085", "Q13976"):
            file[accession] = rng.normal(size=1024).astype(np.float16)
    return path


def zipped(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


class Sample(NamedTuple):
    """A function that writes a sample, settings to parse and to download it, and a suffix."""

    write: Callable[[Path], Path]
    settings: dict[str, Any]
    download: dict[str, Any]
    suffix: str = ".tsv"


SAMPLES = {
    "string": Sample(text(STRING), {"min_score": 700}, {"min_score": 700, "organism": 9606}),
    "biogrid": Sample(text(BIOGRID), {}, {}),
    "mitab": Sample(text(MITAB), {}, {"organism": 9606}),
    "hippie": Sample(text(HIPPIE), {"min_score": 0.5}, {"min_score": 0.5}),
    "omnipath": Sample(text(OMNIPATH), {}, {"dataset": Dataset.ligand_receptor}),
    "gold_standard": Sample(bernett_folder, {}, {}, ""),
    "dscript": Sample(text(DSCRIPT), {}, {"table": Table.yeast_test}),
    "uniprot": Sample(text(UNIPROT), {}, {"proteome": "UP000005640"}, ".fasta"),
    "per_protein": Sample(per_protein_file, {}, {"proteome": "UP000005640_9606"}, ".h5"),
}
