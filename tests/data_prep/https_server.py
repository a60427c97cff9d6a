"""A real HTTPS server on this machine that can misbehave in chosen ways."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

CONTENT = b"protein1 protein2 combined_score\n" * 4000
BROKEN_AT = 50_000


@dataclass
class Server:
    """The content and behaviour of the server, and the requests that it received.

    Attributes:
        content: content of every path that ``pages`` does not have; status 404 if empty.
        breaks: True to close each connection after ``BROKEN_AT`` bytes.
        leads_to: address to redirect every request to.
    """

    content: bytes = CONTENT
    pages: dict[str, bytes] = field(default_factory=dict)
    tag: str = '"one"'
    breaks: bool = False
    states_size: bool = True
    leads_to: str = ""
    ranges: list[str | None] = field(default_factory=list)
    address: str = ""


@contextmanager
def serving(server: Server, authority: trustme.CA) -> Iterator[None]:
    """Serve until the block ends, with a certificate of ``authority``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, server)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(certificate)
        running.socket = certificate.wrap_socket(running.socket, server_side=True)
        server.address = f"https://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield
        running.shutdown()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, server: Server) -> None:
    asked = handler.headers.get("Range")
    server.ranges.append(asked)
    if server.leads_to:
        handler.send_response(302)
        handler.send_header("Location", server.leads_to)
        handler.end_headers()
        return
    content = server.pages.get(handler.path, server.content)
    if not content:
        handler.send_error(404, "Not Found")
        return
    start = 0
    if asked and handler.headers.get("If-Range") == server.tag:
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        if start >= len(content):
            handler.send_error(416)
            return
        handler.send_response(206)
        end = len(content)
        handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
    else:
        handler.send_response(200)
    if server.states_size:
        handler.send_header("Content-Length", str(len(content) - start))
    handler.send_header("ETag", server.tag)
    handler.send_header("Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT")
    handler.send_header("X-UniProt-Release", "2026_03")
    handler.end_headers()
    handler.wfile.write(content[start:BROKEN_AT] if server.breaks else content[start:])
