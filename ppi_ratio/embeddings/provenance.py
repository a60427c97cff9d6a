"""How vectors were made, and whether two sets of vectors may be used together."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ppi_ratio.errors import InputError

Precision = Literal["fp32", "bf16"]
Pooling = Literal["mean", "mean_sd", "mean_sd_segments"]
UNSTATED = "unstated"


@dataclass(frozen=True)
class Provenance:
    """How vectors were made.

    Attributes:
        encoder: key of ``ENCODERS``, stem of a checkpoint, name of an unlisted encoder, or
            ``unstated``.
        layer: layer that was pooled; None if the encoder has no layers.
        pooling: how residues became one vector.
        checkpoint: SHA-256 of the weights file, in hexadecimal; empty if there is none.
        precision: arithmetic of the forward pass; changes values by about 1e-3.
        limit: residues per window; None if proteins are never cut.
        overlap: least number of residues that neighbouring windows share.
    """

    encoder: str = UNSTATED
    layer: int | None = None
    pooling: str = "mean"
    checkpoint: str = ""
    precision: Precision = "fp32"
    limit: int | None = None
    overlap: int | None = None

    def same_space(self, other: "Provenance") -> bool:
        """Whether vectors of both may be used together.

        Encoder, layer, pooling and checkpoint must agree. An unknown checkpoint fits any.
        """
        known = bool(self.checkpoint and other.checkpoint)
        return (self.encoder, self.layer, self.pooling) == (
            other.encoder,
            other.layer,
            other.pooling,
        ) and not (known and self.checkpoint != other.checkpoint)

    def describe(self) -> str:
        """One line for messages."""
        if self.encoder == UNSTATED:
            return "vectors of unstated origin"
        parts = [self.encoder]
        if self.layer is not None:
            parts.append(f"layer {self.layer}")
        parts += [f"pooling {self.pooling}", self.precision]
        if self.limit is not None:
            parts.append(f"windows of {self.limit} residues sharing {self.overlap or 0}")
        if self.checkpoint:
            parts.append(f"weights {self.checkpoint[:8]}")
        return ", ".join(parts)

    def to_dict(self) -> dict[str, str | int | None]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "Provenance":
        """The inverse of ``to_dict``; absent keys take their defaults.

        Raises:
            InputError: if a key is unknown or its value has the wrong type; names the key.
        """
        known = {
            "encoder": str,
            "layer": int | None,
            "pooling": str,
            "checkpoint": str,
            "precision": str,
            "limit": int | None,
            "overlap": int | None,
        }
        for key, value in values.items():
            if key not in known:
                raise InputError(
                    f"provenance has an unknown key {key!r}; known: {', '.join(known)}"
                )
            if not isinstance(value, known[key]) or isinstance(value, bool):
                raise InputError(f"provenance: {key} cannot be {value!r}")
        if values.get("precision", "fp32") not in get_args(Precision):
            raise InputError(f"provenance: precision {values['precision']!r} is not fp32 or bf16")
        return cls(**values)  # pyright: ignore[reportArgumentType] -- checked above
