"""Parsed data of a source -> files that ``ppi_ratio`` reads, and counts for the report."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.io.atomic import replacing
from ppi_ratio.io.tables import write_table
from ppi_ratio.pairs import LEFT, RIGHT, Drop, PairTable, Split, write_split
from ppi_ratio.pairs.rows import pair_keys
from ppi_ratio.sequences import IdIndex, Proteins, write_fasta

if TYPE_CHECKING:
    from ppi_ratio.embeddings import Embeddings

SCORE = "source_score"  # ``read_pairs`` does not use a column of this name to filter by score
TABLES = (".tsv", ".csv", ".parquet")
FASTA = (".fasta", ".fa")
VECTORS = (".h5", ".hdf5")


class Product(Protocol):
    """What the files of a source become.

    Attributes:
        drops: rows or records left out, by reason.
        notes: further remarks for the report.
    """

    @property
    def drops(self) -> tuple[Drop, ...]: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    @staticmethod
    def check_name(out: Path) -> None:
        """Refuse a file name that the product cannot be written to, before any work is done.

        Raises:
            ConfigError: if the suffix is wrong, or a folder is there.
        """

    def targets(self, out: Path) -> tuple[Path, ...]:
        """Paths that ``write`` writes."""
        ...

    def write(self, out: Path) -> None:
        """Write the product, each file atomically."""

    def counts(self) -> dict[str, int]:
        """Counts of the content, for the report and the provenance file."""
        ...


@dataclass(frozen=True, eq=False)
class PairProduct:
    """A table of pairs.

    Attributes:
        pairs: the pairs.
        n_rows: number of rows in the source.
        scores: the highest score of each pair, in the units of the source.
        sequences: sequences of the proteins, written beside the table as ``.fasta``.
        notes: further remarks for the report.
    """

    pairs: PairTable
    n_rows: int
    scores: pd.Series | None = None
    sequences: Proteins | None = None
    notes: tuple[str, ...] = ()

    @property
    def drops(self) -> tuple[Drop, ...]:
        return self.pairs.drops

    @staticmethod
    def check_name(out: Path) -> None:
        _check_suffix(out, TABLES, "a table of pairs")

    def targets(self, out: Path) -> tuple[Path, ...]:
        return (out,) if self.sequences is None else (out, out.with_suffix(FASTA[0]))

    def write(self, out: Path) -> None:
        frame = self.pairs.frame
        write_table(frame if self.scores is None else frame.assign(**{SCORE: self.scores}), out)
        if self.sequences is not None:
            _write_sequences(self.sequences, self.targets(out)[1])

    def counts(self) -> dict[str, int]:
        return {"rows read": self.n_rows, **pair_counts(self.pairs)}


@dataclass(frozen=True, eq=False)
class SplitProduct:
    """Three labelled tables: train, validation and test, as the source divides them.

    Attributes:
        split: the three tables.
        n_rows: number of rows in the source, over all parts.
        sequences: sequences of the proteins, written beside the folder as ``.fasta``.
        drops: rows left out, by reason.
        notes: further remarks for the report.
    """

    split: Split
    n_rows: int
    sequences: Proteins | None = None
    drops: tuple[Drop, ...] = ()
    notes: tuple[str, ...] = ()

    @staticmethod
    def check_name(out: Path) -> None:
        if out.suffix in TABLES or out.is_file():
            raise ConfigError(f"{out}: this source gives three tables; give the name of a folder")

    def targets(self, out: Path) -> tuple[Path, ...]:
        return (out,) if self.sequences is None else (out, out.with_name(out.name + FASTA[0]))

    def write(self, out: Path) -> None:
        write_split(self.split, out)
        if self.sequences is not None:
            _write_sequences(self.sequences, self.targets(out)[1])

    def counts(self) -> dict[str, int]:
        parts = {
            f"{part}: {what}": count
            for part, table in self.split.parts.items()
            for what, count in pair_counts(table).items()
        }
        return {"rows read": self.n_rows, **parts}


@dataclass(frozen=True, eq=False)
class SequenceProduct:
    """Proteins under their accessions."""

    proteins: Proteins
    n_records: int
    drops: tuple[Drop, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        summary = self.proteins.note_summary()
        return (summary,) if summary else ()

    @staticmethod
    def check_name(out: Path) -> None:
        _check_suffix(out, FASTA, "sequences")

    def targets(self, out: Path) -> tuple[Path, ...]:
        return (out,)

    def write(self, out: Path) -> None:
        _write_sequences(self.proteins, out)

    def counts(self) -> dict[str, int]:
        residues = sum(map(len, self.proteins.sequences.values()))
        return {
            "records read": self.n_records,
            "proteins": len(self.proteins),
            "residues": residues,
        }


@dataclass(frozen=True, eq=False)
class VectorProduct:
    """One vector per protein.

    Attributes:
        vectors: the vectors.
        covered: numbers of proteins and pairs with vectors, in a table of pairs.
    """

    vectors: "Embeddings"
    covered: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    drops: tuple[Drop, ...] = ()

    @staticmethod
    def check_name(out: Path) -> None:
        _check_suffix(out, VECTORS, "vectors")

    def targets(self, out: Path) -> tuple[Path, ...]:
        return (out,)

    def write(self, out: Path) -> None:
        self.vectors.write(out)

    def counts(self) -> dict[str, int]:
        return {"vectors": len(self.vectors), "dimensions": self.vectors.dim, **self.covered}


def pair_product(
    rows: pd.DataFrame,
    n_rows: int,
    *,
    directed: bool,
    name: str,
    drops: tuple[Drop, ...] = (),
) -> PairProduct:
    """Normalise rows with ``PairTable.from_rows``; a pair gets the highest score of its rows.

    ``rows`` has columns ``left``, ``right``, ``line`` and perhaps ``label`` or ``source_score``.
    If one pair has no score, the product has no scores.

    Raises:
        InputError: if no pair is left.
    """
    plain = rows.drop(columns=SCORE, errors="ignore")
    pairs = PairTable.from_rows(plain, directed=directed, name=name, drops=drops)
    if not len(pairs):
        reasons = "; ".join(map(str, pairs.drops))
        raise InputError(f"{name}: no pair is left of {n_rows:,} rows ({reasons})")
    scores = _highest(rows, pairs) if SCORE in rows else None
    return PairProduct(pairs, n_rows, scores)


def sequences_of(
    ids: Sequence[str], proteins: Proteins | None
) -> tuple[Proteins | None, tuple[str, ...]]:
    """The sequences of the ids (None if there are none), and a note on ids without sequence."""
    if proteins is None:
        return None, ()
    known = dict(zip(ids, IdIndex(proteins.ids).rows(ids) >= 0, strict=True))
    found = proteins.select(name for name in ids if known[name])
    missing = [name for name in ids if not known[name]]
    notes = [
        f"{len(missing):,} of {len(ids):,} proteins have no sequence, e.g. {name}"
        for name in missing[:1]
    ]
    return found if len(found) else None, tuple(notes)


def pair_counts(pairs: PairTable) -> dict[str, int]:
    """Counts of pairs and proteins in a table."""
    counts = {"pairs": len(pairs), "proteins": len(pairs.ids)}
    if pairs.is_labelled:
        counts |= {"interactions": len(pairs.joint), "non-pairs": len(pairs.non_pairs)}
    if pairs.directed:
        counts["in both directions"] = pairs.both_directions
    return counts


def _highest(rows: pd.DataFrame, pairs: PairTable) -> pd.Series | None:
    """The highest score of each pair; None if any pair has no score."""
    left, right, ids = pairs.coded
    ends = [ids.get_indexer(pd.Index(rows[side])) for side in (LEFT, RIGHT)]
    listed = (ends[0] >= 0) & (ends[1] >= 0)  # self pairs may have been dropped
    if not pairs.directed:
        ends = [np.minimum(*ends), np.maximum(*ends)]
    keys = pair_keys(ends[0], ends[1], len(ids))[listed]
    scores = np.nan_to_num(rows[SCORE].to_numpy(dtype=float)[listed], nan=-np.inf)
    order = np.lexsort((scores, keys))
    last = np.searchsorted(keys[order], pair_keys(left, right, len(ids)), side="right") - 1
    found = scores[order][last]
    return None if np.isneginf(found).any() else pd.Series(found)


def _write_sequences(proteins: Proteins, out: Path) -> None:
    with replacing(out) as partial:
        write_fasta(proteins, partial)


def _check_suffix(out: Path, suffixes: tuple[str, ...], what: str) -> None:
    if out.suffix not in suffixes:
        raise ConfigError(f"{out}: write {what} to a name ending in {', '.join(suffixes)}")
    if out.is_dir():
        raise ConfigError(f"{out}: is a folder; give the name of a file to write")
