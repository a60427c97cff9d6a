"""A source and its files, given or downloaded -> a product on disk, its provenance, a report."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from data_prep.download import download
from data_prep.lines import WrongFormatError
from data_prep.products import Product
from data_prep.provenance import InputFile, provenance_path, write_provenance
from data_prep.source import MAIN, Source
from data_prep.sources import recognise
from ppi_ratio.errors import ConfigError, InputError

DOWNLOADS = "downloads"


@dataclass(frozen=True)
class Request:
    """Where to read and where to write.

    Attributes:
        out: the file or folder to write.
        input: the user's own copy of the main file; it is downloaded if not given.
        sha256: SHA-256 that the main file must have.
        downloads: folder for downloaded files; ``downloads`` beside ``out`` by default.
    """

    out: Path
    input: Path | None = None
    sha256: str | None = None
    downloads: Path | None = None


def prepare(name: str, source: Source, request: Request) -> str:
    """Download missing files, parse them, write the product and its provenance; return a report.

    Raises:
        ConfigError: if a setting is missing or ``out`` cannot be written to.
        InputError: if a download fails, or a file has another format or is damaged.
    """
    out = request.out
    source.product.check_name(out)
    source, main, files = _with_files(source, request)
    _check_hash(main, files, request.sha256)
    with Console(stderr=True).status(f"reading {main}"):
        try:
            product = source.parse(main)
        except WrongFormatError as error:
            raise InputError(f"{error}{_hint(main, name)}") from error
    _check_targets(product.targets(out), files)
    # A product must never stand beside the provenance of another product.
    provenance_path(out).unlink(missing_ok=True)
    product.write(out)
    record = write_provenance(out, name, source, files, product)
    return _report(product, out, files, record)


def _with_files(source: Source, request: Request) -> tuple[Source, Path, list[InputFile]]:
    """The source with all its files, the main file, and a description of every file."""
    main, fetched = request.input, {}
    folder = request.downloads or request.out.parent / DOWNLOADS
    for wanted in source.downloads(main=main is None):
        path = folder / wanted.name
        fetched[wanted.field] = download(wanted.url, path, setting=wanted.field)
        if wanted.field == MAIN:
            main = path
        else:
            source = dataclasses.replace(source, **{wanted.field: path})
    assert main is not None  # the main file is given or downloaded
    if not main.exists():
        raise FileNotFoundError(f"{main}: no such file")
    mains = sorted(p for p in main.iterdir() if p.is_file()) if main.is_dir() else [main]
    files = [InputFile.of(MAIN, path, fetched.get(MAIN)) for path in mains]
    for field in dataclasses.fields(source):
        value = getattr(source, field.name)
        if isinstance(value, Path):
            files.append(InputFile.of(field.name, value, fetched.get(field.name)))
    return source, main, files


def _check_hash(main: Path, files: list[InputFile], sha256: str | None) -> None:
    if sha256 is None:
        return
    if main.is_dir():
        raise ConfigError(f"{main}: is a folder, so `sha256` does not apply")
    if files[0].sha256 != sha256.lower():
        raise InputError(
            f"{main}: its SHA-256 is {files[0].sha256}, not {sha256}; delete the file and run the "
            "command again, or correct `sha256`"
        )


def _check_targets(targets: tuple[Path, ...], files: list[InputFile]) -> None:
    read = {file.path.resolve() for file in files}
    for target in targets:
        if target.resolve() in read:
            raise ConfigError(
                f"{target}: is an input and would be overwritten; choose another `out`"
            )


def _report(product: Product, out: Path, files: list[InputFile], record: Path) -> str:
    """The report for the user: counts, what was left out, and notes."""
    fetched = [
        f"{f.path}: downloaded {f.fetched.date} from {f.fetched.url}" for f in files if f.fetched
    ]
    counts = [f"{count:>12,} {what}" for what, count in product.counts().items()]
    drops = [f"{d.count:>12,} {d.reason}, e.g. {d.examples[0]}" for d in product.drops]
    left_out = ["left out or merged:", *drops] if drops else []
    notes = [f"note: {note}" for note in product.notes]
    return "\n".join([*fetched, f"{out}:", *counts, *left_out, *notes, f"provenance: {record}"])


def _hint(path: Path, name: str) -> str:
    other = recognise(path)
    if other is None or other == name:
        return ""
    return f"; the file looks like one for: ppi-ratio prepare {other}"
