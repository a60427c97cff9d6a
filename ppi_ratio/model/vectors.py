"""Files of vectors, or a FASTA file -> vectors that fit a model."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from ppi_ratio.embeddings import (
    ENCODERS,
    Embeddings,
    EmbedOptions,
    Provenance,
    concatenate,
    embed,
    matching,
)
from ppi_ratio.embeddings.concatenating import origins_of
from ppi_ratio.embeddings.provenance import UNSTATED, Pooling
from ppi_ratio.errors import ConfigError, ProvenanceError
from ppi_ratio.model.ratio_model import RatioModel


def vectors_for(
    model: RatioModel,
    *,
    embeddings: Sequence[Path],
    fasta: Path | None,
    encoder: str | None,
    match_ids: Collection[str] = (),
) -> Embeddings:
    """Read the vectors of files, or embed a FASTA file with the model's encoder.

    With ``match_ids``, differences of these kinds in the spelling of an id do not count.

    Raises:
        ConfigError: unless exactly one of ``embeddings`` and ``fasta`` is given; or if ``fasta`` is
            given and the model's encoder is not in ``ENCODERS``.
        ProvenanceError: if the vectors are of another encoder than the model's, or if ``fasta`` is
            given and the model does not state its encoder.
        InputError: if a protein is in two files.
    """
    if bool(embeddings) == (fasta is not None):
        raise ConfigError("give either files of vectors or a FASTA file")
    if fasta is None:
        vectors = Embeddings.join([Embeddings.read(path, encoder=encoder) for path in embeddings])
    else:
        made_by = model.card.provenance
        if made_by.encoder == UNSTATED and encoder is None:
            raise ProvenanceError(
                "the model was trained on vectors of unstated origin, so sequences cannot be "
                "embedded for it; give vectors of the same origin"
            )
        # a given encoder is not taken apart: it may be a path with + in it
        origins = [replace(made_by, encoder=encoder)] if encoder else origins_of(made_by)
        _check_known(origins, named=encoder)
        parts = [embed(fasta, encoder=each.encoder, options=_options(each)) for each in origins]
        vectors = parts[0] if len(parts) == 1 else concatenate(parts)
    model.check_vectors(vectors)
    return matching(vectors, match_ids)


def _check_known(origins: Sequence[Provenance], named: str | None) -> None:
    """Refuse to embed with an encoder that is not in ``ENCODERS``, unless the user named it."""
    unknown = [each.encoder for each in origins if each.encoder not in ENCODERS]
    if unknown and named is None:
        raise ConfigError(
            f"the model was trained on vectors of the encoder {unknown[0]!r}, which is not in "
            "ENCODERS: embed the proteins with that encoder first and give their vectors. If "
            f"{unknown[0]!r} is a checkpoint, name its path as the encoder"
        )


def _options(made_by: Provenance) -> EmbedOptions:
    """The options that made the model's vectors; an encoder without layers has no others."""
    if made_by.layer is None:
        return EmbedOptions()
    pooling: Pooling = next((name for name in get_args(Pooling) if name == made_by.pooling), "mean")
    options = EmbedOptions(layer=made_by.layer, pooling=pooling, precision=made_by.precision)
    return options if made_by.limit is None else replace(options, limit=made_by.limit)
