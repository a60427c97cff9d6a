"""The ends of joint pairs -> ``Ends``: what a noise law draws from, and what it may not draw."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ppi_ratio.pairs.rows import pair_keys


@dataclass(frozen=True, eq=False)
class Ends:
    """The joint pairs that non-pairs are drawn beside, as codes.

    Attributes:
        left, right: the ends of each joint pair.
        left_pool, right_pool: sorted codes of what may stand on each side under ``uniform``; the
            same ones if not ``ordered``.
        ordered: whether the sides differ: in directed tables, and where one side is seen and
            the other not.
        n_ids: codes are below this.
        known: sorted keys of the pairs that may not be drawn.
        both_ways: whether (a, b) stands for (b, a) too.
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
        """One number per pair, the same for both orders where these are one pair."""
        if self.both_ways:
            left, right = np.minimum(left, right), np.maximum(left, right)
        return pair_keys(left, right, self.n_ids)

    def admissible(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """True where a pair may be drawn: neither known nor a self pair."""
        return (left != right) & ~among(self.keys(left, right), self.known)

    def first(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """True where a pair stands for the first time."""
        return ~repeated(self.keys(left, right))

    def all_admissible(
        self, left_pool: np.ndarray, right_pool: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Every pair of the two pools that may be drawn, once."""
        left, right = (grid.ravel() for grid in np.meshgrid(left_pool, right_pool, indexing="ij"))
        chosen = self.admissible(left, right) & (self.ordered | (left < right))
        return left[chosen], right[chosen]


def among(keys: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """True where a key stands in a sorted array."""
    if not len(ordered):
        return np.zeros(len(keys), dtype=bool)
    places = np.searchsorted(ordered, keys).clip(max=len(ordered) - 1)
    return ordered[places] == keys


def repeated(keys: np.ndarray) -> np.ndarray:
    """True where a key stood before."""
    return pd.Index(keys).duplicated()
