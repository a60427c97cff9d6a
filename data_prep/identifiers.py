"""UniProt FASTA files or two-column tables -> a map from ids to accessions."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from data_prep.lines import numbered
from ppi_ratio.errors import InputError
from ppi_ratio.pairs.fields import read_rows

# An accession (https://www.uniprot.org/help/accession_numbers), perhaps of an isoform or a chain.
_BARE = r"(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})"
ACCESSION = re.compile(rf"^({_BARE})(?:-\d+)?(?:[-:]PRO_\d+)?$")
TAXON_PREFIX = re.compile(r"^\d+\.")
UNIPROT_RECORD = re.compile(r"^>(sp|tr)\|([^|\s]+)\|(\S+)(.*)$")
GENE, TAXON = re.compile(r" GN=(\S+)"), re.compile(r" OX=(\d+)")


def is_accession(name: str) -> bool:
    """True for a UniProt accession, also for the accession of an isoform or a chain."""
    return ACCESSION.match(name) is not None


def without_isoform(name: str) -> str:
    """``P12345`` for ``P12345-2`` and ``P12345-PRO_0000012345``; other ids are unchanged."""
    match = ACCESSION.match(name)
    return match.group(1) if match else name


@dataclass(frozen=True)
class IdMap:
    """A map from ids to accessions.

    Attributes:
        candidates: the accessions of each id, the preferred one first.
    """

    candidates: Mapping[str, tuple[str, ...]]

    def find(self, name: str) -> tuple[str, ...]:
        """The accessions of an id, with or without STRING's taxon prefix; empty if unknown."""
        return self.candidates.get(name) or self.candidates.get(TAXON_PREFIX.sub("", name), ())

    def within(self, known: Collection[str]) -> "IdMap":
        """Restrict the map to the accessions in ``known``."""
        kept = {
            name: tuple(found for found in candidates if found in known)
            for name, candidates in self.candidates.items()
        }
        return IdMap({name: candidates for name, candidates in kept.items() if candidates})


def read_mapping(path: Path) -> IdMap:
    """Read a map from a FASTA file with UniProt headers, or from a table of id and accession.

    FASTA headers map entry names (``P53_HUMAN``), gene symbols and accessions to accessions, with
    reviewed entries first. In a table, several accessions of an id keep their order.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if the file is neither a FASTA file with UniProt headers nor a table.
    """
    with numbered(path) as lines:
        _, first = next(lines, (0, ""))
    if first.startswith(">"):
        return _fasta_map(path)
    rows = read_rows(path)
    if not len(rows) or rows.width < 2:
        raise InputError(
            f"{path}: not a mapping; expected two columns (id, accession) or a FASTA file with "
            "UniProt headers"
        )
    pairs = zip(rows.column(0).tolist(), rows.column(1).tolist(), strict=True)
    return id_map((name, target) for name, target in pairs if name and target)


def id_map(pairs: Iterable[tuple[str, str]]) -> IdMap:
    """A map from pairs of id and accession; preferred accessions come first."""
    found: dict[str, dict[str, None]] = {}
    for name, target in pairs:
        found.setdefault(name, {})[target] = None
    return IdMap({name: tuple(targets) for name, targets in found.items()})


def _fasta_map(path: Path) -> IdMap:
    records: dict[str, list[tuple[str, str]]] = {"sp": [], "tr": []}
    with numbered(path) as lines:
        for _, line in lines:
            if match := UNIPROT_RECORD.match(line):
                kind, accession, entry, description = match.groups()
                gene = GENE.search(description)
                names = [accession, entry, *([gene.group(1)] if gene else [])]
                records[kind] += [(name, accession) for name in names]
    if not any(records.values()):
        raise InputError(
            f"{path}: no header like '>sp|P04637|P53_HUMAN ... GN=TP53'; give a FASTA file from "
            "UniProt"
        )
    return id_map(records["sp"] + records["tr"])
