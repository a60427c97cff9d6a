"""Proteins -> one vector per protein, with its provenance."""

from ppi_ratio.embeddings.concatenating import concatenate
from ppi_ratio.embeddings.embedding import embed
from ppi_ratio.embeddings.encoders import (
    DEFAULT_ENCODER,
    ENCODERS,
    Encoder,
    EncoderSettings,
    find_encoder,
)
from ppi_ratio.embeddings.files import Embeddings
from ppi_ratio.embeddings.matching import matching
from ppi_ratio.embeddings.options import EmbedOptions
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.embeddings.usable import usable, warn_of_far

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
    "matching",
    "usable",
    "warn_of_far",
]
