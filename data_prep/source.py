"""What a public source is: its settings, where its files are, and how they become a product."""

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
        help="What ids stand for: two columns, or a FASTA file with UniProt's headers (entry "
        "names and gene symbols). Pairs with an id that is not in it are left out."
    ),
]


@dataclass(frozen=True)
class Origin:
    """Where data comes from, for the provenance sheet.

    Attributes:
        licence: as the source stated it when this was written; its page has the last word.
    """

    title: str
    homepage: str
    licence: str
    citation: str


@dataclass(frozen=True)
class Download:
    """One file that a source publishes.

    Attributes:
        field: the setting that takes the user's own copy; ``input`` for the main file.
        url: of the current release.
        name: to store it under.
    """

    field: str
    url: str
    name: str


class Source(Protocol):
    """One public source; an instance is its settings.

    Attributes:
        origin: what it is.
        product: what its files become.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]
    origin: ClassVar[Origin]
    product: ClassVar[type[Product]]

    @staticmethod
    def fits(lines: Sequence[str]) -> bool:
        """Whether a text that begins with these lines is of this source's format."""
        ...

    def downloads(self, *, main: bool) -> tuple[Download, ...]:
        """The files to fetch, the main one first if ``main`` says that it is needed.

        Raises:
            ConfigError: if a setting is missing that says which.
        """
        ...

    def parse(self, path: Path) -> Product:
        """Turn the main file into what ``ppi_ratio`` reads.

        Raises:
            WrongFormatError: if it is of another format.
            InputError: if it is damaged, or nothing in it fits the settings.
        """
        ...
