"""UniProt's per-protein.h5 (mean ProtT5 vectors) -> a file of vectors, and their coverage."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from data_prep.identifiers import is_accession
from data_prep.lines import WrongFormatError, is_hdf5
from data_prep.products import Product, VectorProduct
from data_prep.source import MAIN, Download, Origin
from ppi_ratio.errors import ConfigError, ProvenanceError
from ppi_ratio.pairs import LEFT, RIGHT, read_candidates

if TYPE_CHECKING:
    from ppi_ratio.embeddings import Embeddings

FORM = "UniProt's per-protein.h5: HDF5 with one vector per accession"
ADDRESS = "https://ftp.uniprot.org/pub/databases/uniprot/current_release/knowledgebase/embeddings"
ENCODER = "prot_t5_xl_uniref50"
DIM = 1024


@dataclass(frozen=True)
class PerProtein:
    """ProtT5 vectors that UniProt computed: 1,024 numbers per reviewed protein; no GPU needed."""

    origin: ClassVar[Origin] = Origin(
        "UniProt protein embeddings (ProtT5)",
        "https://www.uniprot.org/help/embeddings",
        "CC BY 4.0",
        "Elnaggar et al., IEEE Transactions on Pattern Analysis and Machine Intelligence 44:7112, "
        "2022, doi:10.1109/TPAMI.2021.3095381",
    )
    product: ClassVar[type[Product]] = VectorProduct

    proteome: Annotated[
        str | None,
        typer.Option(
            help="What to download: uniprot_sprot, or a proteome such as UP000005640_9606."
        ),
    ] = None
    pairs: Annotated[
        Path | None,
        typer.Option(help="A table of pairs, to count the pairs with both vectors."),
    ] = None

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        return False  # the format is not text

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        if not main:
            return ()
        if self.proteome is None:
            raise ConfigError(
                "choose what to download (`proteome`): uniprot_sprot or UP000005640_9606"
            )
        url = f"{ADDRESS}/{self.proteome}/per-protein.h5"
        return (Download(MAIN, url, f"{self.proteome}_per-protein.h5"),)

    def parse(self, path: Path) -> VectorProduct:
        from ppi_ratio.embeddings import Embeddings

        if path.is_file() and not is_hdf5(path):
            raise WrongFormatError(f"{path}: not an HDF5 file; expected {FORM}")
        vectors = Embeddings.read(path, encoder=ENCODER)
        _check_origin(vectors, path)
        if self.pairs is None:
            return VectorProduct(vectors)
        return _with_coverage(vectors, self.pairs)


def _check_origin(vectors: "Embeddings", path: Path) -> None:
    """Refuse vectors that cannot be UniProt's, since its files do not name their encoder.

    Raises:
        ProvenanceError: if vectors have another length, or most ids are not accessions.
    """
    if vectors.dim != DIM:
        raise ProvenanceError(
            f"{path}: has vectors of {vectors.dim:,} numbers, but UniProt's (ProtT5) have "
            f"{DIM:,}; vectors of another encoder need no preparation, ppi-ratio reads them as "
            "they are"
        )
    strange = [name for name in vectors.ids if not is_accession(name)]
    if 2 * len(strange) > len(vectors):
        raise ProvenanceError(
            f"{path}: {len(strange):,} of {len(vectors):,} ids are not UniProt accessions, e.g. "
            f"{strange[0]}; this is not UniProt's per-protein.h5"
        )


def _with_coverage(vectors: "Embeddings", path: Path) -> VectorProduct:
    pairs = read_candidates(path)
    left, right = (vectors.rows(pairs[side]) >= 0 for side in (LEFT, RIGHT))
    ids = sorted({*pairs[LEFT], *pairs[RIGHT]} - {""})
    known = vectors.rows(ids) >= 0
    covered = {
        "rows of the table": len(pairs),
        "rows with both vectors": int((left & right).sum()),
        "proteins of the table": len(ids),
        "proteins with a vector": int(known.sum()),
    }
    missing = [name for name, has_vector in zip(ids, known, strict=True) if not has_vector]
    notes = (f"{path}: no vector for {', '.join(missing[:5])}, ...",) if missing else ()
    return VectorProduct(vectors, covered, notes)
