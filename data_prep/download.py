"""An address -> a file: over HTTPS only, whole or not at all, going on where it broke off.

Beside a file ``name`` stand ``name.json``, which says where it comes from, and until it is
complete ``name.partial``. A partial file is gone on with only if the server says, by ETag or by
date, that it still has the same content.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException, HTTPResponse
from importlib.metadata import version
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.io.atomic import PARTIAL, replacing
from ppi_ratio.io.https import open_https

CHUNK = 2**20
TIMEOUT = 60  # seconds without a byte
RELEASE_HEADER = "X-UniProt-Release"
PART, UNSATISFIABLE = 206, 416


@dataclass(frozen=True)
class Fetched:
    """What is known of a downloaded file.

    Attributes:
        validator: ETag or date by which the server knows this content again; empty if it gave
            none, and then a broken download begins anew.
        sha256: of the complete file; empty until it is complete.
        date: when it was fetched, as ISO 8601 in UTC.
    """

    url: str
    validator: str = ""
    last_modified: str = ""
    release: str = ""
    sha256: str = ""
    date: str = ""


def download(url: str, path: Path, *, instead: str = "--input FILE") -> Fetched:
    """Fetch ``url`` to ``path``, unless it is there already from the same address.

    Args:
        url: must begin with ``https://``, and so must every address it redirects to.
        path: the file to write.
        instead: the option that takes a file which the user fetched, for the message.

    Raises:
        ConfigError: if ``url`` is not HTTPS.
        InputError: if it cannot be fetched; says why, and what to do.
    """
    if urlsplit(url).scheme != "https":
        raise ConfigError(f"{url}: only https:// addresses are fetched")
    known = _read_sheet(path)
    if known is not None and known.url == url and known.sha256 and path.is_file():
        return known
    partial = path.with_name(path.name + PARTIAL)
    if known is None or known.url != url or not known.validator or partial.is_symlink():
        partial.unlink(missing_ok=True)
        known = Fetched(url)
    try:
        fetched = _stream(known, path, partial)
    except (OSError, HTTPException) as error:
        kept = _size(partial)
        on = f"the same command goes on after the first {kept:,} bytes, or " if kept else ""
        raise InputError(
            f"{url}: could not be fetched ({_reason(error)}); {on}download it yourself and give "
            f"{instead}"
        ) from error
    complete = dataclasses.replace(fetched, sha256=sha256_of(partial))
    partial.replace(path)
    _write_sheet(path, complete)
    return complete


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stream(known: Fetched, path: Path, partial: Path) -> Fetched:
    """Add what is missing to ``partial``; what is returned has no digest yet."""
    start = _size(partial)
    try:
        response = _ask(known, start)
    except HTTPError as error:
        error.close()
        if error.code != UNSATISFIABLE or not start:
            raise
        partial.unlink()
        return _stream(known, path, partial)
    with response:
        if response.status != PART:
            start = 0
        fetched, total = _described(known.url, response), _total(response, start)
        _write_sheet(path, fetched)
        with (
            _progress(path.name, start, total) as (progress, task),
            partial.open("ab" if start else "wb") as file,
        ):
            while chunk := response.read(CHUNK):
                file.write(chunk)
                progress.advance(task, len(chunk))
    if total is not None and _size(partial) != total:
        raise HTTPException(f"it ended after {_size(partial):,} of {total:,} bytes")
    return fetched


def _ask(known: Fetched, start: int) -> HTTPResponse:
    headers = {"User-Agent": f"ppi-ratio/{version('ppi-ratio')}", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": known.validator}
    return open_https(Request(known.url, headers=headers), timeout=TIMEOUT)


def _described(url: str, response: HTTPResponse) -> Fetched:
    """What the server says of the content."""
    modified, tag = response.headers.get("Last-Modified", ""), response.headers.get("ETag", "")
    release = response.headers.get(RELEASE_HEADER, "")
    # a weak tag does not promise the same bytes
    validator = modified if tag.startswith("W/") or not tag else tag
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Fetched(url, validator, modified, release, date=now)


def _total(response: HTTPResponse, start: int) -> int | None:
    """Size of the whole file in bytes, if the server says it."""
    if response.status == PART:
        content_range = response.headers.get("Content-Range", "")
        if not content_range.startswith(f"bytes {start}-"):
            raise HTTPException(f"asked to go on from byte {start:,}, got {content_range!r}")
        size = content_range.rpartition("/")[2]
    else:
        size = response.headers.get("Content-Length", "")
    return int(size) if size.isdigit() else None


@contextmanager
def _progress(name: str, start: int, total: int | None) -> Iterator[tuple[Progress, TaskID]]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TransferSpeedColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as progress:
        yield progress, progress.add_task(name, total=total, completed=start)


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"HTTP {error.code} {error.reason}"
    return str(getattr(error, "reason", None) or error) or type(error).__name__


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _sheet_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _write_sheet(path: Path, fetched: Fetched) -> None:
    with replacing(_sheet_path(path)) as partial:
        partial.write_text(json.dumps(dataclasses.asdict(fetched), indent=2) + "\n")


def _read_sheet(path: Path) -> Fetched | None:
    """What an earlier download noted; nothing if that cannot be read."""
    try:
        return Fetched(**json.loads(_sheet_path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
