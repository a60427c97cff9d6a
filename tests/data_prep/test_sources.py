import ast
import dataclasses
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from source_samples import SAMPLES, Sample

import data_prep
import ppi_ratio as pr
from data_prep.lines import WrongFormatError
from data_prep.preparing import Request, prepare
from data_prep.products import PairProduct
from data_prep.source import MAIN
from data_prep.sources import SOURCES, recognise
from ppi_ratio.errors import InputError


@pytest.fixture(params=SOURCES, ids=str)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def sample(name: str) -> Sample:
    return SAMPLES[name]


def test_a_source_has_frozen_settings_and_states_its_origin(name: str, sample: Sample) -> None:
    source = SOURCES[name](**sample.settings)
    assert all(dataclasses.asdict(source.origin).values())
    assert source.origin.homepage.startswith("https://")
    fields = dataclasses.fields(source)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(source, fields[0].name, None)


def test_downloads_of_a_source_use_https_and_fill_its_settings(name: str, sample: Sample) -> None:
    source = SOURCES[name](**sample.download)
    downloads = source.downloads(main=True)
    fields = {field.name for field in dataclasses.fields(source)}
    assert downloads[0].field == MAIN
    assert {download.field for download in downloads[1:]} <= fields
    assert all(urlsplit(download.url).scheme == "https" for download in downloads)
    assert all(Path(download.name).name == download.name for download in downloads)
    assert not source.downloads(main=False)


def test_a_sample_is_recognised_and_prepared_with_provenance(
    name: str, sample: Sample, tmp_path: Path
) -> None:
    path = sample.write(tmp_path)
    if path.is_file():
        assert recognise(path) == name
    out = tmp_path / f"out{sample.suffix}"
    said = prepare(name, SOURCES[name](**sample.settings), Request(out, path))
    sheet = json.loads((tmp_path / f"out{sample.suffix}.provenance.json").read_text())
    assert sheet["source"] == name
    assert sheet["files"][0]["sha256"]
    for what, count in sheet["counts"].items():
        assert f"{count:,} {what}" in said
    for drop in sheet["left_out"]:
        assert drop["examples"][0] in said
    assert not list(tmp_path.rglob("*.partial"))


def test_another_source_is_refused_and_named(name: str, tmp_path: Path) -> None:
    for other in SOURCES.keys() - {name, "gold_standard"}:
        folder = tmp_path / other
        folder.mkdir()
        path = SAMPLES[other].write(folder)
        out = folder / f"out{SAMPLES[name].suffix}"
        with pytest.raises(InputError) as refusal:
            prepare(name, SOURCES[name](**SAMPLES[name].settings), Request(out, path))
        assert str(path) in str(refusal.value)
        assert f"ppi-ratio prepare {other}" in str(refusal.value)
        assert not out.exists()


@pytest.mark.parametrize("content", ["", "\n\n", "some\nprose, no table\n", "\0\1\2"])
def test_a_file_that_is_no_table_is_refused(
    content: str, name: str, sample: Sample, tmp_path: Path
) -> None:
    path = tmp_path / "junk"
    path.write_text(content)
    source = SOURCES[name](**sample.settings)
    with pytest.raises((WrongFormatError, InputError), match="junk"):
        source.parse(path)


def test_a_missing_file_is_named(name: str, sample: Sample, tmp_path: Path) -> None:
    source = SOURCES[name](**sample.settings)
    request = Request(tmp_path / f"out{sample.suffix}", tmp_path / "nothing_here")
    with pytest.raises(FileNotFoundError, match="nothing_here"):
        prepare(name, source, request)


TABLES = [name for name, source in SOURCES.items() if source.product is PairProduct]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet"])
def test_a_prepared_table_is_read_as_it_is(suffix: str, table: str, tmp_path: Path) -> None:
    sample = SAMPLES[table]
    product = SOURCES[table](**sample.settings).parse(sample.write(tmp_path))
    assert isinstance(product, PairProduct)
    product.write(tmp_path / f"out{suffix}")
    pairs = pr.read_pairs(tmp_path / f"out{suffix}", directed=product.pairs.directed)
    assert pairs.content_hash() == product.pairs.content_hash()
    assert not pairs.drops


BUILT_ON = {"errors", "io", "sequences", "pairs", "embeddings"}
MODULES = [
    path
    for path in sorted(Path(data_prep.__path__[0]).glob("*.py"))
    if not path.stem.startswith("pretrain")
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_sources_are_built_on_the_early_stages_only(path: Path) -> None:
    imports = [
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    used = {name.split(".")[1] for name in imports if name.startswith("ppi_ratio.")}
    assert used <= BUILT_ON
