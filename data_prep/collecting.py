"""The rows of a source, one by one -> kept pairs, and counts of rows left out by reason.

A ``Collector`` leaves out rows with an id that a ``PairTable`` cannot hold or that a mapping lacks,
and notes their line numbers. The ``PairTable`` handles repeated, reversed and self pairs.
"""

from array import array
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from data_prep.identifiers import IdMap, read_mapping
from data_prep.lines import WrongFormatError
from data_prep.products import SCORE, PairProduct, pair_product
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, Drop
from ppi_ratio.pairs.rows import BELOW_SCORE, EXAMPLES, LINE, MALFORMED, UNUSABLE_ID

ILL_FORMED = "not of this format"
FEW_IDS = MALFORMED
LOW_SCORE = BELOW_SCORE
NO_SCORE = "without a score"
OTHER_ORGANISM = "of other organisms"
NO_ACCESSION = "with an interactor that has no UniProt accession"
NOT_PHYSICAL = "without physical interaction"
UNMAPPED = "with an id that the mapping does not have"
UNUSABLE = "with an id that no table can hold"

EMPTY = ("", "-")
MAX_ILL_FORMED_SHARE = 0.5  # of the rows; above it, the file has another format
FIELD_WIDTH = 40  # characters of a field that an example shows


class Collector:
    """Collects the pairs of one file and counts the rows left out."""

    def __init__(self, path: Path, *, mapping: IdMap | Path | None = None) -> None:
        """Map ids by ``mapping``, which is an ``IdMap`` or the path of a file to read it from."""
        self._path = path
        self._map = read_mapping(mapping) if isinstance(mapping, Path) else mapping
        self._ids: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._several: dict[str, tuple[str, ...]] = {}
        self._left: list[str] = []
        self._right: list[str] = []
        self._values = array("d")
        self._lines = array("q")
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[str]] = {}
        self.n_rows = 0
        self._line = 0

    def keep(self, line: int, left: str, right: str, value: float = np.nan) -> None:
        """Keep a pair with its label or score ``value``, unless one of its ids must be left out."""
        for name in (left, right):
            if name not in self._ids:
                if name not in self._refused:
                    self._look_up(name)
                if name in self._refused:
                    self.leave_out(self._refused[name], line, left, right)
                    return
        self._count(line)
        self._left.append(self._ids[left])
        self._right.append(self._ids[right])
        self._values.append(value)
        self._lines.append(line)

    def leave_out(self, reason: str, line: int, *shown: str) -> None:
        """Count a row that is left out; ``shown`` are the fields to show if it is an example."""
        self._count(line)
        self._counts[reason] = self._counts.get(reason, 0) + 1
        examples = self._examples.setdefault(reason, [])
        if len(examples) < EXAMPLES:
            names = (" ".join(name.split())[:FIELD_WIDTH] or "''" for name in shown)
            examples.append(f"{' '.join(names)} ({LINE} {line})")

    def product(self, *, directed: bool, values: str | None = None) -> PairProduct:
        """The normalised table of kept pairs.

        ``values`` names the column that holds the values of ``keep``: ``label`` or a score.

        Raises:
            WrongFormatError: if more than half of the rows do not have the format.
            InputError: if no pair is left.
        """
        faulty = self._counts.get(ILL_FORMED, 0)
        if faulty > MAX_ILL_FORMED_SHARE * self.n_rows:
            raise WrongFormatError(
                f"{self._path}: {faulty:,} of {self.n_rows:,} rows are not of this format, "
                f"first {self._examples[ILL_FORMED][0]}"
            )
        product = pair_product(
            self.rows(values),
            self.n_rows,
            directed=directed,
            name=str(self._path),
            drops=self.drops(),
        )
        return replace(product, notes=self._notes())

    def rows(self, values: str | None = None) -> pd.DataFrame:
        """The kept pairs, with their line numbers."""
        rows = pd.DataFrame(
            {
                LEFT: pd.Series(self._left, dtype="str"),
                RIGHT: pd.Series(self._right, dtype="str"),
                LINE: np.array(self._lines, dtype=np.int64),
            }
        )
        if values == LABEL:
            rows[LABEL] = np.array(self._values, dtype=np.int8)
        elif values == SCORE:
            rows[SCORE] = np.array(self._values, dtype=float)
        return rows

    def drops(self) -> tuple[Drop, ...]:
        return tuple(
            Drop(reason, count, tuple(self._examples[reason]))
            for reason, count in self._counts.items()
        )

    def _count(self, line: int) -> None:
        # A row that names a complex gives several pairs, but counts once.
        self.n_rows += line != self._line
        self._line = line

    def _look_up(self, name: str) -> None:
        found = name
        if name in EMPTY:
            self._refused[name] = FEW_IDS
            return
        if self._map is not None:
            candidates = self._map.find(name)
            if not candidates:
                self._refused[name] = UNMAPPED
                return
            found, *others = candidates
            if others:
                self._several[name] = candidates
        if UNUSABLE_ID.search(found):
            self._refused[name] = UNUSABLE
        else:
            self._ids[name] = found

    def _notes(self) -> tuple[str, ...]:
        if not self._several:
            return ()
        name, candidates = next(iter(self._several.items()))
        return (
            f"{len(self._several):,} ids map to several accessions, and the first was taken, "
            f"e.g. {name}: {', '.join(candidates[:EXAMPLES])}",
        )
