"""Options that several verbs share, and the values that options accept."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ppi_ratio.cli.paths import existing, existing_model, existing_vectors
from ppi_ratio.errors import ConfigError
from ppi_ratio.runtime.seeds import LARGEST_SEED
from ppi_ratio.runtime.sharding import Shard

NOT_GIVEN: Any = None  # default of ``Directed``; ``direction`` refuses it


def direction(directed: bool | None) -> bool:
    """Refuse a missing direction, and name both options; Typer would name ``--directed`` only.

    Raises:
        ConfigError: if neither option was given.
    """
    if directed is None:
        raise ConfigError(
            "give --directed or --undirected: are (a, b) and (b, a) different pairs, or one pair?"
        )
    return directed


ModelFolder = Annotated[
    Path, typer.Argument(help="Folder of a trained model.", callback=existing_model)
]
Directed = Annotated[
    bool,
    typer.Option(
        "--directed/--undirected",
        help="Give one of the two. --directed: (a, b) and (b, a) are different pairs, as of kinase "
        "and substrate. --undirected: they are one pair, as in a complex.",
        callback=direction,
    ),
]
VectorFiles = Annotated[
    list[Path],
    typer.Option(
        "--embeddings",
        metavar="PATH",
        help="Protein vectors: a file that [bold]ppi-ratio embed[/] wrote, UniProt's "
        "per-protein.h5, an HDF5 file of bio_embeddings, a folder of esm-extract, or a .npz file. "
        "Repeat the option to read several files.",
        callback=existing_vectors,
    ),
]
EncoderOf = Annotated[
    str | None,
    typer.Option(help="Name of the encoder that made the vectors, if the file does not name it."),
]
Renormalise = Annotated[
    bool,
    typer.Option(
        "--renormalise",
        help="Rescale so that random pairs of these proteins have mean ratio 1. Use it for large, "
        "unselected sets of new proteins.",
    ),
]
Prior = Annotated[
    float,
    typer.Option(
        help="Share of interactions that you expect among all pairs of such proteins. The column "
        "probability is this share times the ratio."
    ),
]
Prevalence = Annotated[
    float | None,
    typer.Option(
        help="Give it if the table mixes interactions and non-pairs, as a benchmark or a short "
        "list does: the share of interactions in the table."
    ),
]
Known = Annotated[
    Path | None,
    typer.Option(
        help="More known interactions, which are never drawn as non-pairs.", callback=existing
    ),
]
MinScore = Annotated[
    float | None,
    typer.Option(help="Keep rows with at least this value in the third column, a confidence."),
]
SkipBad = Annotated[
    bool,
    typer.Option(
        "--skip-bad",
        help="Leave out FASTA records that cannot be read, and records of nucleotides, and name "
        "them, instead of refusing the file.",
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="LEFT,RIGHT[,LABEL]",
        help="Columns of the pair tables: names, or numbers from 1. If not given, the names of the "
        "columns and what the columns hold decide.",
    ),
]


def _kinds(text: str | None) -> str | None:
    """Refuse an unknown kind of difference before anything is read."""
    kinds_of_difference(text)
    return text


def kinds_of_difference(text: str | None) -> tuple[str, ...]:
    """The kinds that ``--match-ids`` names, separated by commas.

    Raises:
        ConfigError: if one is unknown.
    """
    if not text:
        return ()  # the import below is slow
    from ppi_ratio.sequences.spellings import MATCHABLE, check_kinds

    given = tuple(part.strip() for part in text.split(",") if part.strip())
    return tuple(kind for kind in MATCHABLE if kind in check_kinds(given))


MatchIds = Annotated[
    str | None,
    typer.Option(
        "--match-ids",
        metavar="KINDS",
        help="Differences in the spelling of ids that do not count, with commas between: version "
        "(P12345.2), prefix (uniprotkb:P12345, 9606.ENSP01), case, isoform (P12345-1).",
        callback=_kinds,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value of CONFIG, e.g. trainer.max_epochs=10. Repeat the option for more "
        "keys.",
    ),
]
ShardOf = Annotated[
    str | None,
    typer.Option(
        metavar="I/N",
        help="Process shard I of N (counting from 0). Under torchrun or srun the rank sets it.",
    ),
]


def seed_of(what: str) -> Any:  # noqa: ANN401 -- what Typer's own functions return
    """An option for the seed of ``what``, which its help names."""
    return typer.Option(metavar="N", help=f"Seed of {what}.", callback=_check_seed)


def _check_seed(seed: int) -> int:
    if not 0 <= seed <= LARGEST_SEED:
        raise typer.BadParameter(f"{seed} is not in the range 0 to {LARGEST_SEED}")
    return seed


def this_shard(text: str | None) -> Shard:
    """The shard of ``--shard``; without the option, the shard of this rank (torchrun or srun).

    Raises:
        ConfigError: if the text is not of the form I/N.
    """
    try:
        return Shard.parse(text) if text else Shard.from_environment()
    except ConfigError as error:
        raise ConfigError(f"--{error}" if text else str(error)) from error


class Pooling(StrEnum):
    """How residues become one vector."""

    mean = "mean"
    mean_sd = "mean_sd"
    mean_sd_segments = "mean_sd_segments"


class Precision(StrEnum):
    """Number format of an encoder's forward pass."""

    fp32 = "fp32"
    bf16 = "bf16"


class ProductPrecision(StrEnum):
    """Number format of the matrix products of a screen; tf32 is for GPUs."""

    fp32 = "fp32"
    tf32 = "tf32"
    bf16 = "bf16"


class Device(StrEnum):
    """Where to compute."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class StoredAs(StrEnum):
    """Number format on disk."""

    float16 = "float16"
    float32 = "float32"


class SplitBy(StrEnum):
    """What a split holds out for the test."""

    pair = "pair"
    protein = "protein"
    cluster = "cluster"
    species = "species"


class ClusterMethod(StrEnum):
    """What compares sequences."""

    auto = "auto"
    mmseqs2 = "mmseqs2"
    words = "words"


class Law(StrEnum):
    """How non-pairs are drawn; the keys of ``NOISE_LAWS``."""

    uniform = "uniform"
    role_matched = "role_matched"
    degree_weighted = "degree_weighted"
    degree_matched = "degree_matched"
    rewired = "rewired"
