"""Proteins and an encoder -> ``Embeddings`` in memory, or vectors batch by batch."""

import logging
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

import numpy as np

from ppi_ratio.embeddings.encoders import DEFAULT_ENCODER, Encoder, EncoderSettings, find_encoder
from ppi_ratio.embeddings.files import Embeddings
from ppi_ratio.embeddings.options import EmbedOptions
from ppi_ratio.errors import InputError
from ppi_ratio.runtime.progress import rate_bar
from ppi_ratio.sequences import RESIDUES, Proteins, read_fasta, sequence_hash

DEFAULT_OPTIONS = EmbedOptions()

logger = logging.getLogger(__name__)


def embed(
    proteins: Proteins | Path | str,
    *,
    encoder: str | EncoderSettings | Encoder = DEFAULT_ENCODER,
    options: EmbedOptions = DEFAULT_OPTIONS,
    progress: bool = True,
) -> Embeddings:
    """Turn each protein into one vector, float32 in memory.

    For long jobs use ``embed_file``: it writes a file, resumes, and adds proteins to the file.

    Args:
        proteins: sequences, or the path of a FASTA file.
        encoder: key of ``ENCODERS``, path to a checkpoint in fair-esm's format, or an encoder or
            settings of one that ``ENCODERS`` does not list.
        options: how to run the encoder.
        progress: show a bar on standard error if it takes more than two seconds.

    Returns:
        One vector of ``dim`` numbers for each protein, in the order of ``proteins``.

    Raises:
        ConfigError: if the encoder is unknown or has no such layer, limit or device.
        InputError: if a sequence or a checkpoint is damaged.
        ProvenanceError: if official weights cannot be downloaded.

    Examples:
        >>> import ppi_ratio as pr
        >>> proteins = pr.Proteins({"P1": "MKVLAAGIVG", "P2": "MSTNPKPQRK"})
        >>> vectors = pr.embed(proteins, encoder="hydropathy_charge")
        >>> vectors.matrix().shape  # proteins, numbers per protein
        (2, 48)
        >>> vectors.provenance.encoder
        'hydropathy_charge'
    """
    chosen = find_encoder(encoder)
    proteins = checked_proteins(proteins)
    built = chosen.build(options)
    hashes = hashes_of(proteins)
    # two proteins with one sequence have one hash, and the sequence is computed once
    pending = {digest: proteins.sequences[name] for name, digest in hashes.items()}
    row_of = {digest: row for row, digest in enumerate(pending)}
    matrix = np.empty((len(pending), built.dim), dtype=np.float32)
    for batch, vectors in embed_batches(built, pending, progress=progress):
        matrix[[row_of[digest] for digest in batch]] = vectors
    if len(pending) < len(proteins):
        matrix = matrix[[row_of[digest] for digest in hashes.values()]]
    return Embeddings.from_arrays(proteins.ids, matrix, built.provenance, hashes.values())


def embed_batches(
    encoder: Encoder, pending: Mapping[str, str], *, done: Container[str] = (), progress: bool
) -> Iterator[tuple[list[str], np.ndarray]]:
    """Compute the sequences that are not done yet; yield hashes and vectors, batch by batch.

    The batches are planned over all pending sequences, done or not. So a resumed job computes the
    batches that an uninterrupted job would compute, with identical numbers.

    Args:
        encoder: the encoder that computes the vectors.
        pending: residues of each sequence, by ``sequence_hash``.
        done: hashes of the sequences to leave out.
        progress: show a bar on standard error.
    """
    hashes, sequences = list(pending), list(pending.values())
    n_done = sum(len(residues) for digest, residues in pending.items() if digest in done)
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


def read_noted(path: Path, *, skip_bad: bool = False) -> Proteins:
    """``read_fasta``; a warning says what reading changed."""
    proteins = read_fasta(path, skip_bad=skip_bad)
    if summary := proteins.note_summary():
        logger.warning("%s: %s", path, summary)
    return proteins


def checked_proteins(proteins: Proteins | Path | str) -> Proteins:
    """Read the proteins if a FASTA file is given, and check that every sequence holds residues.

    Raises:
        InputError: if there is no protein, or a sequence is empty or holds another character.
    """
    proteins = proteins if isinstance(proteins, Proteins) else read_noted(Path(proteins))
    if not len(proteins):
        raise InputError("no protein to embed")
    for name, residues in proteins.sequences.items():
        if not residues or not RESIDUES.issuperset(residues):
            wrong = sorted(set(residues) - RESIDUES)
            raise InputError(
                f"{name}: {wrong[0]!r} is no residue" if wrong else f"{name}: is empty"
            )
    return proteins


def hashes_of(proteins: Proteins) -> dict[str, str]:
    """``sequence_hash`` of each protein, by id."""
    return {name: sequence_hash(residues) for name, residues in proteins.sequences.items()}
