"""The two sides of interactions -> ``Ends``: what a noise law draws from, and may not draw."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ppi_ratio.pairs.rows import pair_keys


@dataclass(frozen=True, eq=False)
class Ends:
    """The interactions that non-pairs are drawn for. Proteins are coded as whole numbers.

    Attributes:
        left, right: the two proteins of each interaction, its ends.
        left_pool, right_pool: sorted codes of the proteins that ``uniform`` draws on each side;
            both are equal if not ``ordered``.
        ordered: whether the sides have different roles: in directed tables, and where one side
            is seen in training and the other is not.
        n_ids: number of proteins; every code is below it.
        known: sorted keys of the pairs that may not be drawn.
        both_ways: whether (a, b) and (b, a) are one pair.
    """

    left: np.ndarray
    right: np.ndarray
    left_pool: np.ndarray
    right_pool: np.ndarray
    ordered: bool
    n_ids: int
    known: np.ndarray
    both_ways: bool

    def keys(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """One number per pair; equal for (a, b) and (b, a) if these are one pair."""
        if self.both_ways:
            left, right = np.minimum(left, right), np.maximum(left, right)
        return pair_keys(left, right, self.n_ids)

    def admissible(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """True where a pair may be drawn: neither known nor a self pair."""
        return (left != right) & ~among(self.keys(left, right), self.known)

    def first(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """True where a pair appears for the first time."""
        return ~repeated(self.keys(left, right))

    def all_admissible(
        self, left_pool: np.ndarray, right_pool: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Every pair of the two pools that may be drawn, each once."""
        left, right = (grid.ravel() for grid in np.meshgrid(left_pool, right_pool, indexing="ij"))
        chosen = self.admissible(left, right) & (self.ordered | (left < right))
        return left[chosen], right[chosen]


def among(keys: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """True where a key is in the sorted array ``ordered``."""
    if not len(ordered):
        return np.zeros(len(keys), dtype=bool)
    places = np.searchsorted(ordered, keys).clip(max=len(ordered) - 1)
    return ordered[places] == keys


def repeated(keys: np.ndarray) -> np.ndarray:
    """True where a key came before."""
    return pd.Index(keys).duplicated()
