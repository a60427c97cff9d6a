"""Proteins -> an HDF5 file of vectors, which resumes after a kill and takes more proteins later."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from ppi_ratio.embeddings.embedding import (
    DEFAULT_OPTIONS,
    checked_proteins,
    embed_batches,
    hashes_of,
)
from ppi_ratio.embeddings.encoders import DEFAULT_ENCODER, Encoder, EncoderSettings, find_encoder
from ppi_ratio.embeddings.files import Embeddings
from ppi_ratio.embeddings.options import EmbedOptions
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.embeddings.sources import BLOCK_ROWS
from ppi_ratio.embeddings.writing import Heading, StoredType, stored_as, write_blocks
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.io.lock import locked
from ppi_ratio.jobs import Identity, Job, check_shards
from ppi_ratio.runs.vector_journal import VectorJournal
from ppi_ratio.runtime.sharding import Shard, shard_paths
from ppi_ratio.sequences import Proteins

SUFFIXES = (".h5", ".hdf5")
WHOLE = Shard()

logger = logging.getLogger(__name__)


def embed_file(
    proteins: Proteins | Path | str,
    out: Path | str,
    *,
    encoder: str | EncoderSettings | Encoder = DEFAULT_ENCODER,
    options: EmbedOptions = DEFAULT_OPTIONS,
    shard: Shard = WHOLE,
    progress: bool = True,
) -> Embeddings:
    """Make a file of vectors, or add missing proteins to it.

    The rows of the file stay, and new proteins follow in the order of ``proteins``. A sequence that
    the file holds is not computed again, even under another id. Interrupt the call and repeat it:
    it resumes after its last finished batch, with identical results.

    Args:
        proteins: sequences, or the path of a FASTA file.
        out: ``.h5`` or ``.hdf5`` file to make or to add to.
        encoder: key of ``ENCODERS``, path to a checkpoint in fair-esm's format, or an encoder or
            settings of one that ``ENCODERS`` does not list.
        options: how to run the encoder.
        shard: the part of the proteins that this process embeds. Each of several shards writes a
            file beside ``out``, and ``merge_vectors(out)`` joins these files.
        progress: show a bar on standard error if it takes more than two seconds.

    Returns:
        The vectors of the file, read when they are asked for.

    Raises:
        ConfigError: if the encoder is unknown or has no such layer, limit or device, or ``out``
            has another suffix.
        InputError: if a sequence, a checkpoint or the file at ``out`` is damaged.
        ProvenanceError: if ``out`` or its unfinished work was made in another way, or holds another
            sequence under one of the ids; or if official weights cannot be downloaded.
        InUseError: if another process is writing ``out``.
        OutputError: if ``out`` cannot be written; finished batches are kept.

    Examples:
        >>> import ppi_ratio as pr
        >>> first = pr.Proteins({"P1": "MKVLAAGIVG"})
        >>> len(pr.embed_file(first, "vectors.h5", encoder="esm2_bundled", progress=False))
        1
        >>> more = pr.Proteins({"P1": "MKVLAAGIVG", "P2": "MSTNPKPQRK"})  # only P2 is computed
        >>> pr.embed_file(more, "vectors.h5", encoder="esm2_bundled", progress=False).ids
        ('P1', 'P2')
    """
    path = shard.path(_checked_name(Path(out)))
    chosen = find_encoder(encoder)
    every = checked_proteins(proteins)
    proteins = _proteins_of(shard, every)
    existing = _existing(path)  # an unsuitable file is refused before weights are loaded
    _Additions.plan(path, existing, proteins)
    built = chosen.build(options)
    if existing is not None:
        _check_provenance(path, existing, built.provenance, options.dtype)
    job = embedding_job(path, built.provenance, options.dtype)
    with job.open():
        # read again: another process may have written the file before this one locked it
        additions = _Additions.plan(path, _existing(path), proteins)
        journal = VectorJournal(job, options.dtype)
        n_done = sum(digest in journal for digest in additions.pending)
        logger.info(
            "%s: %d new proteins, %d of their sequences to compute, %d found unfinished in %s",
            path, len(additions.new), len(additions.pending) - n_done, n_done, job.folder,
        )  # fmt: skip
        batches = embed_batches(built, additions.pending, done=journal, progress=progress)
        for batch, vectors in batches:
            journal.add(batch, stored_as(vectors, options.dtype, batch))
        if additions.new:
            with job.publishing(shard_of=_whole_job(job, every, shard)) as result:
                _write(additions, built, journal, options.dtype, result)
        job.forget()
    return Embeddings.read(path)


def embedding_job(path: Path, provenance: Provenance, dtype: StoredType) -> Job:
    """The job of a file of vectors; its identity names no proteins, so that more can be added."""
    return Job(path, {"vectors": provenance.to_dict(), "dtype": dtype})


def _whole_job(job: Job, proteins: Proteins, shard: Shard) -> Identity | None:
    """The job that a shard is a part of, with the proteins of all shards."""
    if shard.count == 1:
        return None
    lines = [f"{name} {digest}" for name, digest in hashes_of(proteins).items()]
    digest = sha256("\n".join(lines).encode()).hexdigest()
    return {**job.identity, "proteins": digest, "shards": shard.count}


def merge_vectors(out: Path | str) -> Embeddings:
    """Join the files that several shards wrote, in their order, and remove them.

    Raises:
        InputError: if a shard's file is missing, or ``out`` is there already.
        ProvenanceError: if encoder, settings or proteins differ between the shards.

    Examples:
        >>> import ppi_ratio as pr
        >>> proteins = pr.Proteins({"P1": "MKVLAAGIVG", "P2": "MSTNPKPQRK"})
        >>> for number in (0, 1):  # each on another machine
        ...     shard = pr.Shard(number, 2)
        ...     _ = pr.embed_file(proteins, "all.h5", encoder="conjoint_triad", shard=shard)
        >>> pr.merge_vectors("all.h5").ids
        ('P1', 'P2')
    """
    out = Path(out)
    paths = shard_paths(out)
    records = check_shards(paths)
    with locked(out):
        if out.exists():
            raise InputError(
                f"{out}: exists, and its shards would replace it when merged; move it away"
            )
        joined = Embeddings.join([Embeddings.read(path) for path in paths])
        joined.write(out)
        for path in (*paths, *records):
            path.unlink()
        return Embeddings.read(out)


def _checked_name(path: Path) -> Path:
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected the name of a file to write")
    if path.suffix not in SUFFIXES:
        raise ConfigError(f"{path}: write vectors to a name ending in {' or '.join(SUFFIXES)}")
    return path


def _proteins_of(shard: Shard, proteins: Proteins) -> Proteins:
    """The consecutive proteins of a shard; all shards have about equally many residues."""
    if shard.count == 1:
        return proteins
    lengths = np.array([len(residues) for residues in proteins.sequences.values()])
    middles = np.cumsum(lengths) - lengths / 2
    own = np.floor(middles / lengths.sum() * shard.count).astype(int) == shard.number
    chosen = [name for name, is_own in zip(proteins.ids, own, strict=True) if is_own]
    if not chosen:
        raise ConfigError(
            f"shard {shard.number} of {shard.count}: no protein is left for it; take fewer shards"
        )
    return proteins.select(chosen)


@dataclass(frozen=True)
class _Additions:
    """A file of vectors, and the proteins to add to it.

    Attributes:
        existing: the vectors of the file; None if there is no file yet.
        new: ``sequence_hash`` of each protein that the file lacks, by id.
        pending: residues of each sequence that the file lacks, by hash.
    """

    existing: Embeddings | None
    new: Mapping[str, str]
    pending: Mapping[str, str]

    @classmethod
    def plan(cls, path: Path, existing: Embeddings | None, proteins: Proteins) -> "_Additions":
        held = (
            {} if existing is None else dict(zip(existing.ids, existing.hashes or (), strict=True))
        )
        hashes = hashes_of(proteins)
        for name, digest in hashes.items():
            if held.get(name, digest) != digest:
                raise ProvenanceError(
                    f"{path}: holds {name} with another sequence; rename the protein, or write to "
                    "another file"
                )
        new = {name: digest for name, digest in hashes.items() if name not in held}
        known = set(held.values())
        pending = {
            digest: proteins.sequences[name] for name, digest in new.items() if digest not in known
        }
        return cls(existing, new, pending)


def _write(
    additions: _Additions, encoder: Encoder, journal: VectorJournal, dtype: StoredType, path: Path
) -> None:
    """Write a file to ``path`` with the existing rows first, then the new rows."""
    computed = journal.gather(list(additions.pending), encoder.dim)
    computed_row = {digest: row for row, digest in enumerate(additions.pending)}
    existing = additions.existing
    old_ids = existing.ids if existing else ()
    old_hashes = (existing.hashes or ()) if existing else ()
    old_row = {digest: row for row, digest in enumerate(old_hashes)}
    new_hashes = list(additions.new.values())

    def blocks() -> Iterator[np.ndarray]:
        for start in range(0, len(old_ids), BLOCK_ROWS):
            assert existing is not None
            yield existing.matrix(np.arange(start, min(start + BLOCK_ROWS, len(old_ids))))
        for start in range(0, len(new_hashes), BLOCK_ROWS):
            wanted = new_hashes[start : start + BLOCK_ROWS]
            block = np.empty((len(wanted), encoder.dim), dtype=np.float32)
            is_old = np.array([digest in old_row for digest in wanted])
            if existing is not None and is_old.any():
                rows = [old_row[digest] for digest in wanted if digest in old_row]
                block[is_old] = existing.matrix(rows)
            block[~is_old] = computed[
                [computed_row[digest] for digest in wanted if digest in computed_row]
            ]
            yield block

    ids = (*old_ids, *additions.new)
    hashes = (*old_hashes, *new_hashes)
    heading = Heading(ids, hashes, encoder.provenance, encoder.dim)
    write_blocks(path, heading, blocks(), dtype)


def _existing(path: Path) -> Embeddings | None:
    if not path.exists():
        return None
    existing = Embeddings.read(path)
    if existing.hashes is None:
        raise ProvenanceError(
            f"{path}: has no sequence hashes, so nothing can be added to it; write to another file"
        )
    return existing


def _check_provenance(
    path: Path, existing: Embeddings, provenance: Provenance, dtype: StoredType
) -> None:
    if (existing.provenance, existing.dtype) != (provenance, dtype):
        raise ProvenanceError(
            f"{path}: holds vectors of {existing.provenance.describe()}, {existing.dtype}; "
            f"vectors of {provenance.describe()}, {dtype} cannot be added; write to another file"
        )
