"""Pairs with some that may not stay -> pairs with the same ends, exchanged between them.

Every step takes two pairs (a, b) and (c, d) and makes them (a, d) and (c, b), so that each protein
stands as often as before, on its own side where sides differ.
"""

from dataclasses import dataclass

import numpy as np

from ppi_ratio.pairs.noise.ends import Ends, among, repeated

MIN_TRIALS = 1024  # swaps tried in a round, so that the last bad pairs meet many partners
PATIENCE = 10  # rounds that may pass without mending a pair


@dataclass(frozen=True, eq=False)
class Swaps:
    """Pairs whose ends are exchanged in place.

    Attributes:
        left, right: codes of the ends; these arrays change.
        ends: what may stand as a pair.
        rng: draws which pairs meet.
    """

    left: np.ndarray
    right: np.ndarray
    ends: Ends
    rng: np.random.Generator

    @property
    def bad(self) -> np.ndarray:
        """True for pairs that are inadmissible or stood before."""
        admissible = self.ends.admissible(self.left, self.right)
        return ~admissible | ~self.ends.first(self.left, self.right)

    def mend(self, *, shake: bool) -> np.ndarray:
        """Swap ends of bad pairs with random good ones, until none is bad or none helps.

        Where nothing helps, ``shake`` mixes all pairs before it tries again.

        Returns:
            True for the pairs that are bad still.
        """
        bad, idle = self.bad, 0
        while bad.any() and idle < PATIENCE:
            before = bad.sum()
            self._swap_bad(bad)
            bad = self.bad
            idle = 0 if bad.sum() < before else idle + 1
            if shake and idle:
                self.mix()
                bad = self.bad
        return bad

    def mix(self) -> None:
        """Offer every pair a swap with one random other.

        A swap is taken unless it makes more pairs inadmissible or one stand twice.
        """
        n_pairs = len(self.left)
        rows, partners = self.rng.permutation(n_pairs)[: n_pairs // 2 * 2].reshape(2, -1)
        admissible = self.ends.admissible(self.left, self.right).astype(int)
        self._exchange(rows, partners, admissible[rows] + admissible[partners])

    def _swap_bad(self, bad: np.ndarray) -> None:
        """Swap right ends of bad pairs with those of random good ones, where that mends.

        A swap is taken only if both new pairs are admissible and new, so that bad pairs never
        become more.
        """
        rows = np.flatnonzero(bad)
        rows = self.rng.permutation(np.tile(rows, -(-MIN_TRIALS // len(rows))))
        partners = self.rng.permutation(np.flatnonzero(~bad))[: len(rows)]
        rows = rows[: len(partners)]
        self._exchange(rows, partners, np.full(len(rows), 2))

    def _exchange(self, rows: np.ndarray, partners: np.ndarray, n_admissible: np.ndarray) -> None:
        """Swap the right ends of two rows each, where the new pairs are new.

        At least so many of the two as ``n_admissible`` says must be admissible. A row may be
        tried with several partners; the first swap that fits is taken.
        """
        ends = self.ends
        a, b, c, d = self.left[rows], self.right[rows], self.left[partners], self.right[partners]
        if not ends.ordered:
            turned = self.rng.random(len(rows)) < 0.5
            c, d = np.where(turned, d, c), np.where(turned, c, d)
        first, second = ends.keys(a, d), ends.keys(c, b)
        standing = np.sort(ends.keys(self.left, self.right))
        fits = ends.admissible(a, d).astype(int) + ends.admissible(c, b) >= n_admissible
        fits &= ~among(first, standing) & ~among(second, standing)
        fits[fits] = ~repeated(rows[fits])  # one swap for a row
        proposed = np.column_stack([first, second])[fits].ravel()  # both new pairs of a swap adjoin
        fits[fits] = ~repeated(proposed).reshape(-1, 2).any(axis=1)
        self.left[rows[fits]], self.right[rows[fits]] = a[fits], d[fits]
        self.left[partners[fits]], self.right[partners[fits]] = c[fits], b[fits]
