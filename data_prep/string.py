"""STRING's links, scored 0 to 1000 and listed in both directions -> undirected scored pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from data_prep.collecting import ILL_FORMED, LOW_SCORE, OTHER_ORGANISM, Collector
from data_prep.identifiers import IdMap, id_map, is_accession, read_mapping
from data_prep.lines import check_format, numbered
from data_prep.products import SCORE, PairProduct, Product
from data_prep.source import MAIN, Download, MappingFile, Origin
from ppi_ratio.errors import ConfigError
from ppi_ratio.sequences import accession_of, read_fasta

FORM = "STRING links: a header 'protein1 protein2 ... combined_score', then one pair per line"
ALIASES_FORM = "STRING aliases: '#string_protein_id', 'alias' and 'source', separated by tabs"
ADDRESS = "https://stringdb-downloads.org/download"
SIDES, COMBINED = ["protein1", "protein2"], "combined_score"

# Best first. HGNC gives one accession per human protein; other sources list secondary ones too.
ALIAS_SOURCES = (
    "Ensembl_HGNC_uniprot_ids",
    "Ensembl_HGNC_UniProt_ID(supplied_by_UniProt)",
    "UniProt_AC",
    "Ensembl_UniProt",
    "Ensembl_UniProt_AC",
    "BLAST_UniProt_AC",
)


class Network(StrEnum):
    """The kind of link: physical binding, or any functional association."""

    physical = "physical"
    full = "full"


@dataclass(frozen=True)
class String:
    """Links of one organism, with STRING's own ids or with UniProt accessions."""

    origin: ClassVar[Origin] = Origin(
        "STRING",
        "https://string-db.org",
        "CC BY 4.0",
        "Szklarczyk et al., Nucleic Acids Research 51:D638, 2023, doi:10.1093/nar/gkac1000",
    )
    product: ClassVar[type[Product]] = PairProduct

    min_score: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            help="Lowest combined score to keep; STRING calls 400 medium, 700 high, 900 highest.",
        ),
    ]
    organism: Annotated[
        int | None, typer.Option(help="NCBI taxonomy id of the organism to download, e.g. 9606.")
    ] = None
    network: Annotated[Network, typer.Option(help="Which links to download.")] = Network.physical
    release: Annotated[str, typer.Option(help="Which release to download.")] = "12.0"
    uniprot: Annotated[
        bool, typer.Option("--uniprot", help="Turn STRING's ids into UniProt accessions.")
    ] = False
    aliases: Annotated[Path | None, typer.Option(help="STRING's aliases file, for --uniprot.")] = (
        None
    )
    proteome: Annotated[
        Path | None,
        typer.Option(
            help="For --uniprot: FASTA of the accessions to use. Where STRING's aliases list "
            "several accessions, the one in this file is taken."
        ),
    ] = None
    mapping: MappingFile = None

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        header = lines[0].split()
        return header[:2] == SIDES and COMBINED in header

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        wanted = []
        if main:
            physical = "physical." if self.network is Network.physical else ""
            wanted.append(self._file(MAIN, f"protein.{physical}links"))
        if self.uniprot and self.aliases is None and self.mapping is None:
            wanted.append(self._file("aliases", "protein.aliases"))
        return tuple(wanted)

    def parse(self, path: Path) -> PairProduct:
        header = check_format(path, self.fits, FORM)[0][1].split()
        width, score_at = len(header), header.index(COMBINED)
        prefix = "" if self.organism is None else f"{self.organism}."
        rows = Collector(path, mapping=self._mapping())
        with numbered(path) as lines:
            next(lines)
            for number, line in lines:
                fields = line.split()
                if len(fields) != width or not fields[score_at].isdecimal():
                    rows.leave_out(ILL_FORMED, number, line)
                elif (score := int(fields[score_at])) < self.min_score:
                    rows.leave_out(LOW_SCORE, number, *fields[:2])
                elif not (fields[0].startswith(prefix) and fields[1].startswith(prefix)):
                    rows.leave_out(OTHER_ORGANISM, number, *fields[:2])
                else:
                    rows.keep(number, fields[0], fields[1], score)
        return rows.product(directed=False, values=SCORE)

    def _file(self, field: str, kind: str) -> Download:
        if self.organism is None:
            raise ConfigError("choose the organism to download (`organism`), e.g. 9606")
        name = f"{self.organism}.{kind}.v{self.release}.txt.gz"
        return Download(field, f"{ADDRESS}/{kind}.v{self.release}/{name}", name)

    def _mapping(self) -> IdMap | None:
        if self.mapping is not None:
            found = read_mapping(self.mapping)
        elif self.aliases is not None:
            found = read_aliases(self.aliases)
        else:
            return None
        if self.proteome is None:
            return found
        return found.within({accession_of(name) for name in read_fasta(self.proteome).ids})


def read_aliases(path: Path) -> IdMap:
    """Read the UniProt accessions of STRING's proteins, in the order of ``ALIAS_SOURCES``.

    Within one alias source, accessions of six characters come before longer ones. Of six
    characters, accessions that begin with O, P or Q come first. Most reviewed entries have such
    accessions, and most unreviewed entries do not.

    Raises:
        WrongFormatError: if the file is not an aliases file of STRING.
    """
    check_format(path, _are_aliases, ALIASES_FORM)
    found: list[tuple[int, bool, bool, str, str]] = []
    with numbered(path) as lines:
        for _, line in lines:
            protein, alias, sources, *_ = [*line.split("\t"), "", ""]
            ranks = [ALIAS_SOURCES.index(s) for s in sources.split() if s in ALIAS_SOURCES]
            if ranks and is_accession(alias):
                later = (len(alias) > 6, alias[0] not in "OPQ")
                found.append((min(ranks), *later, alias, protein))
    return id_map((protein, alias) for *_, alias, protein in sorted(found))


def _are_aliases(lines: Sequence[str]) -> bool:
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return bool(rows) and all(len(row) >= 3 and "." in row[0] for row in rows)
