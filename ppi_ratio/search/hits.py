"""Pairs that a search found, and several sorted lists of them as one."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

HIT = np.dtype([("left", np.int32), ("right", np.int32), ("log_ratio", np.float32)])
CHUNK_ROWS = 2**20

NO_HITS = np.empty(0, dtype=HIT)

Hits = np.ndarray  # of ``HIT``: places among the lefts and among the rights, and log r in nats


def make_hits(left: np.ndarray, right: np.ndarray, log_ratio: np.ndarray) -> Hits:
    """From one array of each, ``(hit,)``."""
    hits = np.empty(len(left), dtype=HIT)
    hits["left"], hits["right"], hits["log_ratio"] = left, right, log_ratio
    return hits


def highest_first(hits: Hits) -> Hits:
    """Sorted by log ratio; equal ones by left, then by right."""
    return hits[np.lexsort((hits["right"], hits["left"], -hits["log_ratio"]))]


def chunks(hits: Hits) -> Iterator[Hits]:
    """Consecutive pieces, so that a list mapped from a file is never in memory as a whole."""
    for start in range(0, len(hits), CHUNK_ROWS):
        yield hits[start : start + CHUNK_ROWS]


def merged(lists: Sequence[Iterable[np.ndarray]]) -> Iterator[np.ndarray]:
    """Sorted lists, each in pieces, as one in pieces; equal log ratios in the order of the lists.

    A piece of each list is in memory. What is above the last entry at hand of every list cannot
    be preceded by anything that is still to come.
    """
    sources = [_Source(iter(pieces)) for pieces in lists]
    while True:
        tails = [source.tail for source in sources if not source.ended]
        limit = max(tails, default=-np.inf)
        taken = [source.take_above(limit) if tails else source.take_all() for source in sources]
        taken = [each for each in taken if len(each)]  # an empty list knows none of the columns
        if taken:
            found = np.concatenate(taken)
            yield found[np.argsort(-found["log_ratio"], kind="stable")]
        if not tails:
            return
        for source in sources:
            if not source.ended and source.tail == limit:
                source.read_on()


class _Source:
    """A sorted list of which some pieces have been read."""

    def __init__(self, pieces: Iterator[np.ndarray]) -> None:
        self._pieces = pieces
        self._at_hand = NO_HITS
        self.tail = np.inf  # nothing to come is above it
        self.ended = False

    def read_on(self) -> None:
        piece = next((piece for piece in self._pieces if len(piece)), None)
        if piece is None:
            self.ended = True
            return
        self._at_hand = np.concatenate([self._at_hand, piece]) if len(self._at_hand) else piece
        self.tail = piece["log_ratio"][-1]

    def take_above(self, limit: float) -> np.ndarray:
        n_above = int(np.searchsorted(-self._at_hand["log_ratio"], -limit))
        taken, self._at_hand = self._at_hand[:n_above], self._at_hand[n_above:]
        return taken

    def take_all(self) -> np.ndarray:
        return self.take_above(-np.inf)
