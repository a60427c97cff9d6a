"""Undirected pairs -> whether all of them have one protein of each of two kinds.

Pairs of a host and a pathogen, of a ligand and a receptor, or of a bait and a prey are of this
sort. Read as undirected, their two columns do not tell the kinds apart. But the graph of the
interactions does: it is bipartite, or nearly so. If pairs were drawn from all proteins, half of
them would be of one kind, and whoever tells the kinds apart would seem to know who interacts.

A forest is always bipartite, so only cycles are evidence. The best division of the proteins in two
that is found leaves some interactions inside a kind. Their number is compared with that of a random
network of the same degrees. In networks of one kind it is as large or larger.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

MIN_CYCLES = 20  # independent cycles; fewer may all be even by chance
MAX_INSIDE = 0.25  # of the cycles: most pairs inside a kind; networks of one kind have above 0.3
OF_RANDOM = 0.6  # of the pairs inside a kind in a random network: most pairs inside a kind
SIGMAS = 3  # how far below the random network, in square roots of its number
MAX_ROUNDS = 60  # of moving proteins to the kind that most of their partners are not of
SAME = 0.05  # two divisions are the same if they differ in this share of the proteins
EXAMPLES = 3


@dataclass(frozen=True, eq=False)
class TwoKinds:
    """Two kinds of proteins, where (nearly) every interaction has one protein of each.

    Attributes:
        ids: the proteins, ``(protein,)``.
        is_second: whether each protein is of the second kind. A part of the network without a link
            to the rest may have its two kinds exchanged.
        n_pairs: interactions that were looked at.
        n_inside: interactions of two proteins of one kind.
    """

    ids: pd.Index = field(repr=False)
    is_second: np.ndarray = field(repr=False)
    n_pairs: int
    n_inside: int

    @classmethod
    def of(cls, left: np.ndarray, right: np.ndarray, ids: pd.Index) -> "TwoKinds | None":
        """The kinds of the proteins of interactions, given as codes of ``ids``; None if one."""
        is_second = second_kind(left, right, len(ids))
        if is_second is None:
            return None
        low, high = _distinct(left, right, len(ids))
        return cls(ids, is_second, len(low), int((is_second[low] == is_second[high]).sum()))

    def describe(self) -> str:
        """Numbers and examples of both kinds, in words."""
        kinds = [self.ids[self.is_second == second] for second in (False, True)]
        names = [f"{len(each):,} (such as {', '.join(each[:EXAMPLES])})" for each in kinds]
        inside = f"all but {self.n_inside:,} of " if self.n_inside else "all "
        return (
            f"{inside}{self.n_pairs:,} interactions have one protein of each of two kinds, "
            f"{names[0]} and {names[1]}"
        )

    def advice(self) -> str:
        """The same, with what follows from it."""
        return (
            f"{self.describe()}; non-pairs and noise get one of each too. If the columns tell the "
            "kinds apart, read the pairs as directed"
        )

    def are_second(self, ids: np.ndarray) -> np.ndarray:
        """Whether each id is of the second kind; False if it is not known; ``(ids,)``."""
        rows = self.ids.get_indexer(pd.Index(ids))
        return (rows >= 0) & self.is_second[rows]

    @staticmethod
    def same(one: np.ndarray, other: np.ndarray) -> bool:
        """Whether two divisions of proteins in two, ``(protein,)``, are nearly the same."""
        share = float((one == other).mean())
        return max(share, 1 - share) > 1 - SAME


def second_kind(left: np.ndarray, right: np.ndarray, n_ids: int) -> np.ndarray | None:
    """Which proteins are of the second of two kinds; None if there are not two kinds.

    Args:
        left: code of the left protein of each interaction, ``(pair,)``; a pair may repeat.
        right: code of the right protein.
        n_ids: number of proteins; every code is below it.

    Returns:
        One boolean for each protein, ``(protein,)``.
    """
    low, high = _distinct(left, right, n_ids)
    graph = _graph(low, high, n_ids)
    n_parts, parts = connected_components(graph, directed=False)
    is_alone = np.bincount(low, minlength=n_ids) + np.bincount(high, minlength=n_ids) == 0
    n_cycles = len(low) - n_ids + n_parts  # a protein without pairs is a part of its own
    if n_cycles < MIN_CYCLES:
        return None
    colour = _divided(graph, parts)
    is_inside = colour[low] == colour[high]
    n_of_part, proteins_of_part = np.bincount(parts[low], minlength=n_parts), np.bincount(parts)
    cycles_of_part = n_of_part - proteins_of_part + 1
    inside_of_part = np.bincount(parts[low], weights=is_inside, minlength=n_parts)
    if (inside_of_part > MAX_INSIDE * cycles_of_part)[cycles_of_part >= MIN_CYCLES].any():
        return None  # a part of the network is of one kind
    n_inside = int(is_inside.sum())
    if n_inside > MAX_INSIDE * n_cycles or not _is_below_random(low, high, n_ids, n_inside):
        return None
    return _turned_alike(colour, low, high, parts) & ~is_alone


def oriented(
    left: np.ndarray, right: np.ndarray, is_second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same pairs of codes with the protein of the second kind on the right."""
    turned = is_second[left] & ~is_second[right]
    return np.where(turned, right, left), np.where(turned, left, right)


