"""Files crafted to harm: nothing in them runs, memory stays bounded, one message refuses them.

Every case runs the real command line, which may not take more than 512 MB on top of what the
process holds already; bombs would take from 1 GB to 4 TB.
"""

import re
import resource
import runpy
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import torch
from command_line import Run
from made_model import made_model
from malicious_files import CASES, MEGABYTE, NESTED, Place, npy_header
from small_world import grouped_vectors

import ppi_ratio as pr
from ppi_ratio.comparison.fold_runs import RunScores
from ppi_ratio.embeddings import ENCODERS, EmbedOptions
from ppi_ratio.errors import InputError
from ppi_ratio.pairs import write_split
from ppi_ratio.report.figures import save_figure, training_figure
from ppi_ratio.runs.embedding import embedding_job

pytestmark = pytest.mark.timeout(20)

ALLOWANCE = 2**29
CONFIG = """
embeddings: {vectors}
split: {{name: given, train: {split}/train.tsv, validation: {split}/validation.tsv,
         test: {split}/test.tsv, directed: false}}
noise: {{name: degree_weighted}}
critic: {{name: bilinear, rank: 4, symmetric: true}}
objective: {{name: infonce_anchor, beta: 1.0}}
trainer: {{batch_size: 128, max_epochs: 1}}
seed: 0
"""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, undirected_split: pr.Split) -> Path:
    folder = tmp_path_factory.mktemp("good")
    vectors = grouped_vectors()
    vectors.write(folder / "vectors.h5", dtype="float32")
    made_model(pr.Separable(rank=4, hidden=(8,), symmetric=True), vectors).save(folder / "model")
    (folder / "pairs.tsv").write_text("P000\tP001\nP002\tP003\n")
    (folder / "proteins.fasta").write_text(">P000\nMKVLAAGWW\n>P001\nMSTNPKPQR\n")
    write_split(undirected_split, folder / "split")
    text = CONFIG.format(vectors=folder / "vectors.h5", split=folder / "split")
    (folder / "config.yaml").write_text(text)
    return folder


@pytest.fixture
def place(good: Path, tmp_path: Path) -> Place:
    folder = tmp_path / "made"
    folder.mkdir()
    return Place(folder, good, trace=tmp_path / "trace", out=tmp_path / "out.tsv")


@contextmanager
def little_memory() -> Iterator[None]:
    """Let this process take ``ALLOWANCE`` bytes more, and no more."""
    before, hardest = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + ALLOWANCE
    resource.setrlimit(resource.RLIMIT_AS, (limit, hardest))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hardest))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", CASES)
def test_a_malicious_file_is_refused(name: str, place: Place, run: Run) -> None:
    case = CASES[name]
    words = case.make(place)
    before = contents(place.folder / "foreign")
    with little_memory():
        outcome = run(*words)
    assert (outcome.code, outcome.out) == (case.code, "")
    messages = [line for line in outcome.err.splitlines() if line.startswith("ppi-ratio: ")]
    assert len(messages) == 1
    assert re.search(case.message, outcome.err)
    assert "Traceback" not in outcome.err
    assert "root:" not in outcome.err  # of /etc/passwd
    assert len(outcome.err) < 3000
    assert not place.trace.exists()
    assert not place.out.is_file()
    assert contents(place.folder / "foreign") == before


