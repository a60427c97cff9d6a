"""The leakage-free human gold standard of Bernett et al. -> train, validation and test tables.

``Intra1`` is the training part, ``Intra0`` the validation part and ``Intra2`` the test part.
``pos`` holds the interactions. ``neg`` holds the non-pairs, drawn with matching degrees.
"""

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

import pandas as pd
import typer

from data_prep.collecting import ILL_FORMED, Collector
from data_prep.identifiers import is_accession
from data_prep.lines import ZIP_FAULTS, WrongFormatError, check_format, is_zip, numbered
from data_prep.products import PairProduct, Product, SplitProduct, pair_product, sequences_of
from data_prep.source import MAIN, Download, Origin
from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import check_unpacked_size
from ppi_ratio.pairs import LABEL, Split
from ppi_ratio.sequences import read_fasta

FORM = "two UniProt accessions per line with a space between them"
FILES = (
    "a folder or zip file with Intra0_pos_rr.txt, Intra0_neg_rr.txt, and the same files of Intra1 "
    "and Intra2"
)
ADDRESS = "https://figshare.com/ndownloader/articles/21591618/versions/3"
BLOCKS = {"train": "Intra1", "validation": "Intra0", "test": "Intra2"}
LABELS = {"pos": 1, "neg": 0}
SEQUENCES = "human_swissprot_oneliner.fasta"


@dataclass(frozen=True)
class GoldStandard:
    """Human train, validation and test tables that share no protein and no similar sequence."""

    origin: ClassVar[Origin] = Origin(
        "PPI prediction from sequence, gold standard dataset",
        "https://doi.org/10.6084/m9.figshare.21591618",
        "CC BY 4.0",
        "Bernett et al., Briefings in Bioinformatics 25:bbae076, 2024, doi:10.1093/bib/bbae076",
    )
    product: ClassVar[type[Product]] = SplitProduct

    fasta: Annotated[
        Path | None,
        typer.Option(help=f"FASTA of the proteins, if {SEQUENCES} is not in the folder."),
    ] = None

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        rows = [line.split() for line in lines]
        return all(len(row) == 2 and all(map(is_accession, row)) for row in rows)

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        return (Download(MAIN, ADDRESS, "bernett_gold_standard_v3.zip"),) if main else ()

    def parse(self, path: Path) -> SplitProduct:
        with _unpacked(path) as folder:
            parts = {part: _part(folder, block, path) for part, block in BLOCKS.items()}
            shipped = folder / SEQUENCES
            fasta = shipped if self.fasta is None and shipped.is_file() else self.fasta
            proteins = None if fasta is None else read_fasta(fasta)
        split = Split.from_tables(**{part: product.pairs for part, product in parts.items()})
        drops = tuple(
            replace(drop, reason=f"{drop.reason} ({part})")
            for part, product in parts.items()
            for drop in product.drops
        )
        n_rows = sum(product.n_rows for product in parts.values())
        ids = sorted({name for product in parts.values() for name in product.pairs.ids})
        sequences, notes = sequences_of(ids, proteins)
        leaks = tuple(f"leak: {leak}" for leak in split.leaks())
        return SplitProduct(split, n_rows, sequences, drops, notes + leaks)


def _part(folder: Path, block: str, path: Path) -> PairProduct:
    """Read one part: its interactions, then its non-pairs."""
    tables, drops, n_rows = [], [], 0
    for kind, label in LABELS.items():
        source = folder / f"{block}_{kind}_rr.txt"
        if not source.is_file():
            raise InputError(f"{path}: {source.name} is missing; expected {FILES}")
        check_format(source, GoldStandard.fits, FORM)
        rows = Collector(source)
        with numbered(source) as lines:
            for number, line in lines:
                fields = line.split()
                if len(fields) == 2:
                    rows.keep(number, fields[0], fields[1], label)
                else:
                    rows.leave_out(ILL_FORMED, number, line)
        tables.append(rows.rows(LABEL))
        drops += rows.drops()
        n_rows += rows.n_rows
    joined = pd.concat(tables, ignore_index=True)
    return pair_product(joined, n_rows, directed=False, name=block, drops=tuple(drops))


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The folder itself, or a temporary folder with the files of a zip file."""
    if path.is_dir():
        yield path
    elif is_zip(path):
        with tempfile.TemporaryDirectory() as name:
            _unpack(path, Path(name))
            yield Path(name)
    elif path.exists():
        raise WrongFormatError(f"{path}: expected {FILES}")
    else:
        raise FileNotFoundError(f"{path}: no such file or folder")


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            check_unpacked_size(
                path, sum(member.file_size for member in members), path.stat().st_size
            )
            for member in members:
                # Only the last part of a name is used, so that no file is written elsewhere.
                own = Path(member.filename).name
                if not member.is_dir() and own not in ("", ".."):
                    (folder / own).write_bytes(archive.read(member))
    except ZIP_FAULTS as error:
        raise InputError(f"{path}: damaged zip file ({error}); download the file again") from error
