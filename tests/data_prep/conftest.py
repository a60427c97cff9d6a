from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from https_server import Server, serving


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(
    authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """An HTTPS server whose certificates this process trusts."""
    certificates: Path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(certificates))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates))
    monkeypatch.setenv("no_proxy", "*")
    state = Server()
    with serving(state, authority):
        yield state
