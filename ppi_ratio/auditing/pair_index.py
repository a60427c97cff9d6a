"""A table of pairs -> the row of any pair in it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ppi_ratio.pairs import LEFT, RIGHT, PairTable
from ppi_ratio.pairs.rows import pair_keys


@dataclass(frozen=True, eq=False)
class PairIndex:
    """Finds pairs in a table, by id or by alias; in an undirected table, in either order.

    Attributes:
        table: the table; row numbers are those of its frame.
    """

    table: PairTable

    def rows(self, frame: pd.DataFrame) -> np.ndarray:
        """Row of each pair of the columns ``left`` and ``right``; -1 if it is not in the table."""
        left, right = (self.table.index.rows(frame[side]) for side in (LEFT, RIGHT))
        inside = (left >= 0) & (right >= 0)
        keys, order = self._sorted_keys
        if not len(keys):
            return np.full(len(inside), -1)
        wanted = self._keys(left, right)
        places = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
        return np.where(inside & (keys[places] == wanted), order[places], -1)

    @cached_property
    def _sorted_keys(self) -> tuple[np.ndarray, np.ndarray]:
        left, right, _ = self.table.coded
        keys = self._keys(left, right)
        order = np.argsort(keys)
        return keys[order], order

    def _keys(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        if not self.table.directed:
            left, right = np.minimum(left, right), np.maximum(left, right)
        return pair_keys(left, right, len(self.table.coded[2]))
