"""Input files, settings and counts of a product -> the provenance file beside it, in JSON."""

import dataclasses
import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from data_prep.download import Fetched
from data_prep.lines import release_of
from data_prep.products import Product
from data_prep.source import Source
from ppi_ratio.io.atomic import replacing
from ppi_ratio.io.checksums import file_sha256

SUFFIX = ".provenance.json"
FORMAT = 1


@dataclasses.dataclass(frozen=True)
class InputFile:
    """A file that was read.

    Attributes:
        role: name of the setting that takes the file.
        path: where the file is.
        sha256: SHA-256 of its content.
        release: release that its name or its server states.
        fetched: the origin of the file, if it was downloaded.
    """

    role: str
    path: Path
    sha256: str
    release: str | None
    fetched: Fetched | None = None

    @classmethod
    def of(cls, role: str, path: Path, fetched: Fetched | None = None) -> "InputFile":
        """Describe a file as it is now.

        Raises:
            FileNotFoundError: if nothing is at ``path``.
        """
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file")
        release = fetched.release if fetched and fetched.release else release_of(path)
        return cls(role, path, file_sha256(path), release, fetched)

    def to_dict(self) -> dict[str, Any]:
        """The description as plain values, for JSON."""
        described = {"role": self.role, "name": self.path.name, "bytes": self.path.stat().st_size}
        described |= {"sha256": self.sha256, "release": self.release}
        if self.fetched is not None:
            described |= {
                "url": self.fetched.url,
                "fetched": self.fetched.date,
                "last_modified": self.fetched.last_modified,
            }
        return described


def provenance_path(out: Path) -> Path:
    """Path of the provenance file of the product ``out``."""
    return out.with_name(out.name + SUFFIX)


def write_provenance(
    out: Path, name: str, source: Source, files: list[InputFile], product: Product
) -> Path:
    """Write the provenance file of a product; return its path."""
    record = {
        "format": FORMAT,
        "source": name,
        **dataclasses.asdict(source.origin),
        "release": next((file.release for file in files if file.release), None),
        "prepared": datetime.now(UTC).isoformat(timespec="seconds"),
        "ppi_ratio_version": version("ppi-ratio"),
        "settings": dataclasses.asdict(source),
        "files": [file.to_dict() for file in files],
        "counts": product.counts(),
        "left_out": [dataclasses.asdict(drop) for drop in product.drops],
        "notes": list(product.notes),
    }
    path = provenance_path(out)
    with replacing(path) as partial:
        partial.write_text(json.dumps(record, indent=2, default=str) + "\n", encoding="utf-8")
    return path
