import hashlib
import json
from pathlib import Path

import pytest
from https_server import CONTENT, Server

from data_prep.download import download
from ppi_ratio.embeddings import checkpoints
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_is_downloaded_and_its_origin_recorded(server: Server, tmp_path: Path) -> None:
    fetched = download(f"{server.address}/links.txt", tmp_path / "new/links.txt")
    assert (tmp_path / "new/links.txt").read_bytes() == CONTENT
    assert fetched.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert fetched.last_modified == "Wed, 21 Oct 2026 07:28:00 GMT"
    assert fetched.release == "2026_03"
    sheet = json.loads((tmp_path / "new/links.txt.json").read_text())
    assert sheet["url"] == f"{server.address}/links.txt"
    assert files_in(tmp_path / "new") == {"links.txt", "links.txt.json"}


def test_a_file_that_is_there_is_not_downloaded_again(server: Server, tmp_path: Path) -> None:
    first = download(f"{server.address}/links.txt", tmp_path / "links.txt")
    again = download(f"{server.address}/links.txt", tmp_path / "links.txt")
    assert again == first
    assert len(server.ranges) == 1
    other = download(f"{server.address}/links.txt?v=2", tmp_path / "links.txt")
    assert other.url != first.url
    assert len(server.ranges) == 2


def test_a_broken_download_is_reported_and_resumes_where_it_ended(
    server: Server, tmp_path: Path
) -> None:
    server.breaks = True
    with pytest.raises(InputError, match=r"ended after 50,000 of 132,000.*resumes after the first"):
        download(f"{server.address}/links.txt", tmp_path / "links.txt")
    assert not (tmp_path / "links.txt").exists()
    server.breaks = False
    fetched = download(f"{server.address}/links.txt", tmp_path / "links.txt")
    assert server.ranges == [None, "bytes=50000-"]
    assert (tmp_path / "links.txt").read_bytes() == CONTENT
    assert fetched.sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("later", [CONTENT[::-1], CONTENT[:100]], ids=["changed", "shorter"])
def test_changed_content_is_never_appended_to_a_partial_file(
    later: bytes, server: Server, tmp_path: Path
) -> None:
    server.breaks = True
    with pytest.raises(InputError):
        download(f"{server.address}/links.txt", tmp_path / "links.txt")
    server.content, server.tag, server.breaks = later, '"two"', False
    download(f"{server.address}/links.txt", tmp_path / "links.txt")
    assert (tmp_path / "links.txt").read_bytes() == later


def test_a_partial_file_that_is_too_long_is_downloaded_from_the_start(
    server: Server, tmp_path: Path
) -> None:
    server.breaks = True
    with pytest.raises(InputError):
        download(f"{server.address}/links.txt", tmp_path / "links.txt")
    server.content, server.breaks = CONTENT[:100], False  # the same tag, against the rules
    download(f"{server.address}/links.txt", tmp_path / "links.txt")
    assert (tmp_path / "links.txt").read_bytes() == CONTENT[:100]


def test_without_a_strong_tag_the_date_decides_whether_to_resume(
    server: Server, tmp_path: Path
) -> None:
    server.tag, server.breaks = 'W/"weak"', True
    with pytest.raises(InputError):
        download(f"{server.address}/links.txt", tmp_path / "links.txt")
    sheet = json.loads((tmp_path / "links.txt.json").read_text())
    assert sheet["validator"] == "Wed, 21 Oct 2026 07:28:00 GMT"


def test_a_server_need_not_state_the_size(server: Server, tmp_path: Path) -> None:
    server.states_size = False
    download(f"{server.address}/links.txt", tmp_path / "links.txt")
    assert (tmp_path / "links.txt").read_bytes() == CONTENT


def test_a_missing_file_is_reported_with_address_reason_and_remedy(
    server: Server, tmp_path: Path
) -> None:
    server.content = b""
    with pytest.raises(InputError) as refusal:
        download(f"{server.address}/links.txt", tmp_path / "links.txt")
    assert str(refusal.value) == (
        f"{server.address}/links.txt: could not be downloaded (HTTP 404 Not Found); download it "
        "yourself and give the file as `input`"
    )
    assert files_in(tmp_path) == set()


def test_a_server_with_an_unknown_certificate_is_not_trusted(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(InputError, match="certificate verify failed"):
        download(f"{server.address}/links.txt", tmp_path / "links.txt")
    assert files_in(tmp_path) == set()


def test_a_refused_connection_is_reported_with_the_setting_to_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(InputError, match=r"could not be downloaded .*refused.*as `aliases`"):
        download("https://127.0.0.1:1/x", tmp_path / "x", setting="aliases")
    assert files_in(tmp_path) == set()


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_only_https_addresses_and_redirections_are_downloaded(
    url: str, server: Server, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="only https"):
        download(url, tmp_path / "x")
    server.leads_to = url
    with pytest.raises(InputError, match=r"which is not https|is not allowed"):
        download(f"{server.address}/links.txt", tmp_path / "x")
    assert files_in(tmp_path) == set()


def test_official_weights_are_downloaded_whole_and_over_https_only(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(checkpoints, "URL", f"{server.address}/{{name}}.pt")
    server.leads_to = "http://127.0.0.1/x"
    with pytest.raises(InputError, match=r"leads to http://127.0.0.1/x, which is not https"):
        checkpoints.official_checkpoint("esm2_x")
    server.leads_to, server.breaks = "", True
    with pytest.raises(ProvenanceError, match="it ended after 50,000 of 132,000 bytes"):
        checkpoints.official_checkpoint("esm2_x")
    assert files_in(tmp_path / "hub" / "checkpoints") == set()
    server.breaks = False
    assert checkpoints.official_checkpoint("esm2_x").read_bytes() == CONTENT
