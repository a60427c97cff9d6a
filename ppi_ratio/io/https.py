"""Addresses -> responses: over HTTPS only, wherever a server sends us."""

import urllib.request
from email.message import Message
from http.client import HTTPResponse
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request

from ppi_ratio.errors import ConfigError, InputError


def open_https(request: Request, *, timeout: float) -> HTTPResponse:
    """Ask a server, and follow it to other addresses if they are HTTPS too.

    Args:
        request: to an address that begins with ``https://``.
        timeout: seconds without a byte.

    Raises:
        ConfigError: if the address is not HTTPS.
        InputError: if the server leads to one that is not.
        OSError: if it cannot be reached, or refuses.
    """
    if urlsplit(request.full_url).scheme != "https":
        raise ConfigError(f"{request.full_url}: only https:// addresses are fetched")
    return urllib.request.build_opener(_HttpsOnly()).open(request, timeout=timeout)


class _HttpsOnly(HTTPRedirectHandler):
    """Follows redirections, but not to an address that anybody could tamper with."""

    def redirect_request(
        self, req: Request, fp: object, code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https":
            raise InputError(f"{req.full_url}: leads to {newurl}, which is not https://")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # pyright: ignore[reportArgumentType] -- the stub wants a narrower stream
