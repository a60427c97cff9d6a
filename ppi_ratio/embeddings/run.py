"""Proteins and the name of an encoder -> ``Embeddings``, in memory or in a file that grows."""

import logging
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ppi_ratio.embeddings.encoders import (
    DEFAULT_ENCODER,
    Encoder,
    EncoderSettings,
    find_encoder,
)
from ppi_ratio.embeddings.files import Embeddings, StoredType, stored_as, write_blocks
from ppi_ratio.embeddings.journal import Journal
from ppi_ratio.embeddings.options import EmbedOptions
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.embeddings.sources import BLOCK_ROWS, ArrayRows
from ppi_ratio.errors import ConfigError, InputError, StageError
from ppi_ratio.io.atomic import claimed, naming_full_disk
from ppi_ratio.runtime.progress import rate_bar
from ppi_ratio.runtime.sharding import Shard, shard_paths
from ppi_ratio.sequences import RESIDUES, Proteins, read_fasta, sequence_hash

UNFINISHED = ".unfinished"
DEFAULT_OPTIONS = EmbedOptions()
WHOLE = Shard()

logger = logging.getLogger(__name__)


def embed(
    proteins: Proteins | Path | str,
    *,
    encoder: str | EncoderSettings | Encoder = DEFAULT_ENCODER,
    out: Path | str | None = None,
    options: EmbedOptions = DEFAULT_OPTIONS,
    shard: Shard = WHOLE,
    progress: bool = True,
) -> Embeddings:
    """One vector per protein.

    With ``out``, that HDF5 file is made, or grows: its rows stay, new proteins follow in the order
    of ``proteins``, and a sequence it holds already is not computed again, under whatever id. A job
    that was killed goes on from its last finished batch, kept in the folder ``<out>.unfinished``.

    Args:
        proteins: sequences, or the path of a FASTA file.
        encoder: key of ``ENCODERS``, path to a checkpoint in fair-esm's format, or an encoder or
            settings of one that ``ENCODERS`` does not list.
        out: file to write; without it, vectors stay in memory as float32.
        options: how to run the encoder.
        shard: the share of the proteins that this process embeds; with several, ``out`` is the
            name of what ``merge_vectors`` makes of their files.
        progress: show a bar on standard error if it takes more than two seconds.

    Raises:
        ConfigError: if the encoder is unknown or has no such layer, limit or device.
        InputError: if a sequence, a checkpoint or the file at ``out`` is damaged.
        StageError: if ``out`` or its unfinished work was made in another way, or holds another
            sequence under one of the ids; or if official weights cannot be downloaded.
        InUseError: if another process is writing ``out``.
        OutputError: if ``out`` cannot be written; finished batches are kept.
    """
    chosen = find_encoder(encoder)
    proteins = _checked(proteins if isinstance(proteins, Proteins) else _read(Path(proteins)))
    proteins = _share(proteins, shard)
    if out is None:
        return _embed_in_memory(proteins, chosen.build(options), progress=progress)
    path = shard.path(Path(out))
    work = path.with_name(path.name + UNFINISHED)
    with claimed(path, work=work), naming_full_disk(path):
        existing = _existing(path)
        growth = _Growth.plan(path, existing, proteins)
        built = chosen.build(options)
        if existing is not None:
            _check_same_making(path, existing, built.provenance, options.dtype)
        journal = Journal(work, built.provenance, options.dtype)
        return _embed_to_file(growth, built, journal, options.dtype, progress=progress)


def merge_vectors(out: Path | str) -> Embeddings:
    """Make one file of those that several shards wrote, in their order, and remove theirs.

    Raises:
        InputError: if a shard's file is missing, or ``out`` is there already.
        StageError: if they were not made in one way.
    """
    out = Path(out)
    paths = shard_paths(out)
    with claimed(out):
        if out.exists():
            raise InputError(
                f"{out}: exists; its shards beside it would replace it, so move it away"
            )
        joined = Embeddings.join([Embeddings.read(path) for path in paths])
        joined.write(out, "float16" if joined.dtype == "float16" else "float32")
        for path in paths:
            path.unlink()
        return Embeddings.read(out)


def _share(proteins: Proteins, shard: Shard) -> Proteins:
    """Consecutive proteins with this shard's share of all residues."""
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
class _Growth:
    """What a file holds and what it is to hold.

    Attributes:
        new: ``sequence_hash`` of each protein that the file lacks, by id.
        pending: residues of each sequence that it lacks, by hash.
    """

    path: Path
    existing: Embeddings | None
    new: Mapping[str, str]
    pending: Mapping[str, str]

    @classmethod
    def plan(cls, path: Path, existing: Embeddings | None, proteins: Proteins) -> "_Growth":
        held = (
            {} if existing is None else dict(zip(existing.ids, existing.hashes or (), strict=True))
        )
        hashes = _hashes(proteins)
        for name, sequence in hashes.items():
            if held.get(name, sequence) != sequence:
                raise StageError(
                    f"{path}: holds {name} with another sequence; rename the protein, or write to "
                    "another file"
                )
        new = {name: sequence for name, sequence in hashes.items() if name not in held}
        known = set(held.values())
        pending = {
            sequence: proteins.sequences[name]
            for name, sequence in new.items()
            if sequence not in known
        }
        return cls(path, existing, new, pending)


