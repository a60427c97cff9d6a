"""Encoders by name: each turns the residues of a protein into one vector."""

import difflib
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from ppi_ratio.embeddings.composition import CONJOINT_TRIAD
from ppi_ratio.embeddings.descriptors import DescriptorEncoder
from ppi_ratio.embeddings.options import EmbedOptions
from ppi_ratio.embeddings.profiles import HYDROPATHY_CHARGE
from ppi_ratio.embeddings.provenance import UNSTATED, Provenance
from ppi_ratio.errors import ConfigError


@runtime_checkable
class Encoder(Protocol):
    """Turns residues into one vector per sequence.

    ``embed`` takes any object with these members. An encoder that is not in ``ENCODERS`` needs a
    name of its own in ``provenance``; vectors of encoders with different names are never mixed.
    """

    @property
    def provenance(self) -> Provenance: ...

    @property
    def dim(self) -> int: ...

    def batches(self, lengths: Sequence[int]) -> list[list[int]]:
        """Divide sequences into batches: the positions of the sequences of each batch.

        The batches depend on nothing but the lengths of all sequences.
        """
        ...

    def vectors(self, sequences: Sequence[str]) -> Float[np.ndarray, "protein dim"]: ...


@runtime_checkable
class EncoderSettings(Protocol):
    """Settings of an encoder; ``build`` loads it."""

    def build(self, options: EmbedOptions) -> Encoder: ...


@dataclass(frozen=True)
class FairESM:
    """An official fair-esm model, from torch's hub folder or downloaded into it."""

    name: str

    def build(self, options: EmbedOptions) -> Encoder:
        # torch and fair-esm take seconds to import; ``ppi-ratio --help`` must not wait for them
        from ppi_ratio.embeddings.checkpoints import official_checkpoint
        from ppi_ratio.embeddings.esm import ESMEncoder

        return ESMEncoder.load(official_checkpoint(self.name), self.name, options)


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint file in fair-esm's format; the stem of the file name names the encoder."""

    path: Path

    def build(self, options: EmbedOptions) -> Encoder:
        from ppi_ratio.embeddings.esm import ESMEncoder

        return ESMEncoder.load(self.path, self.path.stem, options)


@dataclass(frozen=True)
class BundledESM:
    """The small ESM-2 that ships with the package, for trials and tests only."""

    name: str = "esm2_bundled"

    def build(self, options: EmbedOptions) -> Encoder:
        from ppi_ratio.embeddings.esm import ESMEncoder

        file = importlib.resources.files("ppi_ratio.embeddings") / "bundled" / f"{self.name}.pt"
        with importlib.resources.as_file(file) as path:
            return ESMEncoder.load(path, self.name, options)


@dataclass(frozen=True)
class Descriptor:
    """An encoder without a model, which takes no options."""

    encoder: DescriptorEncoder

    def build(self, options: EmbedOptions) -> Encoder:
        return _without_choices(self.encoder, options)


@dataclass(frozen=True)
class UnlistedEncoder:
    """An encoder, or settings of an encoder, that ``ENCODERS`` does not list."""

    encoder: EncoderSettings | Encoder

    def build(self, options: EmbedOptions) -> Encoder:
        """Build the encoder from its settings, or take it if it is built already.

        Raises:
            ConfigError: if the encoder has no name, or the name of a member of ``ENCODERS``. Also
                if it is built already and ``options`` choose layer, pooling or precision.
        """
        if isinstance(self.encoder, EncoderSettings):
            built = self.encoder.build(options)
        else:
            built = _without_choices(self.encoder, options)
        name = built.provenance.encoder
        if not name or name == UNSTATED:
            raise ConfigError(f"{built!r}: its provenance must state the name of the encoder")
        if name in ENCODERS:
            raise ConfigError(
                f"{built!r} is called {name!r}, as a member of ENCODERS is; rename it"
            )
        return built


