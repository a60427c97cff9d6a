"""Pairs, some of them not allowed -> pairs with the same ends, exchanged between the pairs.

Every step replaces two pairs (a, b) and (c, d) by (a, d) and (c, b). Each protein stays in as many
pairs as before. If the sides have different roles, it also stays on its side.
"""

from dataclasses import dataclass

import numpy as np

from ppi_ratio.pairs.noise.ends import Ends, among, repeated

MIN_TRIALS = 1024  # swaps tried in a round: the last bad pairs need many tries
PATIENCE = 10  # rounds without progress after which mending stops


@dataclass(frozen=True, eq=False)
class Swaps:
    """Pairs whose ends are exchanged in place.

    Attributes:
        left, right: codes of the ends; these arrays change.
        ends: says which pairs are admissible.
        rng: draws the pairs that exchange ends.
    """

    left: np.ndarray
    right: np.ndarray
    ends: Ends
    rng: np.random.Generator

    @property
    def bad(self) -> np.ndarray:
        """True for pairs that are inadmissible or came before."""
        admissible = self.ends.admissible(self.left, self.right)
        return ~admissible | ~self.ends.first(self.left, self.right)

    def mend(self, *, shake: bool) -> np.ndarray:
        """Swap ends of bad pairs with random good pairs, until no pair is bad or no swap helps.

        Args:
            shake: mix all pairs after a round in which no swap helped.

        Returns:
            True for the pairs that are still bad.
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
        """Offer every pair a swap with one random other pair.

        A swap is made unless it makes more pairs inadmissible, or repeats a pair.
        """
        n_pairs = len(self.left)
        rows, partners = self.rng.permutation(n_pairs)[: n_pairs // 2 * 2].reshape(2, -1)
        admissible = self.ends.admissible(self.left, self.right).astype(int)
        self._exchange(rows, partners, admissible[rows] + admissible[partners])

    def _swap_bad(self, bad: np.ndarray) -> None:
        """Swap right ends of bad pairs with those of random good pairs, where both become good.

        A swap is made only if both new pairs are admissible and new, so the number of bad pairs
        never grows.
        """
        rows = np.flatnonzero(bad)
        rows = self.rng.permutation(np.tile(rows, -(-MIN_TRIALS // len(rows))))
        partners = self.rng.permutation(np.flatnonzero(~bad))[: len(rows)]
        rows = rows[: len(partners)]
        self._exchange(rows, partners, np.full(len(rows), 2))

    def _exchange(self, rows: np.ndarray, partners: np.ndarray, n_admissible: np.ndarray) -> None:
        """Swap the right ends of ``rows`` and ``partners``, if the two new pairs are new.

        Of the two new pairs, at least ``n_admissible`` must be admissible. A row may be tried with
        several partners; the first swap that fits is made.
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
        fits[fits] = ~repeated(rows[fits])  # one swap per row
        proposed = np.column_stack([first, second])[
            fits
        ].ravel()  # the two new pairs of a swap are neighbours
        fits[fits] = ~repeated(proposed).reshape(-1, 2).any(axis=1)
        self.left[rows[fits]], self.right[rows[fits]] = a[fits], d[fits]
        self.left[partners[fits]], self.right[partners[fits]] = c[fits], b[fits]
