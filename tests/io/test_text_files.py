"""Text files as users have them."""

import gzip
from pathlib import Path

import pytest

from ppi_ratio.errors import InputError
from ppi_ratio.io.text_files import open_text


def read(path: Path) -> list[str]:
    with open_text(path) as text:
        return list(text)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("packed", [False, True], ids=["text", "gzip"])
def test_lines_are_the_same_for_any_ending_mark_and_packing(
    ending: str, mark: bytes, packed: bool, tmp_path: Path
) -> None:
    content = mark + f"a b{ending}c{ending}".encode()
    path = tmp_path / "misnamed.txt"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert read(path) == ["a b\n", "c\n"]


def test_several_gzip_members_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"a\n") + gzip.compress(b"b\n"))
    assert read(tmp_path / "x.gz") == ["a\n", "b\n"]


def test_damaged_gzip_is_one_error_naming_the_file(tmp_path: Path) -> None:
    whole = gzip.compress("".join(map(str, range(5000))).encode())
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    for name, content in {"cut": whole[:-20], "stub": whole[:5], "flipped": bytes(flipped)}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=rf"{name}: (damaged gzip|not UTF-8)"):
            read(tmp_path / name)


def test_missing_files_folders_and_binaries_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="x: no such file"):
        read(tmp_path / "x")
    with pytest.raises(InputError, match="is a directory"):
        read(tmp_path)
    (tmp_path / "x").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\x00")
    with pytest.raises(InputError, match="x: not UTF-8 text"):
        read(tmp_path / "x")


def test_empty_file_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    assert read(tmp_path / "x") == []
