"""How to run an encoder: layer, pooling, precision, device and windows."""

from dataclasses import dataclass
from typing import get_args

from ppi_ratio.embeddings.provenance import Pooling, Precision
from ppi_ratio.embeddings.writing import StoredType
from ppi_ratio.errors import ConfigError
from ppi_ratio.runtime.devices import Device


@dataclass(frozen=True)
class EmbedOptions:
    """How to run an encoder.

    Attributes:
        layer: layer to pool, from 0 (token embeddings) to the last layer; by default the last.
        pooling: "mean" over residues; "mean_sd", the mean followed by the standard deviation, twice
            as many numbers; or "mean_sd_segments", which appends the means of 16 equal segments of
            the protein, as the critic ``attentive`` reads them.
        precision: number format of the forward pass; bf16 is faster and changes values by about
            1e-3.
        device: "auto" takes CUDA if present, else MPS, else the CPU.
        limit: residues per window; longer proteins are embedded in overlapping windows.
        batch_tokens: most tokens in a batch, padding included; halved when memory runs out.
        dtype: number type of vectors in a file.

    Raises:
        ConfigError: if a value is not allowed; the message names the option.

    Examples:
        >>> import ppi_ratio as pr
        >>> proteins = pr.Proteins({"P1": "MKVLAAGIVG"})
        >>> both = pr.EmbedOptions(pooling="mean_sd")
        >>> means = pr.embed(proteins, encoder="esm2_bundled")
        >>> means_and_deviations = pr.embed(proteins, encoder="esm2_bundled", options=both)
        >>> means.dim, means_and_deviations.dim
        (160, 320)
    """

    layer: int | None = None
    pooling: Pooling = "mean"
    precision: Precision = "fp32"
    device: Device = "auto"
    limit: int = 1022
    batch_tokens: int = 8192
    dtype: StoredType = "float16"

    def __post_init__(self) -> None:
        for name, choices in (
            ("pooling", Pooling),
            ("precision", Precision),
            ("device", Device),
            ("dtype", StoredType),
        ):
            if getattr(self, name) not in get_args(choices):
                known = ", ".join(get_args(choices))
                raise ConfigError(f"{name} {getattr(self, name)!r} is not one of {known}")
        for name in ("limit", "batch_tokens"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, got {getattr(self, name)}")
