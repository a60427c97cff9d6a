import gzip
from pathlib import Path

import pytest
from source_samples import zipped

from data_prep.lines import head, numbered, release_of
from ppi_ratio.errors import InputError

CONTENT = "first\r\n\n  \nfourth é\nlast"
LINES = [(1, "first"), (4, "fourth é"), (5, "last")]


@pytest.mark.parametrize(
    "packed",
    [CONTENT.encode(), gzip.compress(CONTENT.encode()), zipped({"a/b.txt": CONTENT})],
    ids=["plain", "gzip", "zip"],
)
def test_lines_are_numbered_as_in_the_file(packed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(packed)
    with numbered(path) as lines:
        assert list(lines) == LINES
    assert head(path) == LINES


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (gzip.compress(CONTENT.encode() * 1000)[:-20], "damaged gzip"),
        (zipped({"a.txt": CONTENT * 1000})[:-40], "damaged zip"),
        (zipped({"a.txt": "x", "b.txt": "y"}), r"holds 2 files \(a.txt, b.txt"),
        (b"caf\xe9\n", "not UTF-8"),
    ],
    ids=["gzip", "zip", "two files", "latin-1"],
)
def test_a_file_that_cannot_be_read_gives_one_error(
    packed: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(packed)
    with pytest.raises(InputError, match=said), numbered(path) as lines:
        list(lines)


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("9606.protein.physical.links.v12.0.txt.gz", "12.0"),
        ("BIOGRID-ALL-4.4.235.tab3.txt", "4.4.235"),
        ("HIPPIE_v2_3.txt", "2.3"),
        ("bernett_gold_standard_v3.zip", "3"),
        ("uniprot_UP000005640_9606.fasta.gz", None),
        ("hippie_current.txt", None),
    ],
)
def test_a_release_is_read_from_the_name(name: str, release: str | None, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert release_of(tmp_path / name) == release


def test_a_release_is_read_from_the_name_of_a_file_inside_a_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "BIOGRID-ALL-LATEST.tab3.zip"
    path.write_bytes(zipped({"BIOGRID-ALL-5.0.251.tab3.txt": ""}))
    assert release_of(path) == "5.0.251"
