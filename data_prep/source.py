"""The interface of a public source: settings, files to download, and ``parse`` into a product."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol

import typer

from data_prep.products import Product

MAIN = "input"

MappingFile = Annotated[
    Path | None,
    typer.Option(
        help="Map from ids to accessions: a table of two columns, or a FASTA file with UniProt "
        "headers (entry names and gene symbols). Pairs with an id that is not in the map are left "
        "out."
    ),
]


@dataclass(frozen=True)
class Origin:
    """Where data comes from, for the provenance file.

    Attributes:
        title: name of the source.
        homepage: address of the source.
        licence: licence when this module was written; the homepage is authoritative.
        citation: the paper to cite.
    """

    title: str
    homepage: str
    licence: str
    citation: str


@dataclass(frozen=True)
class Download:
    """A file that a source publishes.

    Attributes:
        field: name of the setting that takes the user's own copy; for the main file ``input``.
        url: address of the current release.
        name: file name to save it under.
    """

    field: str
    url: str
    name: str


class Source(Protocol):
    """A public source; an instance holds its settings.

    Attributes:
        origin: where the data comes from.
        product: class of product that its files become.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]
    origin: ClassVar[Origin]
    product: ClassVar[type[Product]]

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        """True if a text that begins with these lines has this source's format."""
        ...

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        """The files to download; with ``main``, the main file comes first.

        Raises:
            ConfigError: if a setting that selects the files is missing.
        """
        ...

    def parse(self, path: Path) -> Product:
        """Turn the main file into a product that ``ppi_ratio`` reads.

        Raises:
            WrongFormatError: if the file has another format.
            InputError: if the file is damaged, or nothing in it fits the settings.
        """
        ...
