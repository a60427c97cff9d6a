"""PSI-MI tables of IntAct and others (MITAB 2.5 to 2.8) -> undirected pairs of accessions.

One row is one experiment, so a pair can have many rows. The pair gets the highest score of these
rows. The columns are documented at https://github.com/HUPO-PSI/miTab. Version 2.5 has 15 columns,
2.6 has 36, 2.7 has 42 and 2.8 has 46. Each version adds columns at the end.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from data_prep.collecting import (
    FEW_IDS,
    ILL_FORMED,
    LOW_SCORE,
    NO_ACCESSION,
    NO_SCORE,
    NOT_PHYSICAL,
    OTHER_ORGANISM,
    Collector,
)
from data_prep.identifiers import is_accession, without_isoform
from data_prep.lines import check_format, numbered
from data_prep.products import SCORE, PairProduct, Product
from data_prep.source import MAIN, Download, MappingFile, Origin
from ppi_ratio.errors import ConfigError

FORM = "PSI-MITAB: at least 15 columns separated by tabs, ids like 'uniprotkb:P04637'"
ADDRESS = "https://ftp.ebi.ac.uk/pub/databases/intact/current/psimitab/"
SPECIES = {9606: "species/human.zip"}
WHOLE = "intact.zip"

LEFT_ID, RIGHT_ID, LEFT_ALTERNATIVE, RIGHT_ALTERNATIVE = range(4)
LEFT_TAXON, RIGHT_TAXON, KIND = 9, 10, 11
CONFIDENCE, EXPANSION, NEGATIVE = 14, 15, 35
MIN_WIDTH = 15

XREF = re.compile(r"^[\w .\-/+]+:.+")
UNIPROT = re.compile(r'(?:^|\|)(?:uniprotkb|uniprot/swiss-prot|uniprot/trembl):"?([^"|()]+)')
TAXON = re.compile(r"taxid:(-?\d+)")
TERM = re.compile(r"MI:\d{4}")
MISCORE = re.compile(r"(?:^|\|)(?:intact-)?miscore:([0-9.]+)")

# genetic, colocalization, predicted, functional association
NOT_BINDING = frozenset({"MI:0208", "MI:0403", "MI:1110", "MI:2286"})
EXPANDED = "expanded from a complex"
REPORTED_ABSENT = "reported not to interact"
OTHER_KIND = "of another interaction type"


@dataclass(frozen=True)
class Mitab:
    """Experiments that found an interaction; a pair gets the highest score of its experiments."""

    origin: ClassVar[Origin] = Origin(
        "IntAct, or another database in PSI-MITAB",
        "https://www.ebi.ac.uk/intact",
        "CC BY 4.0 for IntAct; other databases have their own terms",
        "Del Toro et al., Nucleic Acids Research 50:D648, 2022, doi:10.1093/nar/gkab1006",
    )
    product: ClassVar[type[Product]] = PairProduct

    organism: Annotated[
        int | None,
        typer.Option(help="NCBI taxonomy id of both interactors, e.g. 9606; any by default."),
    ] = None
    min_score: Annotated[
        float | None, typer.Option(min=0, max=1, help="Lowest MI score (miscore) to keep, 0 to 1.")
    ] = None
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="MI:NNNN",
            help="Interaction type to keep, e.g. MI:0407 (direct interaction). Repeat the option "
            "for more types. If not given, all are kept except genetic, predicted, functional and "
            "colocalization.",
        ),
    ] = None
    drop_spoke: Annotated[
        bool,
        typer.Option(
            "--drop-spoke",
            help="Leave out pairs expanded from a complex (spoke, matrix or bipartite). Contact "
            "within such pairs was not observed.",
        ),
    ] = False
    strip_isoforms: Annotated[
        bool,
        typer.Option(
            "--strip-isoforms", help="Write P12345 for P12345-2 and P12345-PRO_0000012345."
        ),
    ] = False
    mapping: MappingFile = None

    def __post_init__(self) -> None:
        for kind in self.kinds or ():
            if not TERM.fullmatch(kind):
                raise ConfigError(f"`kinds` has {kind!r}; write interaction types like MI:0407")

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        rows = [line.split("\t") for line in lines if not _is_header(line)]
        fitting = [row for row in rows if len(row) >= MIN_WIDTH and XREF.match(row[LEFT_ID])]
        return 2 * len(fitting) > len(rows)

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        if not main:
            return ()
        part = WHOLE if self.organism is None else SPECIES.get(self.organism, WHOLE)
        return (Download(MAIN, ADDRESS + part, "intact_" + part.rpartition("/")[2]),)

    def parse(self, path: Path) -> PairProduct:
        check_format(path, self.fits, FORM)
        rows = Collector(path, mapping=self.mapping)
        with numbered(path) as lines:
            for number, line in lines:
                if not _is_header(line):
                    self._read_row(rows, number, line.split("\t"), path)
        return rows.product(directed=False, values=SCORE)

    def _read_row(self, rows: Collector, number: int, fields: list[str], path: Path) -> None:
        if len(fields) < MIN_WIDTH:
            rows.leave_out(ILL_FORMED, number, "\t".join(fields))
            return
        if self.drop_spoke and len(fields) <= EXPANSION:
            raise ConfigError(
                f"{path}: line {number} has {len(fields)} columns; `drop_spoke` needs column 16 of "
                "MITAB 2.6 or later, which marks pairs expanded from a complex. Leave the option "
                "out or give a newer file"
            )
        left = _accession(fields[LEFT_ID], fields[LEFT_ALTERNATIVE])
        right = _accession(fields[RIGHT_ID], fields[RIGHT_ALTERNATIVE])
        score = _miscore(fields[CONFIDENCE])
        if reason := self._reason_to_leave_out(fields, left, right, score):
            rows.leave_out(reason, number, fields[LEFT_ID], fields[RIGHT_ID])
            return
        if self.strip_isoforms:
            left, right = without_isoform(left), without_isoform(right)
        rows.keep(number, left, right, float("nan") if score is None else score)

    def _reason_to_leave_out(
        self, fields: list[str], left: str, right: str, score: float | None
    ) -> str:
        """The reason to leave out a row; empty to keep it."""
        if "-" in (fields[LEFT_ID], fields[RIGHT_ID]):
            return FEW_IDS
        if len(fields) > NEGATIVE and fields[NEGATIVE].strip().lower() == "true":
            return REPORTED_ABSENT
        taxa = (TAXON.findall(fields[LEFT_TAXON]), TAXON.findall(fields[RIGHT_TAXON]))
        if self.organism is not None and not all(str(self.organism) in side for side in taxa):
            return OTHER_ORGANISM
        if reason := self._type_reason(fields[KIND]):
            return reason
        if self.drop_spoke and "expansion" in fields[EXPANSION]:
            return EXPANDED
        if not (left and right):
            return NO_ACCESSION
        if self.min_score is not None and (score is None or score < self.min_score):
            return NO_SCORE if score is None else LOW_SCORE
        return ""

    def _type_reason(self, kind: str) -> str:
        terms = set(TERM.findall(kind))
        if self.kinds:
            return "" if terms & set(self.kinds) else OTHER_KIND
        return NOT_PHYSICAL if terms & NOT_BINDING or "genetic" in kind else ""


def _is_header(line: str) -> bool:
    return line.startswith(("#", "ID(s) interactor A\t"))


def _accession(identifier: str, alternatives: str) -> str:
    """The accession of an interactor; empty if it has none."""
    for column in (identifier, alternatives):
        found = [name for name in UNIPROT.findall(column) if is_accession(name)]
        if found:
            return found[0]
    return ""


def _miscore(confidences: str) -> float | None:
    match = MISCORE.search(confidences)
    return float(match.group(1)) if match else None
