"""HIPPIE's human table (names, Entrez genes, score, evidence) -> undirected scored pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from data_prep.collecting import ILL_FORMED, LOW_SCORE, Collector
from data_prep.lines import check_format, numbered
from data_prep.products import SCORE, PairProduct, Product
from data_prep.source import MAIN, Download, MappingFile, Origin

FORM = (
    "HIPPIE: UniProt name, Entrez gene, UniProt name, Entrez gene, score from 0 to 1 and "
    "evidence, separated by tabs, without a header"
)
ADDRESS = "https://cbdm-01.zdv.uni-mainz.de/~mschaefer/hippie/hippie_current.txt"
SCORE_AT, MIN_WIDTH = 4, 5


class HippieId(StrEnum):
    """The kind of id that names a protein: ``P53_HUMAN`` or ``7157``."""

    uniprot_name = "uniprot_name"
    entrez = "entrez"


SIDES = {HippieId.uniprot_name: (0, 2), HippieId.entrez: (1, 3)}


@dataclass(frozen=True)
class Hippie:
    """Human interactions of several databases, with scores of the evidence."""

    origin: ClassVar[Origin] = Origin(
        "HIPPIE",
        "https://cbdm-01.zdv.uni-mainz.de/~mschaefer/hippie",
        "none stated; the terms of its source databases apply",
        "Alanis-Lobato et al., Nucleic Acids Research 45:D408, 2017, doi:10.1093/nar/gkw985",
    )
    product: ClassVar[type[Product]] = PairProduct

    min_score: Annotated[
        float,
        typer.Option(min=0, max=1, help="Lowest score to keep, 0 to 1."),
    ]
    ids: Annotated[
        HippieId,
        typer.Option(help="Kind of id that names a protein; --mapping turns ids into accessions."),
    ] = HippieId.uniprot_name
    mapping: MappingFile = None

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        rows = [line.split("\t") for line in lines]
        fitting = [row for row in rows if _score(row) is not None]
        return 2 * len(fitting) > len(rows)

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        return (Download(MAIN, ADDRESS, "hippie_current.txt"),) if main else ()

    def parse(self, path: Path) -> PairProduct:
        check_format(path, self.fits, FORM)
        left_at, right_at = SIDES[self.ids]
        rows = Collector(path, mapping=self.mapping)
        with numbered(path) as lines:
            for number, line in lines:
                fields = line.split("\t")
                score = _score(fields)
                if score is None:
                    rows.leave_out(ILL_FORMED, number, line)
                    continue
                left, right = _first(fields[left_at]), _first(fields[right_at])
                if score < self.min_score:
                    rows.leave_out(LOW_SCORE, number, left, right)
                else:
                    rows.keep(number, left, right, score)
        return rows.product(directed=False, values=SCORE)


def _score(fields: list[str]) -> float | None:
    """The score of a row; None if the row does not have HIPPIE's format."""
    if len(fields) < MIN_WIDTH:
        return None
    genes = (fields[at].strip() for at in SIDES[HippieId.entrez])
    if not all(gene.isdecimal() for gene in genes if gene):
        return None
    try:
        score = float(fields[SCORE_AT])
    except ValueError:
        return None
    return score if 0 <= score <= 1 else None


def _first(names: str) -> str:
    """The first of several names, separated by commas."""
    return names.split(",")[0].strip()