def _embed_in_memory(proteins: Proteins, encoder: Encoder, *, progress: bool) -> Embeddings:
    hashes = _hashes(proteins)
    pending = {sequence: proteins.sequences[name] for name, sequence in hashes.items()}
    places = {sequence: row for row, sequence in enumerate(pending)}
    matrix = np.empty((len(pending), encoder.dim), dtype=np.float32)
    for batch, vectors in _compute(encoder, pending, done=(), progress=progress):
        matrix[[places[sequence] for sequence in batch]] = vectors
    if len(pending) < len(proteins):
        matrix = matrix[[places[sequence] for sequence in hashes.values()]]
    return Embeddings.from_arrays(proteins.ids, matrix, encoder.provenance, hashes.values())


def _embed_to_file(
    growth: _Growth, encoder: Encoder, journal: Journal, dtype: StoredType, *, progress: bool
) -> Embeddings:
    path = growth.path
    n_done = sum(sequence in journal for sequence in growth.pending)
    logger.info(
        "%s: %d new proteins, %d of their sequences to compute, %d found unfinished in %s",
        path, len(growth.new), len(growth.pending) - n_done, n_done, journal.folder,
    )  # fmt: skip
    for batch, vectors in _compute(encoder, growth.pending, done=journal, progress=progress):
        journal.add(batch, stored_as(vectors, dtype, batch))
    if growth.new:
        _write(growth, encoder, journal, dtype)
    journal.remove()
    return Embeddings.read(path)


def _compute(
    encoder: Encoder, pending: Mapping[str, str], *, done: Container[str], progress: bool
) -> Iterator[tuple[list[str], np.ndarray]]:
    """Hashes and vectors of what is not done yet, batch by batch.

    Batches are planned over all that is pending, done or not, so that a job that is started again
    meets the same batches and makes the same numbers to the last bit.
    """
    hashes, sequences = list(pending), list(pending.values())
    n_done = sum(len(residues) for name, residues in pending.items() if name in done)
    n_residues = sum(map(len, sequences))
    with rate_bar(
        "embedding", "residues", total=n_residues, done=n_done, shown=progress
    ) as advance:
        for planned in encoder.batches([len(residues) for residues in sequences]):
            batch = [row for row in planned if hashes[row] not in done]
            if batch:
                residues = [sequences[row] for row in batch]
                yield [hashes[row] for row in batch], encoder.vectors(residues)
                advance(sum(map(len, residues)))


def _write(growth: _Growth, encoder: Encoder, journal: Journal, dtype: StoredType) -> None:
    """Replace the file by one with its rows and the new ones behind them."""
    fresh = journal.gather(list(growth.pending), encoder.dim)
    fresh_row = {sequence: row for row, sequence in enumerate(growth.pending)}
    existing = growth.existing
    old_ids = existing.ids if existing else ()
    old_hashes = (existing.hashes or ()) if existing else ()
    old_row = {sequence: row for row, sequence in enumerate(old_hashes)}
    sequences = list(growth.new.values())

    def blocks() -> Iterator[np.ndarray]:
        for start in range(0, len(old_ids), BLOCK_ROWS):
            assert existing is not None
            yield existing.matrix(np.arange(start, min(start + BLOCK_ROWS, len(old_ids))))
        for start in range(0, len(sequences), BLOCK_ROWS):
            wanted = sequences[start : start + BLOCK_ROWS]
            block = np.empty((len(wanted), encoder.dim), dtype=np.float32)
            is_old = np.array([sequence in old_row for sequence in wanted])
            if existing is not None and is_old.any():
                rows = [old_row[sequence] for sequence in wanted if sequence in old_row]
                block[is_old] = existing.matrix(rows)
            block[~is_old] = fresh[
                [fresh_row[sequence] for sequence in wanted if sequence in fresh_row]
            ]
            yield block

    ids = (*old_ids, *growth.new)
    heading = Embeddings(
        ids,
        ArrayRows(np.empty((0, encoder.dim), dtype=dtype)),
        encoder.provenance,
        (*old_hashes, *sequences),
    )
    write_blocks(growth.path, heading, blocks(), dtype)


def _read(path: Path) -> Proteins:
    proteins = read_fasta(path)
    if summary := proteins.note_summary():
        logger.warning("%s: %s", path, summary)
    return proteins


def _checked(proteins: Proteins) -> Proteins:
    """Refuse what ``read_fasta`` would have refused; proteins may come from elsewhere."""
    if not len(proteins):
        raise InputError("no protein to embed")
    for name, residues in proteins.sequences.items():
        if not residues or not RESIDUES.issuperset(residues):
            wrong = sorted(set(residues) - RESIDUES)
            raise InputError(
                f"{name}: {wrong[0]!r} is no residue" if wrong else f"{name}: is empty"
            )
    return proteins


def _existing(path: Path) -> Embeddings | None:
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected the name of a file to write")
    if not path.exists():
        return None
    existing = Embeddings.read(path)
    if existing.hashes is None:
        raise StageError(
            f"{path}: has no sequence hashes, so nothing can be added to it; write to another file"
        )
    return existing


def _check_same_making(
    path: Path, existing: Embeddings, provenance: Provenance, dtype: StoredType
) -> None:
    if (existing.provenance, existing.dtype) != (provenance, dtype):
        raise StageError(
            f"{path}: holds vectors of {existing.provenance.describe()}, {existing.dtype}; "
            f"those of {provenance.describe()}, {dtype} cannot join them; write to another file"
        )


def _hashes(proteins: Proteins) -> dict[str, str]:
    return {name: sequence_hash(residues) for name, residues in proteins.sequences.items()}
