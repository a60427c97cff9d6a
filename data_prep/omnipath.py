"""OmniPath's kinase-substrate and ligand-receptor tables -> directed pairs of accessions.

The tables come from OmniPath's web service. A table saved from the ``omnipath`` package, as by
``omnipath.interactions.LigRecExtra.get().to_csv("table.csv")``, can be read too.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product as all_pairs
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlencode

import typer

from data_prep.collecting import ILL_FORMED, Collector
from data_prep.lines import check_format, numbered
from data_prep.products import PairProduct, Product
from data_prep.source import MAIN, Download, MappingFile, Origin
from ppi_ratio.errors import ConfigError

FORM = (
    "a table with a header that names source and target, ligand and receptor, kinase and "
    "substrate, or enzyme and substrate"
)
ADDRESS = "https://omnipathdb.org/interactions"
SIDES = (
    ("source", "target"),
    ("ligand", "receptor"),
    ("kinase", "substrate"),
    ("enzyme", "substrate"),
)
DIRECTED_COLUMN = "is_directed"
COMPLEX = "COMPLEX:"
UNDIRECTED = "without a direction"
OF_COMPLEX = "with a complex"


class Dataset(StrEnum):
    """The kind of directed interactions."""

    kinase_substrate = "kinase_substrate"
    ligand_receptor = "ligand_receptor"


WEB_NAMES = {Dataset.kinase_substrate: "kinaseextra", Dataset.ligand_receptor: "ligrecextra"}


class Complexes(StrEnum):
    """What to do with a row that names a complex: drop the row, or pair each of its proteins."""

    drop = "drop"
    expand = "expand"


@dataclass(frozen=True)
class OmniPath:
    """Directed interactions; the left protein acts on the right protein."""

    origin: ClassVar[Origin] = Origin(
        "OmniPath",
        "https://omnipathdb.org",
        "the terms of each resource in it, see https://omnipathdb.org/info; some allow "
        "academic use only",
        "Türei et al., Molecular Systems Biology 17:e9923, 2021, doi:10.15252/msb.20209923",
    )
    product: ClassVar[type[Product]] = PairProduct

    dataset: Annotated[Dataset | None, typer.Option(help="Which table to download.")] = None
    organism: Annotated[
        int, typer.Option(help="NCBI taxonomy id to download: 9606, 10090 or 10116.")
    ] = 9606
    complexes: Annotated[
        Complexes,
        typer.Option(help="Leave out rows with a complex, or pair all proteins of the complex."),
    ] = Complexes.drop
    mapping: MappingFile = None

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        return _sides(_header(lines[0])) is not None

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        if not main:
            return ()
        if self.dataset is None:
            raise ConfigError(
                "choose a table to download (`dataset`): ligand_receptor or kinase_substrate"
            )
        question = {
            "datasets": WEB_NAMES[self.dataset],
            "organisms": self.organism,
            "genesymbols": 1,
            "format": "tsv",
        }
        name = f"omnipath_{WEB_NAMES[self.dataset]}_{self.organism}.tsv"
        return (Download(MAIN, f"{ADDRESS}?{urlencode(question)}", name),)

    def parse(self, path: Path) -> PairProduct:
        header = _header(check_format(path, self.fits, FORM)[0][1])
        sides = _sides(header)
        assert sides is not None  # ``check_format`` has called ``fits``
        left_at, right_at = sides
        directed_at = header.index(DIRECTED_COLUMN) if DIRECTED_COLUMN in header else None
        rows = Collector(path, mapping=self.mapping)
        for number, fields in _records(path):
            if len(fields) != len(header):
                rows.leave_out(ILL_FORMED, number, "\t".join(fields))
                continue
            left, right = fields[left_at], fields[right_at]
            if directed_at is not None and fields[directed_at].lower() in ("0", "false"):
                rows.leave_out(UNDIRECTED, number, left, right)
            elif self.complexes is Complexes.drop and COMPLEX in (left[:8], right[:8]):
                rows.leave_out(OF_COMPLEX, number, left, right)
            else:
                for one, other in all_pairs(_members(left), _members(right)):
                    rows.keep(number, one, other)
        return rows.product(directed=True)


def _header(line: str) -> list[str]:
    return [name.strip().strip('"').lower() for name in line.split(_delimiter(line))]


def _delimiter(line: str) -> str:
    return "\t" if "\t" in line else ","


def _sides(header: list[str]) -> tuple[int, int] | None:
    for left, right in SIDES:
        if left in header and right in header:
            return header.index(left), header.index(right)
    return None


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and fields below the header; comma-separated fields may be quoted."""
    with numbered(path) as lines:
        delimiter = _delimiter(next(lines)[1])
        for number, line in lines:
            if delimiter == ",":
                yield number, next(csv.reader([line]))
            else:
                yield number, [field.strip() for field in line.split(delimiter)]


def _members(name: str) -> list[str]:
    return name.removeprefix(COMPLEX).split("_") if name.startswith(COMPLEX) else [name]
