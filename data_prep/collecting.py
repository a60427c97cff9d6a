"""Rows as a source is read, one by one -> pairs that are kept, and counts of those that are not.

Names that a ``PairTable`` cannot hold, or that a mapping does not know, are left out here, row by
row and with their lines; repeated, reversed and self pairs are left to the ``PairTable``.
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
from ppi_ratio.pairs.table import BELOW_SCORE, EXAMPLES, LINE, MALFORMED, UNUSABLE_ID

ILL_FORMED = "not of this format"
FEW_IDS = MALFORMED
LOW_SCORE = BELOW_SCORE
NO_SCORE = "without a score"
OTHER_ORGANISM = "of other organisms"
NO_ACCESSION = "with an interactor that has no UniProt accession"
NOT_PHYSICAL = "of a kind that is no physical interaction"
UNMAPPED = "with an id that the mapping does not have"
UNUSABLE = "with an id that no table can hold"

EMPTY = ("", "-")
FAULTY_SHARE = 0.5  # of the rows; beyond it the file is of another format
SHOWN = 40  # characters of a field in an example


class Collector:
    """Takes the rows of one file and keeps count."""

    def __init__(self, path: Path, *, mapping: IdMap | Path | None = None) -> None:
        """``mapping`` is what ids stand for, or a file that says so."""
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
        """Take a pair, unless an id is unfit; ``value`` is its label or score."""
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
        """Count a row that is not taken; ``shown`` says which it is."""
        self._count(line)
        self._counts[reason] = self._counts.get(reason, 0) + 1
        examples = self._examples.setdefault(reason, [])
        if len(examples) < EXAMPLES:
            names = (" ".join(name.split())[:SHOWN] or "''" for name in shown)
            examples.append(f"{' '.join(names)} ({LINE} {line})")

    def product(self, *, directed: bool, values: str | None = None) -> PairProduct:
        """The normalised table; ``values`` names what ``keep`` was given: ``label`` or a score.

        Raises:
            WrongFormatError: if more than half of the rows were not of the format.
            InputError: if no pair is left.
        """
        faulty = self._counts.get(ILL_FORMED, 0)
        if faulty > FAULTY_SHARE * self.n_rows:
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
        """The pairs taken, with the lines they stand in."""
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
        # a row that stands for a complex gives several pairs
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
            f"{len(self._several):,} ids stand for several accessions, of which the first was "
            f"taken, e.g. {name}: {', '.join(candidates[:EXAMPLES])}",
        )
