"""An HTTPS address -> a complete file; an interrupted download resumes.

Beside a file ``name``, ``name.json`` records where it comes from. Until the file is complete, its
content is in ``name.partial``. A download resumes only if the server confirms, by ETag or date,
that its content has not changed.
"""

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException, HTTPResponse
from importlib.metadata import version
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.io.atomic import PARTIAL, replacing
from ppi_ratio.io.checksums import file_sha256
from ppi_ratio.io.https import open_https, save_response, stated_size

TIMEOUT = 60  # seconds without a byte
RELEASE_HEADER = "X-UniProt-Release"
PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 206, 416  # HTTP status codes


@dataclass(frozen=True)
class Fetched:
    """The origin of a downloaded file, as recorded beside it.

    Attributes:
        url: address of the file.
        validator: ETag or date by which the server recognises this content. It is empty if the
            server sent neither; an interrupted download then starts again.
        last_modified: date of the file on the server.
        release: release that the server states, if any.
        sha256: SHA-256 of the complete file; empty until the file is complete.
        date: time of the download, ISO 8601 in UTC.
    """

    url: str
    validator: str = ""
    last_modified: str = ""
    release: str = ""
    sha256: str = ""
    date: str = ""


def download(url: str, path: Path, *, setting: str = "input") -> Fetched:
    """Download ``url`` to ``path``, unless ``path`` was downloaded from ``url`` before.

    Args:
        url: the address; it must begin with ``https://``, and so must every redirection.
        path: the file to write.
        setting: the setting that takes a file which the user downloaded, for the error message.

    Raises:
        ConfigError: if ``url`` is not HTTPS.
        InputError: if the download fails; the message says why, and what to do.
    """
    if urlsplit(url).scheme != "https":
        raise ConfigError(f"{url}: only https:// addresses can be downloaded")
    known = _read_record(path)
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
        advice = f"the same command resumes after the first {kept:,} bytes, or " if kept else ""
        raise InputError(
            f"{url}: could not be downloaded ({_reason(error)}); {advice}download it yourself and "
            f"give the file as `{setting}`"
        ) from error
    complete = dataclasses.replace(fetched, sha256=file_sha256(partial))
    partial.replace(path)
    _write_record(path, complete)
    return complete


def _stream(known: Fetched, path: Path, partial: Path) -> Fetched:
    """Append the missing bytes to ``partial``; the result has no SHA-256 yet."""
    start = _size(partial)
    try:
        response = _ask(known, start)
    except HTTPError as error:
        error.close()
        if error.code != RANGE_NOT_SATISFIABLE or not start:
            raise
        partial.unlink()
        return _stream(known, path, partial)
    with response:
        if response.status != PARTIAL_CONTENT:
            start = 0
        fetched, total = _described(known.url, response), _total(response, start)
        _write_record(path, fetched)
        save_response(response, partial, title=path.name, total=total, start=start)
    return fetched


def _ask(known: Fetched, start: int) -> HTTPResponse:
    headers = {"User-Agent": f"ppi-ratio/{version('ppi-ratio')}", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": known.validator}
    return open_https(Request(known.url, headers=headers), timeout=TIMEOUT)


def _described(url: str, response: HTTPResponse) -> Fetched:
    """The record of a response, from its headers."""
    modified, tag = response.headers.get("Last-Modified", ""), response.headers.get("ETag", "")
    release = response.headers.get(RELEASE_HEADER, "")
    # A weak ETag does not guarantee the same bytes.
    validator = modified if tag.startswith("W/") or not tag else tag
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Fetched(url, validator, modified, release, date=now)


def _total(response: HTTPResponse, start: int) -> int | None:
    """Size of the whole file in bytes, if the server states it."""
    if response.status == PARTIAL_CONTENT:
        content_range = response.headers.get("Content-Range", "")
        if not content_range.startswith(f"bytes {start}-"):
            raise HTTPException(f"asked for bytes from {start:,} on, got {content_range!r}")
        size = content_range.rpartition("/")[2]
        return int(size) if size.isdigit() else None
    return stated_size(response)


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"HTTP {error.code} {error.reason}"
    return str(getattr(error, "reason", None) or error) or type(error).__name__


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _record_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _write_record(path: Path, fetched: Fetched) -> None:
    with replacing(_record_path(path)) as partial:
        partial.write_text(json.dumps(dataclasses.asdict(fetched), indent=2) + "\n")


def _read_record(path: Path) -> Fetched | None:
    """The record of an earlier download; None if there is none that can be read."""
    try:
        return Fetched(**json.loads(_record_path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
