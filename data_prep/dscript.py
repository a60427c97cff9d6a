"""D-SCRIPT's labelled tables of several species -> undirected pairs with sequences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from data_prep.collecting import ILL_FORMED, Collector
from data_prep.lines import check_format, numbered
from data_prep.products import PairProduct, Product, sequences_of
from data_prep.source import MAIN, Download, MappingFile, Origin
from ppi_ratio.errors import ConfigError
from ppi_ratio.pairs import LABEL
from ppi_ratio.sequences import read_fasta

FORM = "D-SCRIPT's pairs: two ids and 1 or 0 per line, separated by tabs, without a header"
ADDRESS = "https://raw.githubusercontent.com/samsledje/D-SCRIPT/main/data"
LABELS = {"1": 1, "1.0": 1, "0": 0, "0.0": 0}


class Table(StrEnum):
    """A table of D-SCRIPT's repository."""

    human_train = "human_train"
    human_test = "human_test"
    mouse_test = "mouse_test"
    fly_test = "fly_test"
    worm_test = "worm_test"
    yeast_test = "yeast_test"
    ecoli_test = "ecoli_test"


@dataclass(frozen=True)
class DScript:
    """STRING's physical interactions of a species, with ten random non-pairs per interaction."""

    origin: ClassVar[Origin] = Origin(
        "D-SCRIPT cross-species benchmark",
        "https://github.com/samsledje/D-SCRIPT",
        "MIT; the interactions are STRING's, CC BY 4.0",
        "Sledzieski et al., Cell Systems 12:969, 2021, doi:10.1016/j.cels.2021.08.010",
    )
    product: ClassVar[type[Product]] = PairProduct

    table: Annotated[Table | None, typer.Option(help="Which table to download.")] = None
    fasta: Annotated[
        Path | None,
        typer.Option(
            help="FASTA; sequences of the table's proteins are written beside it as .fasta."
        ),
    ] = None
    mapping: MappingFile = None

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        rows = [line.split("\t") for line in lines]
        fitting = [row for row in rows if len(row) == 3 and row[2].strip() in LABELS]
        return 2 * len(fitting) > len(rows)

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        if not main:
            return ()
        if self.table is None:
            known = ", ".join(Table)
            raise ConfigError(f"choose a table to download (`table`): {known}")
        species = self.table.partition("_")[0]
        pairs, fasta = f"pairs/{self.table}.tsv", f"seqs/{species}.fasta"
        table = Download(MAIN, f"{ADDRESS}/{pairs}", f"dscript_{self.table}.tsv")
        if self.fasta is not None:
            return (table,)
        return table, Download("fasta", f"{ADDRESS}/{fasta}", f"dscript_{species}.fasta")

    def parse(self, path: Path) -> PairProduct:
        check_format(path, self.fits, FORM)
        rows = Collector(path, mapping=self.mapping)
        with numbered(path) as lines:
            for number, line in lines:
                fields = [field.strip() for field in line.split("\t")]
                if len(fields) == 3 and fields[2] in LABELS:
                    rows.keep(number, fields[0], fields[1], LABELS[fields[2]])
                else:
                    rows.leave_out(ILL_FORMED, number, line)
        product = rows.product(directed=False, values=LABEL)
        proteins = None if self.fasta is None else read_fasta(self.fasta)
        sequences, notes = sequences_of(product.pairs.ids, proteins)
        return replace(product, sequences=sequences, notes=product.notes + notes)