def _distinct(left: np.ndarray, right: np.ndarray, n_ids: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pair once, the lower code first."""
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right)
    first, second = np.divmod(np.unique(low * n_ids + high), max(n_ids, 1))
    return first, second


def _graph(low: np.ndarray, high: np.ndarray, n_ids: int) -> csr_array:
    apart = low != high
    ends = np.concatenate([low[apart], high[apart]]), np.concatenate([high[apart], low[apart]])
    return csr_array((np.ones(len(ends[0]), dtype=np.float32), ends), shape=(n_ids, n_ids))


def _divided(graph: csr_array, parts: np.ndarray) -> np.ndarray:
    """A division of the proteins in two, with few links inside a kind; ``(protein,)``.

    It begins with whether the distance from the best connected protein of a part is odd, which is
    right if the part has no odd cycle. Then proteins with most partners of their own kind move.
    """
    degrees = np.diff(graph.indptr)
    by_degree = np.lexsort((-degrees, parts))
    starts = by_degree[np.append(True, np.diff(parts[by_degree]) > 0)]
    sign = _odd_distances(graph, starts[degrees[starts] > 0])
    rng = np.random.default_rng(0)
    best, fewest = sign, np.inf
    for _ in range(MAX_ROUNDS):
        excess = sign * (graph @ sign)  # partners of the own kind, less those of the other
        if excess.sum() >= 0.999 * fewest and fewest < np.inf:
            break
        best, fewest = sign.copy(), float(excess.sum())
        for _ in range(4):
            wrong = excess > 0
            sign = np.where(wrong & (rng.random(len(sign)) < 0.5), -sign, sign)
            excess = sign * (graph @ sign)
    return best > 0


def _odd_distances(graph: csr_array, starts: np.ndarray) -> np.ndarray:
    """1 if the distance from the start of the part is odd, else -1; ``(protein,)``."""
    n = len(graph.indptr) - 1
    sign = np.full(n, -1.0, dtype=np.float32)
    reached = np.zeros(n, dtype=bool)
    reached[starts] = True
    front = reached.astype(np.float32)
    parity = 1.0
    while front.any():
        following = (graph @ front > 0) & ~reached
        sign[following] = parity
        reached |= following
        front, parity = following.astype(np.float32), -parity
    return sign


def _is_below_random(low: np.ndarray, high: np.ndarray, n_ids: int, n_inside: int) -> bool:
    """Whether a random network of the same degrees has far more pairs inside a kind."""
    ends = np.random.default_rng(0).permutation(np.concatenate([low, high]))
    first, second = _distinct(ends[: len(low)], ends[len(low) :], n_ids)
    graph = _graph(first, second, n_ids)
    _, parts = connected_components(graph, directed=False)
    colour = _divided(graph, parts)
    at_random = int((colour[first] == colour[second]).sum())
    return n_inside <= OF_RANDOM * at_random and at_random - n_inside >= SIGMAS * at_random**0.5


def _turned_alike(
    colour: np.ndarray, low: np.ndarray, high: np.ndarray, parts: np.ndarray
) -> np.ndarray:
    """Exchange the kinds of small parts where the order of ids tells the kinds apart."""
    step = np.where(colour[high], 1, -1) * (colour[low] != colour[high])
    ahead = np.bincount(parts[low], weights=step, minlength=parts.max() + 1)
    size = np.bincount(parts[low], minlength=len(ahead))
    largest = int(size.argmax())
    if abs(ahead[largest]) < (1 - SAME) * size[largest]:
        return colour
    return colour ^ (np.sign(ahead) == -np.sign(ahead[largest]))[parts]
