"""How to run an encoder: layer, pooling, precision, device and windows."""

from dataclasses import dataclass
from typing import get_args

from ppi_ratio.embeddings.files import StoredType
from ppi_ratio.embeddings.provenance import Pooling, Precision
from ppi_ratio.errors import ConfigError
from ppi_ratio.runtime.devices import Device


@dataclass(frozen=True)
class EmbedOptions:
    """How to run an encoder.

    Attributes:
        layer: whose representations to pool, 0 (token embeddings) to the last, the default.
        pooling: "mean" over residues; "mean_sd", the mean and then the standard deviation of
            each number, which say more of proteins whose parts differ and are twice as long; or
            "mean_sd_segments", behind these the means of 16 equal segments of the protein, which
            the critic ``attentive`` looks at one by one.
        precision: arithmetic of the forward pass; bf16 is faster and moves values by about 1e-3.
        device: ``auto`` takes CUDA, else MPS, else the CPU.
        limit: residues per window; longer proteins are embedded in overlapping windows.
        batch_tokens: rows times longest row of a batch; halved by itself when memory runs out.
        dtype: how vectors are stored in a file.
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
