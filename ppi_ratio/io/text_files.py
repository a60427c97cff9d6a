"""Text files as users have them (plain or gzip, any line ending, perhaps a BOM) -> lines."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import bounded

GZIP_MAGIC = b"\x1f\x8b"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # in no table of ids


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file for reading, gunzipping by content rather than by suffix.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if it is a directory, a device or a pipe, is not UTF-8 text, or is a damaged
            gzip file or one that unpacks to too much; the last three are noticed while reading.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    if path.is_dir():
        raise InputError(f"{path}: is a directory, expected a file")
    if not path.is_file():
        raise InputError(f"{path}: is a device or a pipe; write what it gives to a file first")
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        stream = bounded(gzip.GzipFile(fileobj=raw), raw.tell, path) if packed else raw
        with io.TextIOWrapper(stream, encoding="utf-8-sig") as text:
            try:
                yield text
            except UnicodeDecodeError as error:
                raise InputError(
                    f"{path}: not UTF-8 text ({error.reason}); re-save as UTF-8"
                ) from error
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise InputError(f"{path}: damaged gzip file ({error}); fetch it again") from error


def read_ids(path: Path) -> list[str]:
    """Protein ids, one a line; blank lines and what follows a tab or ``#`` do not count.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if it is no text, holds no id, or holds a control character in one.
    """
    with open_text(path) as lines:
        ids = [line.split("#")[0].split("\t")[0].strip() for line in lines]
    strange = [number for number, name in enumerate(ids) if CONTROL.search(name)]
    if strange:
        raise InputError(f"{path}: line {strange[0] + 1} is no id: {ids[strange[0]][:40]!r}")
    ids = [name for name in ids if name]
    if not ids:
        raise InputError(f"{path}: no ids in it; write one a line")
    return ids
