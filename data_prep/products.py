"""What the files of a source became -> files that ``ppi_ratio`` reads, and counts."""

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
from ppi_ratio.pairs.table import pair_keys
from ppi_ratio.sequences import IdIndex, Proteins, write_fasta

if TYPE_CHECKING:
    from ppi_ratio.embeddings import Embeddings

SCORE = "source_score"  # not a name by which ``read_pairs`` would ask for a cut once more
TABLES = (".tsv", ".csv", ".parquet")
FASTA = (".fasta", ".fa")
VECTORS = (".h5", ".hdf5")


class Product(Protocol):
    """What a source was turned into.

    Attributes:
        drops: rows or records left out, by reason.
        notes: what else should be known.
    """

    @property
    def drops(self) -> tuple[Drop, ...]: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    @staticmethod
    def check_name(out: Path) -> None:
        """Refuse a name that this cannot be written to, before the work is done.

        Raises:
            ConfigError: if it is none.
        """

    def targets(self, out: Path) -> tuple[Path, ...]:
        """What ``write`` would write."""
        ...

    def write(self, out: Path) -> None:
        """Write it, each file whole or not at all."""

    def counts(self) -> dict[str, int]:
        """What is in it, for people and for the provenance sheet."""
        ...


@dataclass(frozen=True, eq=False)
class PairProduct:
    """A table of pairs.

    Attributes:
        n_rows: rows of the source.
        scores: the highest score of each pair of ``pairs``, in the source's own units.
        sequences: residues of its proteins, written beside the table as ``.fasta``.
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
    """Three labelled tables that somebody divided.

    Attributes:
        n_rows: rows of the source, all parts together.
        sequences: residues of its proteins, written beside the folder as ``.fasta``.
    """

    split: Split
    n_rows: int
    sequences: Proteins | None = None
    drops: tuple[Drop, ...] = ()
    notes: tuple[str, ...] = ()

    @staticmethod
    def check_name(out: Path) -> None:
        if out.suffix in TABLES or out.is_file():
            raise ConfigError(f"{out}: this source makes three tables; give the name of a folder")

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
        covered: of a table of pairs, how many proteins and pairs have vectors.
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
        self.vectors.write(out, dtype="float16" if self.vectors.dtype == "float16" else "float32")

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
    """Normalise rows as ``PairTable.from_rows`` does; a score is the highest of a pair's rows.

    ``rows`` has columns ``left``, ``right``, ``line`` and perhaps ``label`` or ``source_score``.
    Scores are left out if a pair has none.

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
    """The sequences of these ids, nothing if there is none, and a note on missing ones."""
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
    """What is in a table of pairs."""
    counts = {"pairs": len(pairs), "proteins": len(pairs.ids)}
    if pairs.is_labelled:
        counts |= {"joint": len(pairs.joint), "non-pairs": len(pairs.non_pairs)}
    if pairs.directed:
        counts["in both directions"] = pairs.both_directions
    return counts


def _highest(rows: pd.DataFrame, pairs: PairTable) -> pd.Series | None:
    """The highest score of each pair; nothing if a pair has none."""
    left, right, ids = pairs.coded
    ends = [ids.get_indexer(pd.Index(rows[side])) for side in (LEFT, RIGHT)]
    listed = (ends[0] >= 0) & (ends[1] >= 0)  # self pairs need not be
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
