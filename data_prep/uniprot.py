"""UniProt's FASTA of a proteome or an organism -> sequences under their accessions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlencode

import typer

from data_prep.collecting import OTHER_ORGANISM
from data_prep.identifiers import TAXON, UNIPROT_RECORD
from data_prep.lines import check_format, numbered
from data_prep.products import Product, SequenceProduct
from data_prep.source import MAIN, Download, Origin
from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.pairs import Drop
from ppi_ratio.pairs.rows import EXAMPLES
from ppi_ratio.sequences import Proteins, read_fasta

FORM = "FASTA with UniProt headers, like '>sp|P04637|P53_HUMAN ... OX=9606 GN=TP53'"
ADDRESS = "https://rest.uniprot.org/uniprotkb/stream"
ISOFORM = re.compile(r"-\d+$")
UNREVIEWED, ISOFORMS = "unreviewed (TrEMBL)", "isoforms that are not canonical"


@dataclass(frozen=True)
class UniProt:
    """Sequences of one organism; by default the canonical sequences of reviewed entries."""

    origin: ClassVar[Origin] = Origin(
        "UniProtKB",
        "https://www.uniprot.org",
        "CC BY 4.0",
        "The UniProt Consortium, Nucleic Acids Research 51:D523, 2023, doi:10.1093/nar/gkac1052",
    )
    product: ClassVar[type[Product]] = SequenceProduct

    proteome: Annotated[
        str | None, typer.Option(help="Proteome to download, e.g. UP000005640.")
    ] = None
    organism: Annotated[
        int | None,
        typer.Option(help="NCBI taxonomy id, e.g. 9606; other records of the file are left out."),
    ] = None
    unreviewed: Annotated[
        bool,
        typer.Option("--unreviewed", help="Keep the entries of TrEMBL, not only of Swiss-Prot."),
    ] = False
    isoforms: Annotated[
        bool, typer.Option("--isoforms", help="Keep all isoforms, with ids such as P12345-2.")
    ] = False

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        return UNIPROT_RECORD.match(lines[0]) is not None

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        if not main:
            return ()
        if self.proteome is None and self.organism is None:
            raise ConfigError("choose what to download: `proteome` UP000005640 or `organism` 9606")
        terms = [] if self.proteome is None else [f"(proteome:{self.proteome})"]
        terms += [] if self.organism is None else [f"(organism_id:{self.organism})"]
        terms += [] if self.unreviewed else ["(reviewed:true)"]
        question = {"query": " AND ".join(terms), "format": "fasta", "compressed": "true"}
        if self.isoforms:
            question["includeIsoform"] = "true"
        kinds = ["unreviewed"] * self.unreviewed + ["isoforms"] * self.isoforms
        parts = [part for part in (self.proteome, self.organism) if part is not None]
        name = "_".join(map(str, ["uniprot", *parts, *kinds])) + ".fasta.gz"
        return (Download(MAIN, f"{ADDRESS}?{urlencode(question)}", name),)

    def parse(self, path: Path) -> SequenceProduct:
        check_format(path, self.fits, FORM)
        accessions: dict[str, str] = {}
        left_out: dict[str, list[str]] = {}
        with numbered(path) as lines:
            for number, line in lines:
                if not line.startswith(">"):
                    continue
                name = line[1:].split(maxsplit=1)[0] if line[1:].strip() else ""
                reason, accession = self._reason_and_accession(line)
                if reason:
                    left_out.setdefault(reason, []).append(f"{name} (line {number})")
                else:
                    accessions[name] = accession
        sequences = read_fasta(path)
        kept = {
            accessions[name]: residues
            for name, residues in sequences.sequences.items()
            if name in accessions
        }
        drops = tuple(
            Drop(reason, len(names), tuple(names[:EXAMPLES])) for reason, names in left_out.items()
        )
        n_records = len(accessions) + sum(drop.count for drop in drops)
        if not kept:
            raise InputError(
                f"{path}: no protein is left ({'; '.join(map(str, drops))}); loosen the settings"
            )
        notes = tuple(note for note in sequences.notes if note.protein in accessions)
        return SequenceProduct(Proteins(kept, notes), n_records, drops)

    def _reason_and_accession(self, header: str) -> tuple[str, str]:
        """The reason to leave out a record (empty to keep it), and the accession of the record."""
        match = UNIPROT_RECORD.match(header)
        if match is None:
            return "without a UniProt header", ""
        kind, accession, _, description = match.groups()
        taxon = TAXON.search(description)
        if self.organism is not None and (not taxon or taxon.group(1) != str(self.organism)):
            return OTHER_ORGANISM, ""
        if kind == "tr" and not self.unreviewed:
            return UNREVIEWED, ""
        if ISOFORM.search(accession) and not self.isoforms:
            return ISOFORMS, ""
        return "", accession
