"""Proteins -> one vector each, with where it comes from."""

from ppi_ratio.embeddings.concatenating import concatenate
from ppi_ratio.embeddings.encoders import (
    DEFAULT_ENCODER,
    ENCODERS,
    Encoder,
    EncoderSettings,
    find_encoder,
)
from ppi_ratio.embeddings.files import Embeddings
from ppi_ratio.embeddings.options import EmbedOptions
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.embeddings.run import embed, merge_vectors

__all__ = [
    "DEFAULT_ENCODER",
    "ENCODERS",
    "EmbedOptions",
    "Embeddings",
    "Encoder",
    "EncoderSettings",
    "Provenance",
    "concatenate",
    "embed",
    "find_encoder",
    "merge_vectors",
]
