"""BioGRID's TAB3 tables -> undirected pairs of one organism; by default only physical pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from data_prep.collecting import (
    ILL_FORMED,
    NO_ACCESSION,
    NOT_PHYSICAL,
    OTHER_ORGANISM,
    Collector,
)
from data_prep.lines import check_format, numbered
from data_prep.products import PairProduct, Product
from data_prep.source import MAIN, Download, MappingFile, Origin

FORM = "BioGRID TAB3: a header '#BioGRID Interaction ID ...' and columns separated by tabs"
LATEST = "https://downloads.thebiogrid.org/Download/BioGRID/Latest-Release/"
ARCHIVE = "BIOGRID-ALL-LATEST.tab3.zip"
FIRST, KIND, METHOD = "biogrid interaction id", "experimental system type", "experimental system"
TAXON = "organism id interactor"
WITH_RNA = ("affinity capture-rna", "protein-rna")
RNA = "between a protein and an RNA"


class BioGridId(StrEnum):
    """The kind of id that names a protein."""

    accession = "accession"
    symbol = "symbol"
    entrez = "entrez"


ID_COLUMNS = {
    BioGridId.accession: "swiss-prot accessions interactor",
    BioGridId.symbol: "official symbol interactor",
    BioGridId.entrez: "entrez gene interactor",
}


@dataclass(frozen=True)
class BioGrid:
    """Curated interactions; a gene with several accessions gets the first accession."""

    origin: ClassVar[Origin] = Origin(
        "BioGRID",
        "https://thebiogrid.org",
        "MIT",
        "Oughtred et al., Protein Science 30:187, 2021, doi:10.1002/pro.3978",
    )
    product: ClassVar[type[Product]] = PairProduct

    organism: Annotated[
        int | None,
        typer.Option(help="NCBI taxonomy id of both interactors, e.g. 9606; any by default."),
    ] = None
    ids: Annotated[BioGridId, typer.Option(help="Kind of id that names a protein.")] = (
        BioGridId.accession
    )
    genetic: Annotated[bool, typer.Option("--genetic", help="Keep genetic interactions too.")] = (
        False
    )
    mapping: MappingFile = None

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        names = _names(lines[0])
        return names[:1] == [FIRST] and set(_needed_columns(BioGridId.accession)) <= set(names)

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        return (Download(MAIN, LATEST + ARCHIVE, ARCHIVE),) if main else ()

    def parse(self, path: Path) -> PairProduct:
        names = _names(check_format(path, self.fits, FORM)[0][1])
        at = [names.index(name) for name in _needed_columns(self.ids)]
        rows = Collector(path, mapping=self.mapping)
        with numbered(path) as lines:
            next(lines)
            for number, line in lines:
                fields = line.split("\t")
                if len(fields) != len(names):
                    rows.leave_out(ILL_FORMED, number, line)
                    continue
                left, right, *rest = (fields[position] for position in at)
                if reason := self._reason_to_leave_out(left, right, *rest):
                    rows.leave_out(reason, number, left, right)
                else:
                    rows.keep(number, left.split("|")[0], right.split("|")[0])
        return rows.product(directed=False)

    def _reason_to_leave_out(
        self, left: str, right: str, left_taxon: str, right_taxon: str, kind: str, method: str
    ) -> str:
        """The reason to leave out a row; empty to keep it."""
        if self.organism is not None and {left_taxon, right_taxon} != {str(self.organism)}:
            return OTHER_ORGANISM
        if kind.lower() != "physical" and not self.genetic:
            return NOT_PHYSICAL
        if method.lower() in WITH_RNA:
            return RNA
        if self.ids is BioGridId.accession and "-" in (left, right):
            return NO_ACCESSION
        return ""


def _names(header: str) -> list[str]:
    return [name.strip().lower() for name in header.removeprefix("#").split("\t")]


def _needed_columns(ids: BioGridId) -> list[str]:
    sides = [f"{column} {side}" for column in (ID_COLUMNS[ids], TAXON) for side in ("a", "b")]
    return [*sides, KIND, METHOD]
