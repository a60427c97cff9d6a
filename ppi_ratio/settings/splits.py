"""Settings, from YAML or the command line -> ``Split``.

Paths are relative to the folder in which the command runs.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import pydantic
from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.io.text_files import CONTROL, open_text
from ppi_ratio.pairs import (
    PairColumns,
    PairTable,
    Split,
    read_pairs,
    species_of_prefix,
    split_by_cluster,
    split_by_pair,
    split_by_protein,
    split_by_species,
)
from ppi_ratio.runtime.seeds import Seed
from ppi_ratio.sequences import IdIndex, read_fasta
from ppi_ratio.sequences.clusters import Method, SequenceClusters, sequence_clusters
from ppi_ratio.settings.faults import Fault, faults_of

NO_SEQUENCE = "with an id that has no sequence"

STRICT = ConfigDict(extra="forbid")
Share = Annotated[float, Field(gt=0, lt=1)]
Identity = Annotated[float, Field(gt=0, le=1)]
Taxon = Annotated[str, BeforeValidator(str)]  # YAML reads 4932 as a number


def _check_columns(given: object) -> object:
    """Names, or numbers from 1, as a list or as a text with commas; ``PairColumns.parse``."""
    text = ",".join(map(str, given)) if isinstance(given, list) else given
    if isinstance(text, str):
        try:
            PairColumns.parse(text)
        except ConfigError as error:
            raise ValueError(str(error)) from error
    return text


Columns = Annotated[str, BeforeValidator(_check_columns)]


class _OneTable(ABC):
    """Settings that divide one table."""

    pairs: Path
    directed: bool
    min_score: float | None
    columns: str | None

    def table(self) -> PairTable:
        return read_pairs(
            self.pairs,
            directed=self.directed,
            min_score=self.min_score,
            columns=self.columns,
        )

    def read(self) -> Split:
        return self.divide(self.table())

    @abstractmethod
    def divide(self, table: PairTable) -> Split: ...


@dataclass(frozen=True, config=STRICT)
class DrawnSplit(_OneTable):
    """Hold out proteins or pairs of one table: ``split_by_protein`` and ``split_by_pair``."""

    name: Literal["protein", "pair"]
    pairs: Path
    directed: bool
    test_fraction: Share
    validation_fraction: Share
    seed: Seed
    min_score: float | None = None
    columns: Columns | None = None
    disjoint: bool = False

    def __post_init__(self) -> None:
        if self.disjoint and self.name == "pair":
            raise ValueError("a split by pair cannot be disjoint; only a split by protein can")

    def divide(self, table: PairTable) -> Split:
        if self.name == "pair":
            return split_by_pair(
                table,
                test_fraction=self.test_fraction,
                validation_fraction=self.validation_fraction,
                seed=self.seed,
            )
        return split_by_protein(
            table,
            test_fraction=self.test_fraction,
            validation_fraction=self.validation_fraction,
            seed=self.seed,
            disjoint=self.disjoint,
        )


@dataclass(frozen=True, config=STRICT)
class ClusterSplit(_OneTable):
    """Hold out clusters of related sequences: ``split_by_cluster``.

    Pairs with a protein that is not in ``fasta`` are dropped. ``method`` is that of
    ``sequence_clusters``.
    """

    name: Literal["cluster"]
    pairs: Path
    fasta: Path
    min_identity: Identity
    directed: bool
    test_fraction: Share
    validation_fraction: Share
    seed: Seed
    method: Method = "auto"
    min_score: float | None = None
    columns: Columns | None = None

    def divide(self, table: PairTable) -> Split:
        kept, clusters = _clustered(table, self.fasta, self.min_identity, self.method)
        split = split_by_cluster(
            kept,
            clusters,
            test_fraction=self.test_fraction,
            validation_fraction=self.validation_fraction,
            seed=self.seed,
        )
        n_unknown = len(table) - len(kept)
        dropped = {NO_SEQUENCE: n_unknown} if n_unknown else {}
        return replace(split, dropped=MappingProxyType({**dropped, **split.dropped}))


@dataclass(frozen=True, config=STRICT)
class SpeciesSplit(_OneTable):
    """Hold out species: ``split_by_species``.

    ``species`` is a table of id and species, in two columns without a header, separated by tabs;
    without it, they are read off the ids (``species_of_prefix``).
    """

    name: Literal["species"]
    pairs: Path
    directed: bool
    test_species: tuple[Taxon, ...]
    validation_fraction: Share
    seed: Seed
    species: Path | None = None
    min_score: float | None = None
    columns: Columns | None = None

    def divide(self, table: PairTable) -> Split:
        return split_by_species(
            table,
            _read_species(self.species) if self.species else species_of_prefix(table.ids),
            test=self.test_species,
            validation_fraction=self.validation_fraction,
            seed=self.seed,
        )


@dataclass(frozen=True, config=STRICT, kw_only=True)
class GivenSplit:
    """Tables that were divided before: ``Split.from_tables``.

    Without ``validation``, training runs to its last epoch, and the temperature is not scaled.
    Without ``test``, there are no pairs to judge the model by.
    """

    train: Path
    validation: Path | None = None
    test: Path | None = None
    directed: bool
    name: Literal["given"] = "given"
    columns: Columns | None = None

    def read(self) -> Split:
        paths = {"train": self.train, "validation": self.validation, "test": self.test}
        return Split.from_tables(
            **{
                part: read_pairs(path, directed=self.directed, columns=self.columns)
                for part, path in paths.items()
                if path is not None
            }
        )


DrawnSettings = Annotated[DrawnSplit | ClusterSplit | SpeciesSplit, Field(discriminator="name")]
SplitSettings = Annotated[
    DrawnSplit | ClusterSplit | SpeciesSplit | GivenSplit, Field(discriminator="name")
]
ADAPTER = pydantic.TypeAdapter(DrawnSettings)


def parse_split_settings(
    options: Mapping[str, object], describe: Callable[[Fault], str] = str
) -> DrawnSettings:
    """Settings from values by key; ``None`` is not given.

    Args:
        options: the kind of the split as ``name``, and its own keys.
        describe: puts a fault into words.

    Raises:
        ConfigError: with a line per key that is missing, wrong or of another kind of split.
    """
    given = {key: value for key, value in options.items() if value is not None}
    try:
        return ADAPTER.validate_python(given)
    except pydantic.ValidationError as error:
        faults = map(describe, faults_of(error, given, ADAPTER))
        raise ConfigError(f"split by {given.get('name')}: " + "\n".join(faults)) from error


def split_clusters(
    split: Split, fasta: Path, *, min_identity: float, method: Method
) -> SequenceClusters:
    """Clusters of the split's proteins that have a sequence, to tell leaks by."""
    proteins = read_fasta(fasta)
    ids = sorted({name for part in split.parts.values() for name in part.ids})
    found = IdIndex(proteins.ids).rows(ids) >= 0
    known = [name for name, there in zip(ids, found, strict=True) if there]
    return sequence_clusters(proteins.select(known), min_identity=min_identity, method=method)