def _without_choices(encoder: Encoder, options: EmbedOptions) -> Encoder:
    """The encoder itself.

    Raises:
        ConfigError: if ``options`` choose a layer, a pooling or a precision, which it lacks.
    """
    default = EmbedOptions()
    if (options.layer, options.pooling, options.precision) != (
        default.layer,
        default.pooling,
        default.precision,
    ):
        raise ConfigError(
            f"{encoder.provenance.encoder} has no layers, pooling or precision to choose; leave "
            "them out"
        )
    return encoder


DEFAULT_ENCODER = "esm2_t30_150M_UR50D"
ENCODERS: dict[str, EncoderSettings] = {
    "esm2_t6_8M_UR50D": FairESM("esm2_t6_8M_UR50D"),
    "esm2_t12_35M_UR50D": FairESM("esm2_t12_35M_UR50D"),
    "esm2_t30_150M_UR50D": FairESM("esm2_t30_150M_UR50D"),
    "esm2_t33_650M_UR50D": FairESM("esm2_t33_650M_UR50D"),
    "esm2_t36_3B_UR50D": FairESM("esm2_t36_3B_UR50D"),
    "esm2_t48_15B_UR50D": FairESM("esm2_t48_15B_UR50D"),
    "esm1b_t33_650M_UR50S": FairESM("esm1b_t33_650M_UR50S"),
    "esm1v_t33_650M_UR90S": FairESM("esm1v_t33_650M_UR90S_1"),  # the first of five models
    "esm1v_t33_650M_UR90S_1": FairESM("esm1v_t33_650M_UR90S_1"),
    "esm1v_t33_650M_UR90S_2": FairESM("esm1v_t33_650M_UR90S_2"),
    "esm1v_t33_650M_UR90S_3": FairESM("esm1v_t33_650M_UR90S_3"),
    "esm1v_t33_650M_UR90S_4": FairESM("esm1v_t33_650M_UR90S_4"),
    "esm1v_t33_650M_UR90S_5": FairESM("esm1v_t33_650M_UR90S_5"),
    "esm2_bundled": BundledESM(),
    "conjoint_triad": Descriptor(CONJOINT_TRIAD),
    "hydropathy_charge": Descriptor(HYDROPATHY_CHARGE),
}
"""Encoders by name; ``embed`` and ``--encoder`` take these names.

Names of fair-esm download their weights at the first use. ``esm2_bundled``, ``conjoint_triad`` and
``hydropathy_charge`` come with the package.

Examples:
    >>> import ppi_ratio as pr
    >>> encoder = pr.ENCODERS["conjoint_triad"].build(pr.EmbedOptions())
    >>> encoder.dim  # 7 classes of residues, three in a row
    343
    >>> encoder.vectors(["MKVLAAGIVG"]).shape
    (1, 343)
"""


def find_encoder(encoder: str | EncoderSettings | Encoder) -> EncoderSettings:
    """Find the settings of an encoder by its name or by the path of its checkpoint.

    Settings, or an encoder itself, may be given too.

    Raises:
        ConfigError: if a name is neither in ``ENCODERS`` nor a path, or an object is neither an
            encoder nor settings of an encoder. The message suggests a similar name.
        FileNotFoundError: if a path is given and there is no file.
    """
    if not isinstance(encoder, str):
        return _from_object(encoder)
    if encoder in ENCODERS:
        return ENCODERS[encoder]
    path = Path(encoder)
    if path.is_file():
        return Checkpoint(path)
    if path.suffix == ".pt" or len(path.parts) > 1:
        raise FileNotFoundError(f"{path}: no such checkpoint")
    near = difflib.get_close_matches(encoder, ENCODERS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(ENCODERS)}"
    raise ConfigError(f"no encoder is called {encoder!r}; {hint} A path to a .pt file works too")


def _from_object(encoder: EncoderSettings | Encoder) -> EncoderSettings:
    if isinstance(encoder, type) or not isinstance(encoder, EncoderSettings | Encoder):
        raise ConfigError(
            f"{encoder!r} is no encoder: an object with build(options), or with provenance, dim, "
            "batches and vectors, is one"
        )
    listed = any(encoder == member for member in ENCODERS.values())
    if isinstance(encoder, EncoderSettings) and (
        listed or isinstance(encoder, FairESM | Checkpoint)
    ):
        return encoder
    return UnlistedEncoder(encoder)
