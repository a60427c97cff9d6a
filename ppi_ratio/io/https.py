"""An HTTPS address -> a response, and a response -> a file; plain HTTP is never used."""

import urllib.request
from email.message import Message
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.runtime.progress import rate_bar

CHUNK = 2**20  # bytes


def open_https(request: Request, *, timeout: float) -> HTTPResponse:
    """Send a request over HTTPS; follow redirects only to HTTPS addresses.

    Args:
        request: its address must begin with ``https://``.
        timeout: seconds without a byte after which the request fails.

    Raises:
        ConfigError: if the address is not HTTPS.
        InputError: if the server redirects to an address that is not HTTPS.
        OSError: if the server cannot be reached, or refuses the request.
    """
    if urlsplit(request.full_url).scheme != "https":
        raise ConfigError(f"{request.full_url}: only https:// addresses are fetched")
    return urllib.request.build_opener(_HttpsOnly()).open(request, timeout=timeout)


def save_response(
    response: HTTPResponse, path: Path, *, title: str, total: int | None, start: int = 0
) -> None:
    """Write the body of a response to a file, with a progress bar.

    Args:
        response: its body is read to the end.
        path: the file to write.
        title: text beside the progress bar.
        total: size in bytes of the whole file, if the server states it.
        start: bytes that ``path`` already holds; the body is appended to them.

    Raises:
        HTTPException: if the file ends with another size than ``total``.
    """
    with (
        path.open("ab" if start else "wb") as file,
        rate_bar(title, "bytes", total=total, done=start) as advance,
    ):
        while chunk := response.read(CHUNK):
            file.write(chunk)
            advance(len(chunk))
    size = path.stat().st_size
    if total is not None and size != total:
        raise HTTPException(f"it ended after {size:,} of {total:,} bytes")


def stated_size(response: HTTPResponse) -> int | None:
    """Length of the body in bytes; None if the server does not state it."""
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


class _HttpsOnly(HTTPRedirectHandler):
    """Follows redirects, except to addresses that others could tamper with on the way."""

    def redirect_request(
        self, req: Request, fp: object, code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https":
            raise InputError(f"{req.full_url}: leads to {newurl}, which is not https://")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # pyright: ignore[reportArgumentType] -- the stub wants a narrower stream
