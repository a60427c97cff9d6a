"""Vectors of several encoders -> one longer vector per protein that all of them hold."""

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from ppi_ratio.embeddings.files import Embeddings
from ppi_ratio.embeddings.provenance import UNSTATED, Provenance
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError

logger = logging.getLogger(__name__)

ENCODER_SEPARATOR = "+"  # between the names of encoders
LAYER_SEPARATOR = "@"  # between the name of an encoder and its layer


def concatenate(parts: Sequence[Embeddings]) -> Embeddings:
    """Join the vectors of several encoders, protein by protein.

    Proteins that one of the parts lacks are left out, and a warning counts them. The rows have the
    order of the first part. Vectors are read on demand.

    Raises:
        ConfigError: if there are fewer than two parts, a part does not state its encoder, or two
            parts have one encoder, layer and pooling.
        ProvenanceError: if no protein is in all parts.
        InputError: if two parts were made from different sequences of one id.

    Examples:
        >>> import ppi_ratio as pr
        >>> proteins = pr.Proteins({"P1": "MKVLAAGIVG", "P2": "MSTNPKPQRK"})
        >>> names = ["hydropathy_charge", "conjoint_triad"]
        >>> parts = [pr.embed(proteins, encoder=name) for name in names]
        >>> both = pr.concatenate(parts)
        >>> [part.dim for part in parts], both.dim
        ([48, 343], 391)
        >>> both.provenance.encoder
        'hydropathy_charge+conjoint_triad'
    """
    if len(parts) < 2:
        raise ConfigError("give vectors of at least two encoders to put side by side")
    for part in parts:
        if part.provenance.encoder == UNSTATED:
            raise ConfigError(f"{part!r}: name the encoder that made them")
    origins = [origin for part in parts for origin in origins_of(part.provenance)]
    named = [(origin.encoder, origin.layer, origin.pooling) for origin in origins]
    twice = next((origin for origin, count in Counter(named).items() if count > 1), None)
    if twice is not None:
        raise ConfigError(
            f"two of the sets of vectors were made by {twice[0]} with one pooling; give each once"
        )
    names = np.array(parts[0].ids, dtype=object)
    rows = np.stack([part.rows(parts[0].ids) for part in parts])
    common = (rows >= 0).all(axis=0)
    if not common.any():
        raise ProvenanceError(
            "no protein is in all of the vectors, e.g. "
            + ", ".join(f"{part.ids[0]} of {part.provenance.encoder}" for part in parts)
        )
    if not common.all():
        lacking = parts[int((rows[:, ~common][:, 0] < 0).argmax())]
        logger.warning(
            "%d of %d proteins left out, e.g. %s, which has no vector of %s",
            (~common).sum(),
            len(names),
            names[~common][0],
            lacking.provenance.encoder,
        )
    rows = rows[:, common]
    ids = tuple(names[common])
    hashes = _common_hashes(parts, rows, ids)
    source = _SideBySide(parts, rows)
    return Embeddings(ids, source, _provenance([part.provenance for part in parts]), hashes)


def read_stated(path: Path, encoder: str | None) -> Embeddings:
    """Read vectors; ``encoder`` names their encoder if the file does not state it.

    Raises:
        ConfigError: if the file states no encoder and ``encoder`` is None.
        FileNotFoundError, InputError: as ``Embeddings.read``.
    """
    found = Embeddings.read(path)
    if found.provenance.encoder != UNSTATED:
        return found
    if encoder is None:
        raise ConfigError(f"{path}: does not state the encoder of its vectors; name the encoder")
    return Embeddings.read(path, encoder=encoder)


def origins_of(made_by: Provenance) -> list[Provenance]:
    """The provenance of each part of concatenated vectors; other vectors are one part."""
    names = made_by.encoder.split(ENCODER_SEPARATOR)
    poolings = made_by.pooling.split(f" {ENCODER_SEPARATOR} ")
    if len(names) == 1 or len(names) != len(poolings):  # one encoder, perhaps with + in its name
        return [made_by]
    found = []
    for stated, pooling in zip(names, poolings, strict=True):
        name, _, layer = stated.partition(LAYER_SEPARATOR)
        number = int(layer) if layer.isdecimal() else None
        found.append(replace(made_by, encoder=name, layer=number, pooling=pooling))
    return found


@dataclass(frozen=True)
class _SideBySide:
    """Vectors that are joined on reading: row i joins row ``rows[k, i]`` of every part k."""

    parts: Sequence[Embeddings]
    rows: Int[np.ndarray, "part row"]

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows.shape[1], sum(part.dim for part in self.parts)

    @property
    def dtype(self) -> str:
        return np.result_type(*(np.dtype(part.dtype) for part in self.parts)).name

    def read(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row dim"]:
        found = [part.matrix(own[rows]) for part, own in zip(self.parts, self.rows, strict=True)]
        return np.concatenate(found, axis=1)


def _common_hashes(
    parts: Sequence[Embeddings], rows: Int[np.ndarray, "part row"], ids: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The sequence hashes that all parts with hashes agree on; None if no part has hashes."""
    known = [
        np.array(part.hashes, dtype=object)[own]
        for part, own in zip(parts, rows, strict=True)
        if part.hashes is not None
    ]
    if not known:
        return None
    for other in known[1:]:
        differing = np.flatnonzero(other != known[0])
        if differing.size:
            raise InputError(
                f"{ids[differing[0]]}: the vectors were made from different sequences of this "
                "protein; embed both from one FASTA"
            )
    return tuple(known[0])


def _provenance(parts: Sequence[Provenance]) -> Provenance:
    windowed = next((part for part in parts if part.limit is not None), parts[0])
    checkpoints = [part.checkpoint for part in parts]
    return Provenance(
        encoder=ENCODER_SEPARATOR.join(
            part.encoder if part.layer is None else f"{part.encoder}{LAYER_SEPARATOR}{part.layer}"
            for part in parts
        ),
        pooling=f" {ENCODER_SEPARATOR} ".join(part.pooling for part in parts),
        checkpoint=hashlib.sha256("\n".join(checkpoints).encode()).hexdigest()
        if any(checkpoints)
        else "",
        precision="bf16" if any(part.precision == "bf16" for part in parts) else "fp32",
        limit=windowed.limit,
        overlap=windowed.overlap,
    )
