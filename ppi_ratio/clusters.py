"""Proteins -> sequence clusters by shared words, without an external aligner.

The idea is Linclust's (Steinegger & Söding, Nature Communications 9, 2542, 2018): each sequence
offers the few k-mers with the smallest hashes, sequences that offer the same k-mer are compared
with the longest among them, and those that share enough words are joined (single linkage).
"""

from collections import defaultdict

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ppi_ratio.sequences import Proteins

WORD_LENGTH = 6
WORDS_OFFERED = 80
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing
_BASE = np.uint64(32)


def word_clusters(proteins: Proteins, *, min_shared: float = 0.1) -> dict[str, int]:
    """Number of the cluster of each protein.

    Two proteins are joined if the distinct 6-letter words they share are at least
    ``min_shared`` of those of the one with fewer. Unrelated proteins share well under 0.02;
    0.1 is reached near 60 % identity over the whole length.
    """
    words = [_words(residues) for residues in proteins.sequences.values()]
    lengths = np.array([len(found) for found in words])
    rows, columns = _joined(words, lengths, min_shared)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(words), len(words)))
    _, labels = connected_components(graph, directed=False)
    return dict(zip(proteins.ids, labels.tolist(), strict=True))


def _words(residues: str) -> np.ndarray:
    """Sorted hashes of the distinct words of a sequence."""
    letters = np.frombuffer(residues.encode("ascii"), dtype=np.uint8).astype(np.uint64) - 64
    n_words = len(letters) - WORD_LENGTH + 1
    if n_words < 1:
        return np.empty(0, dtype=np.uint64)
    codes = np.zeros(n_words, dtype=np.uint64)
    for offset in range(WORD_LENGTH):
        codes = codes * _BASE + letters[offset : offset + n_words]
    return np.unique(codes * _MULTIPLIER)


def _joined(
    words: list[np.ndarray], lengths: np.ndarray, min_shared: float
) -> tuple[list[int], list[int]]:
    offered = defaultdict(list)
    for protein, found in enumerate(words):
        for word in found[:WORDS_OFFERED].tolist():
            offered[word].append(protein)
    compared: set[tuple[int, int]] = set()
    rows, columns = [], []
    for members in offered.values():
        longest = max(members, key=lambda member: lengths[member])
        for member in members:
            edge = (longest, member)
            if member == longest or edge in compared:
                continue
            compared.add(edge)
            shared = np.intersect1d(words[longest], words[member], assume_unique=True).size
            if shared >= min_shared * lengths[member]:
                rows.append(longest)
                columns.append(member)
    return rows, columns