def _clustered(
    pairs: PairTable, fasta: Path, min_identity: float, method: Method
) -> tuple[PairTable, SequenceClusters]:
    """The pairs whose two proteins have a sequence, and the clusters of these proteins."""
    proteins = read_fasta(fasta)
    kept, missing = pairs.restrict_to(proteins.ids)
    if not len(kept):
        raise InputError(
            f"{pairs.name}: no pair has two sequences in {fasta}; {len(missing):,} ids are not "
            f"there, e.g. {IdIndex(proteins.ids).example(missing)}"
        )
    own = proteins.select(kept.ids)
    return kept, sequence_clusters(own, min_identity=min_identity, method=method)


def _read_species(path: Path) -> dict[str, str]:
    species: dict[str, str] = {}
    with open_text(path) as text:
        for number, line in enumerate(text, start=1):
            fields = [part.strip() for part in line.split("\t")]
            if fields == [""] or line.startswith("#"):
                continue
            if len(fields) < 2 or not all(fields[:2]) or CONTROL.search(line):
                raise InputError(
                    f"{path}: line {number} has no id and species, separated by a tab: "
                    f"{line.strip()[:40]!r}"
                )
            name, own = fields[:2]
            if species.setdefault(name, own) != own:
                raise InputError(
                    f"{path}: line {number} says that {name} is of {own}, an earlier one of "
                    f"{species[name]}; keep one of them"
                )
    if not species:
        raise InputError(f"{path}: no protein in it; write an id, a tab and its species per line")
    return species
