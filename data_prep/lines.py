"""Files as sources publish them (plain, gzip or zip) -> numbered lines of a checked format."""

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
SAMPLE = 50  # lines that decide whether a file has a format
LINE_WIDTH = 60  # characters of a line that a message shows
ZIP_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError),  # unknown compression and encrypted files
)
NEGATIVE_FILE = "negative"  # in IntAct's zip file: pairs reported not to interact
RELEASE = re.compile(r"(?<![A-Za-z])v(\d+(?:[._]\d+)*)|(?<!\d)(\d+(?:\.\d+)+)")


class WrongFormatError(InputError):
    """The file has another format than the source needs."""


@contextmanager
def numbered(path: Path) -> Iterator[Iterator[tuple[int, str]]]:
    """Open a file and iterate over (line number from 1, line), without blank lines and line ends.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if ``path`` is a folder, no UTF-8 text, damaged, or a zip file of several files.
    """
    with _open(path) as text:
        lines = enumerate(text, start=1)
        yield ((number, line.rstrip("\n")) for number, line in lines if not line.isspace())


def head(path: Path) -> list[tuple[int, str]]:
    """The first lines of a file with their numbers, as in ``numbered``."""
    with numbered(path) as lines:
        return list(islice(lines, SAMPLE))


def check_format(
    path: Path, fits: Callable[[Sequence[str]], bool], form: str
) -> list[tuple[int, str]]:
    """Check the format of a file, and return its first lines.

    Raises:
        WrongFormatError: if ``fits`` is False for these lines; ``form`` names the format.
    """
    if is_hdf5(path):
        raise WrongFormatError(f"{path}: is an HDF5 file; expected {form}")
    sample = head(path)
    if not sample:
        raise WrongFormatError(f"{path}: is empty; expected {form}")
    if not fits([line for _, line in sample]):
        number, line = sample[0]
        raise WrongFormatError(f"{path}: line {number} is {line[:LINE_WIDTH]!r}; expected {form}")
    return sample


def release_of(path: Path) -> str | None:
    """The release, such as ``12.0``, in the name of a file or of a file inside a zip file."""
    names = [path.name]
    # The files inside a damaged zip file cannot be listed.
    with suppress(*ZIP_FAULTS), zipfile.ZipFile(path) as archive:
        names += archive.namelist()
    found = filter(None, map(RELEASE.search, names))
    return next(((match[1] or match[2]).replace("_", ".") for match in found), None)


def is_zip(path: Path) -> bool:
    """True for a zip file, judged by content."""
    return _begins_with(path, ZIP_MAGIC)


def is_hdf5(path: Path) -> bool:
    """True for an HDF5 file, judged by content."""
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
        raise InputError(
            f"{path}: not UTF-8 text ({error.reason}); save the file as UTF-8"
        ) from error
    except ZIP_FAULTS as error:
        raise InputError(f"{path}: damaged zip file ({error}); download the file again") from error


def _member(archive: zipfile.ZipFile, path: Path) -> str:
    """Name of the one file to read in a zip file."""
    files = [name for name in archive.namelist() if not name.endswith("/")]
    files = [name for name in files if NEGATIVE_FILE not in name] or files
    if len(files) != 1:
        raise InputError(
            f"{path}: holds {len(files)} files ({', '.join(files[:3])}, ...); unpack it and give "
            "the file to read"
        )
    return files[0]
