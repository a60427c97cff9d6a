"""Proteins to vectors: in memory, into a file that grows, and after a kill."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from ppi_ratio.embeddings import Embeddings, EmbedOptions, embed
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.runs.embedding import embed_file, embedding_job, merge_vectors
from ppi_ratio.runs.vector_journal import VectorJournal
from ppi_ratio.runtime.sharding import Shard
from ppi_ratio.sequences import Proteins, sequence_hash, write_fasta

MakeProteins = Callable[..., Proteins]
WriteCheckpoint = Callable[..., Path]


def test_every_protein_gets_its_vector_and_the_file_holds_the_same(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins, tmp_path: Path
) -> None:
    proteins = random_proteins(9, 30, 12, 70)
    checkpoint, out = str(esm2_checkpoint()), tmp_path / "v.h5"
    write_fasta(proteins, tmp_path / "p.fasta")
    in_memory = embed(proteins, encoder=checkpoint)
    on_disk = embed_file(
        tmp_path / "p.fasta", out, encoder=checkpoint, options=EmbedOptions(dtype="float32")
    )
    assert in_memory.ids == on_disk.ids == proteins.ids
    assert on_disk.provenance == in_memory.provenance
    assert on_disk.hashes == tuple(map(sequence_hash, proteins.sequences.values()))
    np.testing.assert_array_equal(in_memory.matrix(), on_disk.matrix())
    assert not (tmp_path / "v.h5.unfinished").exists()


def test_a_sequence_under_two_ids_is_computed_once(
    esm2_checkpoint: WriteCheckpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    proteins = Proteins({"a": "MKVLA", "b": "GGGWW", "c": "MKVLA"})
    checkpoint = str(esm2_checkpoint())
    caplog.set_level(logging.INFO)
    vectors = embed_file(proteins, tmp_path / "v.h5", encoder=checkpoint).matrix()
    assert "3 new proteins, 2 of their sequences to compute" in caplog.text
    np.testing.assert_array_equal(vectors[0], vectors[2])
    again = embed(proteins, encoder=checkpoint).matrix()
    np.testing.assert_array_equal(again[0], again[2])


def test_file_grows_by_what_it_lacks_in_fasta_order(
    esm2_checkpoint: WriteCheckpoint,
    random_proteins: MakeProteins,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = dict(random_proteins(20, 40).sequences)
    more = dict(random_proteins(10, 50, 30, seed=1, prefix="Q").sequences)
    checkpoint, out = str(esm2_checkpoint()), tmp_path / "v.h5"
    before = embed_file(Proteins(first), out, encoder=checkpoint).matrix()
    caplog.set_level(logging.INFO)
    grown = embed_file(Proteins(more | {"alias": first["P1"]} | first), out, encoder=checkpoint)
    assert "4 new proteins, 3 of their sequences to compute" in caplog.text
    assert grown.ids == ("P0", "P1", "Q0", "Q1", "Q2", "alias")
    np.testing.assert_array_equal(grown.matrix([0, 1]), before)
    np.testing.assert_array_equal(grown.matrix([5])[0], before[1])
    fresh = embed(Proteins(more), encoder=checkpoint).matrix()
    np.testing.assert_allclose(grown.matrix([2, 3, 4]), fresh, atol=2e-3)
    unchanged = out.read_bytes()
    embed_file(Proteins(first), out, encoder=checkpoint)
    assert out.read_bytes() == unchanged


def test_shards_make_the_file_of_one_process(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins, tmp_path: Path
) -> None:
    proteins = random_proteins(9, 30, 12, 70, 25, 31, 8)
    checkpoint, out = str(esm2_checkpoint()), tmp_path / "v.h5"
    whole = embed(proteins, encoder=checkpoint)
    for number in (0, 2):
        embed_file(proteins, out, encoder=checkpoint, shard=Shard(number, 3))
    with pytest.raises(InputError, match=r"v-00001-of-00003\.h5: missing, 1 of 3"):
        merge_vectors(out)
    own = embed_file(proteins, out, encoder=checkpoint, shard=Shard(1, 3))
    assert own.ids == proteins.ids[3:4]  # of 70 residues
    merged = merge_vectors(out)
    assert (merged.ids, merged.hashes) == (whole.ids, whole.hashes)
    assert merged.provenance == whole.provenance
    np.testing.assert_allclose(merged.matrix(), whole.matrix(), atol=2e-3)
    assert [path.name for path in tmp_path.iterdir() if ".h5" in path.name[:9]] == ["v.h5"]
    assert not list(tmp_path.glob("*.job.json"))
    with pytest.raises(ConfigError, match="no protein is left"):
        embed_file(proteins, out, encoder=checkpoint, shard=Shard(3, 50))


def test_shards_of_different_proteins_are_not_merged(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins, tmp_path: Path
) -> None:
    checkpoint, out = str(esm2_checkpoint()), tmp_path / "v.h5"
    embed_file(random_proteins(9, 30, 12), out, encoder=checkpoint, shard=Shard(0, 2))
    others = random_proteins(9, 30, 12, seed=1, prefix="Q")
    embed_file(others, out, encoder=checkpoint, shard=Shard(1, 2))
    with pytest.raises(ProvenanceError, match=r"00001-of-00002.*another job.*proteins was"):
        merge_vectors(out)
    assert len(list(tmp_path.glob("v-*.h5"))) == 2
    (tmp_path / "v-00001-of-00002.h5.job.json").unlink()
    with pytest.raises(InputError, match=r"v-00001-of-00002\.h5\.job\.json: is missing"):
        merge_vectors(out)


@pytest.mark.parametrize(
    ("options", "stated"),
    [
        (EmbedOptions(layer=1), "layer 1"),
        (EmbedOptions(limit=500), "windows of 500"),
        (EmbedOptions(precision="bf16"), "bf16"),
        (EmbedOptions(dtype="float32"), "float32"),
    ],
    ids=["layer", "limit", "precision", "dtype"],
)
def test_vectors_made_in_another_way_do_not_join_a_file(
    options: EmbedOptions, stated: str, esm2_checkpoint: WriteCheckpoint, tmp_path: Path
) -> None:
    checkpoint, out = str(esm2_checkpoint()), tmp_path / "v.h5"
    embed_file(Proteins({"a": "MKV"}), out, encoder=checkpoint)
    with pytest.raises(ProvenanceError, match=f"holds vectors of esm2_tiny, layer 2.*{stated}"):
        embed_file(Proteins({"b": "MKW"}), out, encoder=checkpoint, options=options)


def test_vectors_of_another_encoder_or_other_weights_do_not_join_a_file(
    esm2_checkpoint: WriteCheckpoint, tmp_path: Path
) -> None:
    out = tmp_path / "v.h5"
    embed_file(Proteins({"a": "MKV"}), out, encoder=str(esm2_checkpoint()))
    retrained = esm2_checkpoint(seed=1, folder=tmp_path / "other")
    with pytest.raises(ProvenanceError, match=r"esm2_tiny.*weights.*esm2_tiny.*weights"):
        embed_file(Proteins({"b": "MKW"}), out, encoder=str(retrained))
    with pytest.raises(ProvenanceError, match=r"esm2_tiny.*conjoint_triad"):
        embed_file(Proteins({"b": "MKW"}), out, encoder="conjoint_triad")


def test_an_id_with_another_sequence_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "v.h5"
    embed_file(Proteins({"a": "MKV"}), out, encoder="conjoint_triad")
    with pytest.raises(ProvenanceError, match="holds a with another sequence"):
        embed_file(Proteins({"a": "MKW"}), out, encoder="conjoint_triad")


def test_targets_that_cannot_grow_are_refused_before_any_work(tmp_path: Path) -> None:
    one = Proteins({"a": "MKV"})
    with pytest.raises(InputError, match="is a folder"):
        embed_file(one, tmp_path, encoder="conjoint_triad")
    Embeddings.from_arrays(["z"], np.ones((1, 343))).write(tmp_path / "bare.h5")
    with pytest.raises(ProvenanceError, match="has no sequence hashes"):
        embed_file(one, tmp_path / "bare.h5", encoder="conjoint_triad")
    (tmp_path / "cut.h5").write_bytes((tmp_path / "bare.h5").read_bytes()[:500])
    with pytest.raises(InputError, match=r"cut\.h5: damaged or truncated"):
        embed_file(one, tmp_path / "cut.h5", encoder="conjoint_triad")


def test_proteins_that_break_the_alphabet_are_refused_by_id() -> None:
    with pytest.raises(InputError, match="a: 'k' is no residue"):
        embed(Proteins({"a": "MkV"}), encoder="conjoint_triad")
    with pytest.raises(InputError, match="b: is empty"):
        embed(Proteins({"a": "MKV", "b": ""}), encoder="conjoint_triad")
    with pytest.raises(InputError, match="no protein"):
        embed(Proteins({}), encoder="conjoint_triad")


def test_composition_refuses_settings_it_would_not_use() -> None:
    with pytest.raises(ConfigError, match="no layers, pooling or precision"):
        embed(Proteins({"a": "MKV"}), encoder="conjoint_triad", options=EmbedOptions(layer=3))


def test_package_imports_without_torch() -> None:
    check = "import sys, ppi_ratio.embeddings; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


RUN = """
import sys, torch
from ppi_ratio.embeddings import EmbedOptions
from ppi_ratio.runs.embedding import embed_file
torch.set_num_threads(1)
embed_file(sys.argv[1], sys.argv[3], encoder=sys.argv[2], options=EmbedOptions(batch_tokens=900))
"""


def killed_after(n_batches: int, arguments: list[str], journal: Path) -> None:
    """Run ``embed`` in another process and kill it once so many batches are finished."""
    process = subprocess.Popen([sys.executable, "-c", RUN, *arguments])
    deadline = time.monotonic() + 60
    while len(list(journal.glob("steps/batch-*.npz"))) < n_batches:
        assert process.poll() is None, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def count_finished(batch: Path) -> int:
    with np.load(batch) as content:
        return len(content["hashes"])


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Tiny matrices on a busy machine wait long for second threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_a_killed_job_goes_on_and_ends_in_the_same_file(
    esm2_checkpoint: WriteCheckpoint,
    random_proteins: MakeProteins,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lengths = np.random.default_rng(0).integers(50, 400, size=120).tolist()
    fasta, checkpoint = tmp_path / "p.fasta", str(esm2_checkpoint())
    write_fasta(random_proteins(*lengths), fasta)
    options = EmbedOptions(batch_tokens=900)
    whole = embed_file(fasta, tmp_path / "whole.h5", encoder=checkpoint, options=options)
    killed, journal = tmp_path / "killed.h5", tmp_path / "killed.h5.unfinished"
    killed_after(3, [str(fasta), checkpoint, str(killed)], journal)
    assert not killed.exists()
    n_finished = sum(map(count_finished, journal.glob("steps/batch-*.npz")))
    assert 3 <= n_finished < 120

    with pytest.raises(
        ProvenanceError, match=r"killed\.h5\.unfinished: holds the unfinished work of "
    ):
        embed_file(fasta, killed, encoder="conjoint_triad")
    caplog.set_level(logging.INFO)
    resumed = embed_file(fasta, killed, encoder=checkpoint, options=options)
    assert f"{120 - n_finished} of their sequences to compute" in caplog.text
    assert resumed.ids == whole.ids
    np.testing.assert_array_equal(resumed.matrix(), whole.matrix())
    assert not journal.exists()


def test_batch_damaged_on_disk_is_computed_again(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins, tmp_path: Path
) -> None:
    proteins, checkpoint = random_proteins(10, 20), str(esm2_checkpoint())
    expected = embed_file(proteins, tmp_path / "whole.h5", encoder=checkpoint)
    folder = tmp_path / "v.h5.unfinished"
    assert expected.hashes is not None
    job = embedding_job(tmp_path / "v.h5", expected.provenance, "float16")
    VectorJournal(job, "float16").add(expected.hashes, expected.matrix().astype(np.float16))
    (batch,) = folder.glob("steps/batch-*.npz")
    batch.write_bytes(batch.read_bytes()[:100])
    again = embed_file(proteins, tmp_path / "v.h5", encoder=checkpoint)
    np.testing.assert_array_equal(again.matrix(), expected.matrix())


def test_folder_of_other_origin_is_neither_used_nor_removed(tmp_path: Path) -> None:
    folder = tmp_path / "v.h5.unfinished"
    folder.mkdir()
    (folder / "job.json").write_text("[1, 2]")
    with pytest.raises(ProvenanceError, match=r"cannot resume.*delete the folder"):
        embed_file(Proteins({"a": "MKV"}), tmp_path / "v.h5", encoder="conjoint_triad")
    assert (folder / "job.json").exists()
