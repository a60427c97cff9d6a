"""Files as sources publish them (plain, gzip or zip) -> numbered lines, and what was expected."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import bounded
from ppi_ratio.io.text_files import open_text

ZIP_MAGIC, HDF5_MAGIC = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
SAMPLE = 50  # lines that decide whether a file is of a format
SHOWN = 60  # characters of a line in a message
ZIP_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError),  # of a method that is not known, of encrypted files
)
ASIDE = "negative"  # IntAct packs the pairs reported not to interact beside the others
RELEASE = re.compile(r"(?<![A-Za-z])v(\d+(?:[._]\d+)*)|(?<!\d)(\d+(?:\.\d+)+)")


class WrongFormatError(InputError):
    """A file is not of the format that was asked for at all."""


@contextmanager
def numbered(path: Path) -> Iterator[Iterator[tuple[int, str]]]:
    """Open a file: its lines that are not blank, without their ends, and their numbers from 1.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if it is a folder, no UTF-8 text, damaged, or a zip file of several texts.
    """
    with _open(path) as text:
        lines = enumerate(text, start=1)
        yield ((number, line.rstrip("\n")) for number, line in lines if not line.isspace())


def head(path: Path) -> list[tuple[int, str]]:
    """The first lines of a file, as ``numbered`` gives them."""
    with numbered(path) as lines:
        return list(islice(lines, SAMPLE))


def expect(path: Path, fits: Callable[[Sequence[str]], bool], form: str) -> list[tuple[int, str]]:
    """The first lines of a file, once they are known to be of a format.

    Raises:
        WrongFormatError: if ``fits`` refuses them; ``form`` says what was expected.
    """
    if is_hdf5(path):
        raise WrongFormatError(f"{path}: is an HDF5 file; expected {form}")
    sample = head(path)
    if not sample:
        raise WrongFormatError(f"{path}: is empty; expected {form}")
    if not fits([line for _, line in sample]):
        number, line = sample[0]
        raise WrongFormatError(f"{path}: line {number} is {line[:SHOWN]!r}; expected {form}")
    return sample


def release_of(path: Path) -> str | None:
    """The release that the name of a file, or of what a zip file holds, states: ``12.0``."""
    names = [path.name]
    # of a damaged one only its own name is known
    with suppress(*ZIP_FAULTS), zipfile.ZipFile(path) as archive:
        names += archive.namelist()
    found = filter(None, map(RELEASE.search, names))
    return next(((match[1] or match[2]).replace("_", ".") for match in found), None)


def is_zip(path: Path) -> bool:
    """Whether this is a zip file, by its content."""
    return _begins_with(path, ZIP_MAGIC)


def is_hdf5(path: Path) -> bool:
    """Whether this is an HDF5 file, by its content."""
    return _begins_with(path, HDF5_MAGIC)


def _begins_with(path: Path, magic: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    if not is_zip(path):
        with open_text(path) as text:
            yield text
        return
    try:
        with (
            path.open("rb") as file,
            zipfile.ZipFile(file) as archive,
            archive.open(_member(archive, path)) as raw,
            io.TextIOWrapper(bounded(raw, file.tell, path), encoding="utf-8-sig") as text,
        ):
            yield text
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text ({error.reason})") from error
    except ZIP_FAULTS as error:
        raise InputError(f"{path}: damaged zip file ({error}); fetch it again") from error


def _member(archive: zipfile.ZipFile, path: Path) -> str:
    """The one file to read."""
    files = [name for name in archive.namelist() if not name.endswith("/")]
    files = [name for name in files if ASIDE not in name] or files
    if len(files) != 1:
        raise InputError(
            f"{path}: holds {len(files)} files ({', '.join(files[:3])}, ...); unpack it and give "
            "the one to read"
        )
    return files[0]
