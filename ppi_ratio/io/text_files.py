"""Text files, plain or gzip, with any line ending and an optional BOM -> lines."""

import gzip
import io
import logging
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ppi_ratio.errors import InputError
from ppi_ratio.io.limits import bounded

logger = logging.getLogger(__name__)

GZIP_MAGIC = b"\x1f\x8b"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # characters that no id may hold


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file for reading; gzip is recognised by content, not by suffix.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if ``path`` is a folder, a device or a pipe. While reading: if the content is
            not UTF-8, is damaged gzip, or unpacks to too much.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    if path.is_dir():
        raise InputError(f"{path}: is a directory; expected a file")
    if not path.is_file():
        raise InputError(f"{path}: is a device or a pipe; write its content to a file first")
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        stream = bounded(gzip.GzipFile(fileobj=raw), raw.tell, path) if packed else raw
        with io.TextIOWrapper(stream, encoding="utf-8-sig") as text:
            try:
                yield text
            except UnicodeDecodeError as error:
                raise InputError(
                    f"{path}: not UTF-8 text ({error.reason}); save the file as UTF-8"
                ) from error
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise InputError(
                    f"{path}: damaged gzip file ({error}); download the file again"
                ) from error


def read_ids(path: Path) -> list[str]:
    """Read protein ids, one per line; ignore blank lines and text after a tab or ``#``.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if the file is no text, holds no id, or has a control character in an id.
    """
    with open_text(path) as lines:
        fields = [[part.strip() for part in line.split("#")[0].split("\t")] for line in lines]
    ids = [first for first, *_ in fields]
    strange = [number for number, name in enumerate(ids) if CONTROL.search(name)]
    if strange:
        raise InputError(
            f"{path}: line {strange[0] + 1} has a control character in its id: "
            f"{ids[strange[0]][:40]!r}"
        )
    ids = [name for name in ids if name]
    if not ids:
        raise InputError(f"{path}: holds no ids; write one per line")
    others = [(first, rest[0]) for first, *rest in fields if first and any(rest)]
    if others:
        logger.warning(
            "%s: %d lines have several columns; the ids are those of the first column, such as %s, "
            "not %s",
            *(path, len(others), *others[0]),
        )
    return ids
