"""Whatever bytes a file holds, it is read or refused by one of our errors, which names it."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from damage import DAMAGES, Damage, assert_read_or_refused, files_below, share_of_examples
from hypothesis import example, given
from hypothesis import strategies as st
from made_model import made_model
from small_world import grouped_vectors

import ppi_ratio as pr
from ppi_ratio.comparison.fold_runs import RunScores
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.io.text_files import read_ids
from ppi_ratio.pairs import PairTable, Split, read_candidates, read_pairs, read_split, write_split
from ppi_ratio.runs.embedding import embedding_job
from ppi_ratio.runs.vector_journal import VectorJournal
from ppi_ratio.sequences import read_fasta, sequence_hash
from ppi_ratio.settings.comparison import read_comparison
from ppi_ratio.settings.experiment import read_experiment

CONFIGS = Path(__file__).parents[2] / "configs"
FASTA = b">sp|P1|ONE first\nMKVLAAGG\n>P2\nmkv*\n>P3\nMUX\n\nGGG\n"
LABELLED = b'protein1,protein2,label\nQ1,Q2,1\nQ2,Q3,0\n"Q4",Q1,1\n'
SCORED = b"Q1\tQ2\t0.9\nQ2\tQ3\t0.4\n# aside\nQ3\tQ1\t1e-3\nQ1\tQ1\t1\n"
PLAIN = b"Q1 Q2\nQ2 Q1\nQ3 Q1\n"
IDS = b"P1\nP2\tnote\n\n# nobody\nP3 # somebody\n"


class Sample(NamedTuple):
    """Files as they should be, and what reads them; ``read`` gets the folder."""

    write: Callable[[Path], object]
    read: Callable[[Path], object]


def one_file(content: bytes, read: Callable[[Path], object], name: str = "it.txt") -> Sample:
    return Sample(lambda folder: (folder / name).write_bytes(content), of_file(read, name))


def of_file(read: Callable[[Path], object], name: str) -> Callable[[Path], object]:
    return lambda folder: read(folder / name)


def undirected(path: Path) -> PairTable:
    return read_pairs(path, directed=False)


def above_a_half(path: Path) -> PairTable:
    return read_pairs(path, directed=True, min_score=0.5)


def pairs_of(*rows: str) -> PairTable:
    frame = pd.DataFrame([row.split() for row in rows], columns=["left", "right"])
    return PairTable.from_rows(frame, directed=False, name="made")


def write_parquet(folder: Path) -> None:
    frame = pd.DataFrame({"left": ["P1", "P2"], "right": ["P3", "P3"], "label": [1, 0]})
    frame.to_parquet(folder / "it.parquet", index=False)


def write_made_split(folder: Path) -> None:
    parts = {"train": ("A B", "C D"), "validation": ("A E",), "test": ("F A", "F B")}
    split = Split.from_tables(**{name: pairs_of(*rows) for name, rows in parts.items()})
    write_split(split, folder / "split")


def write_npz(folder: Path) -> None:
    np.savez(folder / "it.npz", ids=np.array(["P1", "P2"]), vectors=np.eye(2, 3))


def write_npz_per_id(folder: Path) -> None:
    np.savez_compressed(folder / "it.npz", P1=np.ones(3), P2=np.zeros(3))


def write_extracted(folder: Path) -> None:
    (folder / "extracted").mkdir()
    for name in ("P1", "P2"):
        means = {6: torch.ones(3)}
        torch.save(
            {"label": name, "mean_representations": means}, folder / "extracted" / f"{name}.pt"
        )


def write_model(folder: Path) -> None:
    critic = pr.Separable(rank=3, hidden=(4,), symmetric=True)
    made_model(critic, grouped_vectors(), per_right=True).save(folder / "model")


def write_experiment(folder: Path) -> None:
    whole = (CONFIGS / "human" / "gold_standard.yaml").read_bytes()
    (folder / "it.yaml").write_bytes(whole)


def write_comparison(folder: Path) -> None:
    (folder / "it.yaml").write_bytes(next((CONFIGS / "compare").glob("*.yaml")).read_bytes())


def write_run(folder: Path) -> None:
    history = pd.DataFrame({"epoch": [0, 1], "train_loss": [0.5, 0.25]})
    RunScores((np.ones(4), None), np.zeros(2), history).write(folder / "it.npz")


SEQUENCES = ("MKV", "GGA", "MMM")
HASHES = [sequence_hash(residues) for residues in SEQUENCES]
MADE_BY = Provenance("esm2_tiny", 2)


def write_journal(folder: Path) -> None:
    with embedding_job(folder / "v.h5", MADE_BY, "float32").open() as job:
        journal = VectorJournal(job, "float32")
        journal.add(HASHES[:2], np.array([[0.0, 1.0], [2.0, 3.0]], dtype=np.float32))
        journal.add(HASHES[2:], np.array([[4.0, 5.0]], dtype=np.float32))


def read_journal(folder: Path) -> None:
    """What the journal says is done is what was done."""
    with embedding_job(folder / "v.h5", MADE_BY, "float32").open() as job:
        journal = VectorJournal(job, "float32")
        done = [name for name in HASHES if name in journal]
        expected = np.arange(6.0).reshape(3, 2)[[HASHES.index(name) for name in done]]
        np.testing.assert_array_equal(journal.gather(done, 2), expected)


SAMPLES = {
    "fasta": one_file(FASTA, read_fasta),
    "packed fasta": one_file(gzip.compress(FASTA, mtime=0), read_fasta),
    "labelled pairs": one_file(LABELLED, undirected),
    "scored pairs": one_file(SCORED, above_a_half),
    "packed pairs": one_file(gzip.compress(SCORED, mtime=0), above_a_half),
    "parquet pairs": Sample(write_parquet, of_file(undirected, "it.parquet")),
    "candidates": one_file(PLAIN, read_candidates),
    "labelled candidates": one_file(LABELLED, read_candidates),
    "ids": one_file(IDS, read_ids),
    "split": Sample(write_made_split, of_file(read_split, "split")),
    "npz": Sample(write_npz, of_file(lambda path: Embeddings.read(path).matrix(), "it.npz")),
    "npz per id": Sample(
        write_npz_per_id, of_file(lambda path: Embeddings.read(path).matrix(), "it.npz")
    ),
    "esm-extract": Sample(
        write_extracted, of_file(lambda path: Embeddings.read(path).matrix(), "extracted")
    ),
    "model": Sample(write_model, of_file(pr.RatioModel.load, "model")),
    "experiment": Sample(write_experiment, of_file(read_experiment, "it.yaml")),
    "comparison": Sample(
        write_comparison, of_file(lambda path: read_comparison(path, []), "it.yaml")
    ),
    "embed journal": Sample(write_journal, read_journal),
    "compared run": Sample(write_run, of_file(RunScores.read, "it.npz")),
}


@pytest.fixture(scope="module", params=SAMPLES, ids=str)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Sample, Path, dict[Path, bytes]]:
    """A sample, the folder that it was written into, and its files."""
    folder = tmp_path_factory.mktemp("readers")
    sample = SAMPLES[request.param]
    sample.write(folder)
    return sample, folder, files_below(folder)


def test_every_sample_can_be_read(made: tuple[Sample, Path, dict[Path, bytes]]) -> None:
    sample, folder, whole = made
    Damage(0, lambda content: content, "none").apply(folder, whole)
    assert assert_read_or_refused(lambda: sample.read(folder), folder.name)


@given(damage=DAMAGES)
def test_a_damaged_file_is_read_or_refused_by_name(
    made: tuple[Sample, Path, dict[Path, bytes]], damage: Damage
) -> None:
    sample, folder, whole = made
    damage.apply(folder, whole)
    assert_read_or_refused(lambda: sample.read(folder), folder.name)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner)
    ),
    max_leaves=6,
)
YAML_MARKS = st.text("-:?[]{}!&*#|>%@`\"'\n ,.~=<0123456789abexyno_", max_size=40)
YAML_TRAPS = ["2001-99-99", "!!int ''", "!!float x", "!!timestamp x", "!!bool x", "0b", "&a [*a]"]


@pytest.fixture(scope="module", params=["experiment", "comparison"])
def settings_file(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Sample, Path]:
    folder = tmp_path_factory.mktemp("settings")
    SAMPLES[request.param].write(folder)
    return SAMPLES[request.param], folder / "it.yaml"


@share_of_examples(0.5)
@given(place=st.integers(0, 99), value=VALUES)
def test_any_value_of_any_key_is_read_or_refused(
    settings_file: tuple[Sample, Path], place: int, value: object
) -> None:
    sample, path = settings_file
    sample.write(path.parent)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    holders = [(content, key) for key in content]
    for holder, key in holders:
        if isinstance(holder[key], dict):
            holders += [(holder[key], inner) for inner in holder[key]]
    holder, key = holders[place % len(holders)]
    holder[key] = value
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert_read_or_refused(lambda: sample.read(path.parent), path.parent.name)


@given(text=YAML_MARKS | st.sampled_from(YAML_TRAPS))
@example(text="[" * 1000)
@example(text="1" * 5000)
def test_any_yaml_as_a_value_is_read_or_refused(
    settings_file: tuple[Sample, Path], text: str
) -> None:
    sample, path = settings_file
    for content in (text, f"seed: {text}\n", f"? {text}\n: 1\n"):
        path.write_text(content, encoding="utf-8")
        assert_read_or_refused(lambda: sample.read(path.parent), path.parent.name)
