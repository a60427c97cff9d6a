"""A file with any bytes is read, or refused by one of our errors that names the file."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from damage import DAMAGES, Damage, assert_read_or_refused, files_below, share_of_examples
from hypothesis import given
from source_samples import (
    ALIASES,
    BIOGRID,
    HIPPIE,
    STRING,
    UNIPROT,
    zipped,
)
from source_samples import (
    SAMPLES as SOURCE_SAMPLES,
)

from data_prep.hippie import Hippie
from data_prep.identifiers import read_mapping
from data_prep.lines import release_of
from data_prep.sources import SOURCES, recognise
from data_prep.string import String, read_aliases


class Sample(NamedTuple):
    """A function that writes undamaged files into a folder, and a function that reads them."""

    write: Callable[[Path], object]
    read: Callable[[Path], object]


def of_source(name: str) -> Sample:
    """The sample that the source's own tests use."""
    sample = SOURCE_SAMPLES[name]
    source = SOURCES[name](**sample.settings)
    place = "bernett" if name == "gold_standard" else "sample.txt"
    return Sample(sample.write, lambda folder: source.parse(folder / place))


def one_file(content: str | bytes, read: Callable[[Path], object]) -> Sample:
    def write(folder: Path) -> None:
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / "it").write_bytes(raw)

    return Sample(write, lambda folder: read(folder / "it"))


def with_ids(folder: Path) -> None:
    (folder / "links").write_text(STRING)
    (folder / "aliases").write_bytes(gzip.compress(ALIASES.encode(), mtime=0))


def read_with_ids(folder: Path) -> object:
    return String(700, uniprot=True, aliases=folder / "aliases").parse(folder / "links")


def with_mapping(folder: Path) -> None:
    (folder / "links").write_text(HIPPIE)
    (folder / "mapping.tsv").write_text("ACHA_HUMAN\tP02708\nITA7_HUMAN\tQ13683\n")


def read_with_mapping(folder: Path) -> object:
    return Hippie(0.5, mapping=folder / "mapping.tsv").parse(folder / "links")


def look_at(path: Path) -> tuple[str | None, str | None]:
    return recognise(path), release_of(path)


SAMPLES = {name: of_source(name) for name in SOURCES if name != "per_protein"} | {
    "zipped biogrid": one_file(
        zipped({"BIOGRID-4.4.tab3.txt": BIOGRID}), SOURCES["biogrid"]().parse
    ),
    "packed uniprot": one_file(
        gzip.compress(UNIPROT.encode(), mtime=0), SOURCES["uniprot"]().parse
    ),
    "string with aliases": Sample(with_ids, read_with_ids),
    "hippie with mapping": Sample(with_mapping, read_with_mapping),
    "aliases": one_file(ALIASES, read_aliases),
    "mapping": one_file("a\tP1\nb\tP2\n", read_mapping),
    "fasta mapping": one_file(UNIPROT, read_mapping),
    "anything": one_file(zipped({"v12.0.txt": STRING}), look_at),
}


@pytest.fixture(scope="module", params=SAMPLES, ids=str)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Sample, Path, dict[Path, bytes]]:
    """A sample, the folder with its files, and the content of each file."""
    folder = tmp_path_factory.mktemp("sources")
    sample = SAMPLES[request.param]
    sample.write(folder)
    return sample, folder, files_below(folder)


def test_every_sample_can_be_read(made: tuple[Sample, Path, dict[Path, bytes]]) -> None:
    sample, folder, whole = made
    Damage(0, lambda content: content, "none").apply(folder, whole)
    assert assert_read_or_refused(lambda: sample.read(folder), folder.name)


@share_of_examples(0.6)
@given(damage=DAMAGES)
def test_a_damaged_file_is_read_or_refused_by_name(
    made: tuple[Sample, Path, dict[Path, bytes]], damage: Damage
) -> None:
    sample, folder, whole = made
    damage.apply(folder, whole)
    assert_read_or_refused(lambda: sample.read(folder), folder.name)