def test_an_unfinished_batch_that_would_run_code_is_computed_again(
    place: Place, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    out = place.folder / "v.h5"
    work = place.folder / "v.h5.unfinished"
    made_by = ENCODERS["conjoint_triad"].build(EmbedOptions()).provenance
    job = embedding_job(out, made_by, "float16")
    objects = np.array([place.mischief], dtype=object)
    with job.add("batch-0.npz") as partial, partial.open("wb") as file:
        np.savez(file, hashes=objects, vectors=np.ones((1, 343)))
    with job.add("batch-1.npz") as partial, zipfile.ZipFile(partial, "w") as archive:
        archive.writestr("hashes.npy", npy_header("<U32", (10**12,)))
    with little_memory():
        outcome = run(
            "embed", place.good / "proteins.fasta", "--encoder", "conjoint_triad", "--out", out
        )
    assert outcome.code == 0
    assert not place.trace.exists()
    warnings = [record.message for record in caplog.records if "computed again" in record.message]
    assert len(warnings) == 2
    assert len(pr.Embeddings.read(out)) == 2
    assert not work.exists()


def test_what_a_cell_of_a_comparison_left_does_not_run_code(place: Place) -> None:
    np.savez(place.folder / "run.npz", n_groups=np.array([place.mischief], dtype=object))
    with pytest.raises(InputError, match=r"run\.npz: damaged"):
        RunScores.read(place.folder / "run.npz")
    assert not place.trace.exists()


def test_a_temporary_name_that_is_a_link_leads_nowhere(place: Place, run: Run) -> None:
    foreign = place.file("foreign/notes.txt", "mine")
    place.out.with_name(place.out.name + ".partial").symlink_to(foreign)
    assert run(*place.scoring()).code == 0
    assert foreign.read_text() == "mine"
    assert not place.out.is_symlink()
    assert place.out.read_text().startswith("left\t")


@pytest.mark.parametrize("suffix", [".partial", ".former"])
def test_a_temporary_folder_that_is_a_link_is_not_emptied(
    suffix: str, place: Place, run: Run
) -> None:
    foreign = place.file("foreign/notes.txt", "mine")
    split = place.folder / "split"
    split.with_name(split.name + suffix).symlink_to(foreign.parent)
    words = ("--directed", "--seed", 0, "--by", "pair", "--out", split)
    known = place.file("known.tsv", "".join(f"A{n}\tB{n}\n" for n in range(20)))
    for _ in range(2):
        assert run("split", known, *words).code == 0
    assert foreign.read_text() == "mine"
    assert (split / "train.tsv").is_file()


def test_members_of_a_zip_file_stay_inside(place: Place, run: Run) -> None:
    samples = runpy.run_path(str(Path(__file__).parent.parent / "data_prep/source_samples.py"))
    blocks = {f"../../../{name}": text for name, text in samples["BERNETT"].items()}
    evil = {"..": "x", "/etc/ppi_ratio_evil": "x", "a/../../evil.txt": "x"}
    path = place.file("inner/blocks.zip", samples["zipped"](blocks | evil))
    before = set(place.folder.parent.rglob("*"))
    outcome = run("prepare", "gold_standard", "--input", path, "--out", place.folder / "split")
    assert outcome.code == 0
    after = set(place.folder.parent.rglob("*")) - before
    known = ("split", "split.fasta", "split.provenance.json")
    assert {path.relative_to(place.folder).parts[0] for path in after} <= set(known)
    assert not Path("/etc/ppi_ratio_evil").exists()


PATHS = ("../../escaped", "/tmp/ppi_ratio_escaped", "..", "a/b", "C:\\x", "~root", "$(touch x)")


def test_ids_that_are_paths_are_only_text(
    place: Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.folder)
    matrix = np.random.default_rng(0).normal(size=(len(PATHS), 12)).astype(np.float32)
    made_by = grouped_vectors().provenance
    pr.Embeddings.from_arrays(PATHS, matrix, made_by).write(place.folder / "v.h5")
    rows = "".join(f"{name}\t{PATHS[0]}\n" for name in PATHS)
    pairs = place.file("pairs.tsv", rows)
    before = set(place.folder.parent.rglob("*"))
    assert run(*place.scoring(pairs=pairs, vectors=place.folder / "v.h5")).code == 0
    model, hits = place.good / "model", place.folder / "hits.tsv"
    assert run("screen", model, "--embeddings", "v.h5", "--out", hits).code == 0
    assert set(place.folder.parent.rglob("*")) - before == {place.out, hits}
    assert not Path("/tmp/ppi_ratio_escaped").exists()
    assert set(pd.read_csv(place.out, sep="\t", keep_default_na=False)["left"]) == set(PATHS)


def test_ids_of_extracted_vectors_are_only_text(place: Place) -> None:
    folder = place.folder / "vectors"
    folder.mkdir()
    for number, name in enumerate(PATHS[:3]):
        content = {"label": name, "mean_representations": {2: torch.ones(12)}}
        torch.save(content, folder / f"{number}.pt")
    assert pr.Embeddings.read(folder).ids == PATHS[:3]


NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "$\\frac{$",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_drawing_is_only_text(name: str, tmp_path: Path) -> None:
    history = pd.DataFrame({"epoch": [0, 1], "training_loss": [2.0, 1.0]})
    save_figure(training_figure({name: history, "other": history}), tmp_path / "figure.svg")
    drawing = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawing).iter()}
    assert not tags & {"script", "img", "foreignObject", "image"}
    assert "alert(1)" in drawing or "alert" not in name


@pytest.mark.parametrize("name", ["[bold]x.tsv", "a[/bold].tsv", "$\\frac{$.tsv"])
def test_the_name_of_a_file_is_printed_as_it_stands(name: str, place: Place, run: Run) -> None:
    rng = np.random.default_rng(0)
    left, right = (rng.integers(150, size=200) for _ in range(2))
    rows = [f"P{a:03d}\tP{b:03d}\n" for a, b in zip(left, right, strict=True) if a != b]
    pairs = place.file(name, "".join(rows))
    outcome = run("mi", place.good / "model", pairs, "--embeddings", place.good / "vectors.h5")
    assert (outcome.code, outcome.err) == (0, "")
    assert name in "".join(outcome.out.split())


def test_ids_titles_and_settings_in_a_report_are_only_text(place: Place, run: Run) -> None:
    made = runpy.run_path(str(Path(__file__).parent.parent / "report/run_folder.py"))
    evil = "</script><script>alert(1)</script>"
    made["write"](place.folder / "run", sheet={"title": evil, "created": evil})
    outcome = run("report", place.folder / "run", "--out", place.folder / "page.html")
    assert outcome.code == 0
    page = (place.folder / "page.html").read_text(encoding="utf-8")
    assert "alert(1)" in page
    for raw in (evil, *made["HOSTILE_IDS"], "<script>alert", "<img src=x", "</pre><script>"):
        assert raw not in page


@pytest.mark.parametrize("name", ["results", "proteins"])
def test_a_report_of_a_run_that_claims_too_much_is_refused(
    name: str, place: Place, run: Run
) -> None:
    made = runpy.run_path(str(Path(__file__).parent.parent / "report/run_folder.py"))
    folder = made["write"](place.folder / "run")
    frame = pd.DataFrame({f"c{n}": np.zeros(MEGABYTE) for n in range(10)})
    frame.to_parquet(folder / f"{name}.parquet")
    with little_memory():
        outcome = run("report", folder)
    assert outcome.code == 1
    assert re.search(rf"{name}\.parquet: .* the limit is 200 times", outcome.err)
    assert not (folder / "report.html").exists()
    (folder / "comparison.json").write_bytes(NESTED)
    outcome = run("report", folder)
    assert outcome.code == 1
    assert "not a description that 'ppi-ratio compare' writes" in outcome.err
