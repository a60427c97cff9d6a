"""Proteins -> sequence clusters by shared words, without an external aligner.

A word is five residues in a row. Two sequences are compared if they share more words than expected
by chance. The comparison runs along a few diagonals (shifts of one sequence against the other):
those that hold most shared words. Sequences are joined if enough residues agree (single linkage).
A word that many proteins have is looked up only in the longest of them, as in Linclust (Steinegger
& Söding, Nature Communications 9, 2542, 2018).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import DisjointSet
from scipy.ndimage import uniform_filter1d
from scipy.sparse import csc_array, csr_array

from ppi_ratio.errors import ConfigError
from ppi_ratio.runtime.progress import tracked
from ppi_ratio.sequences.proteins import Proteins

MIN_IDENTITY = 0.4  # below it, shared words do not tell relatives from other proteins
COVERAGE = 0.8
# Times the agreement by chance, which is mostly 0.06. Sequences made of few kinds of residues
# agree often without being relatives.
TIMES_CHANCE = 4.0
MIN_IDENTICAL = 15  # some diagonal of some pair agrees in fewer residues by chance
WORD_LENGTH = 5
WORD_OWNERS = 100  # proteins in which a word is looked up
MIN_SHARED_WORDS = 3
# At 40 % identity a share of 0.4⁵ = 0.01 of the words is conserved; more if conserved residues
# are neighbours.
MIN_EXCESS = 0.015
CHANCE = 1.2e-6  # probability that two words of human proteins are equal; 1.7e-6 in yeast
DIAGONALS, WINDOW = 5, 21
BLOCK_ROWS = 500
N_LETTERS = 26
UNKNOWN = ord("X") - ord("A")


def word_clusters(
    proteins: Proteins, *, min_identity: float = MIN_IDENTITY, progress: bool = False
) -> dict[str, int]:
    """Cluster number of each protein; clusters are numbered in the order of their first members.

    Two proteins are joined if enough residues of the shorter one are found equal in the longer
    one. Enough is the largest of three numbers: 15; 0.8 ``min_identity`` of the residues of the
    shorter one, which is ``min_identity`` over 80 % of it; and four times the number expected from
    the two compositions. Proteins under 15 residues are joined only if they are equal.

    Compared with MMseqs2 at 0.4: of the protein pairs that share a cluster there, 97 % share one
    here in yeast (5,664 proteins) and 99 % in human (20,619). Words also join some unrelated
    proteins: they make 4,831 clusters instead of 4,904, and 12,125 instead of 13,121
    (``benchmarks/sequence_clusters.py``). The human proteome takes about a minute on one core.

    Raises:
        ConfigError: if ``min_identity`` is below 0.4 or above 1.
    """
    if not MIN_IDENTITY <= min_identity <= 1:
        raise ConfigError(
            f"shared words find relatives from {MIN_IDENTITY:g} identity upwards, got "
            f"{min_identity:g}; install MMseqs2 for lower identities"
        )
    # Longest first, so that the proteins that have a word come in order of length
    residues = sorted(set(proteins.sequences.values()), key=lambda text: (-len(text), text))
    encoded = _Encoded.of(residues)
    groups = DisjointSet(range(len(residues)))
    for longer, shorter in _candidates(encoded.words, progress=progress):
        # A pair that other pairs have connected need not be compared
        if not groups.connected(longer, shorter):
            share = max(COVERAGE * min_identity, TIMES_CHANCE * encoded.chance(longer, shorter))
            needed = max(MIN_IDENTICAL, share * len(residues[shorter]))
            if encoded.identical(longer, shorter) >= needed:
                groups.merge(longer, shorter)
    root_of = {text: groups[row] for row, text in enumerate(residues)}
    numbers: dict[int, int] = {}
    return {
        name: numbers.setdefault(root_of[text], len(numbers))
        for name, text in proteins.sequences.items()
    }


@dataclass(frozen=True)
class _Encoded:
    """Sequences as numbers, ready to be compared along diagonals.

    Attributes:
        letters: of each sequence, one number per residue: 0 for A to 25 for Z.
        composition: share of each letter; shape (sequence, letter).
        words: of each sequence, the codes of its distinct words, sorted.
        places: of each word, the first position at which it stands in its sequence.
    """

    letters: Sequence[np.ndarray]
    composition: np.ndarray
    words: Sequence[np.ndarray]
    places: Sequence[np.ndarray]

    @classmethod
    def of(cls, residues: Sequence[str]) -> "_Encoded":
        letters = [
            np.frombuffer(text.encode("ascii"), dtype=np.uint8) - ord("A") for text in residues
        ]
        found = [_words(text) for text in letters]
        counts = [np.bincount(text, minlength=N_LETTERS) / len(text) for text in letters]
        composition = np.array(counts).reshape(-1, N_LETTERS)
        return cls(
            letters, composition, [words for words, _ in found], [places for _, places in found]
        )

    def chance(self, longer: int, shorter: int) -> float:
        """Probability that a random residue of one equals a random residue of the other."""
        return float(self.composition[longer] @ self.composition[shorter])

    def identical(self, longer: int, shorter: int) -> int:
        """How many residues of ``shorter`` are the same in ``longer``.

        Only the five diagonals with most shared words are looked at. Each residue is compared on
        the diagonal where most of the 21 residues around it are the same. A change of diagonal
        from one residue to the next is a gap of an alignment.
        """
        rows = self.words[longer].searchsorted(self.words[shorter])
        shared = self.words[longer].take(rows, mode="clip") == self.words[shorter]
        shifts, counts = np.unique(
            self.places[longer][rows[shared]] - self.places[shorter][shared], return_counts=True
        )
        richest = shifts[np.argsort(-counts, kind="stable")[:DIAGONALS]]
        long, short = self.letters[longer], self.letters[shorter]
        places = np.arange(len(short)) + richest[:, None]  # (diagonal, residue)
        same = long.take(places, mode="clip") == short
        same &= (places >= 0) & (places < len(long)) & (short != UNKNOWN)
        around = uniform_filter1d(same.astype(np.float32), WINDOW, axis=1, mode="constant")
        return int(same[around.argmax(axis=0), np.arange(len(short))].sum())


def _words(letters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted codes of the distinct words, and their first positions; words with X are left out."""
    n_words = len(letters) - WORD_LENGTH + 1
    if n_words < 1:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    codes = np.zeros(n_words, dtype=np.int64)
    known = np.ones(n_words, dtype=bool)
    for offset in range(WORD_LENGTH):
        part = letters[offset : offset + n_words]
        codes = codes * N_LETTERS + part
        known &= part != UNKNOWN
    words, places = np.unique(codes, return_index=True)
    kept = known[places]
    return words[kept], places[kept]


def _candidates(words: Sequence[np.ndarray], *, progress: bool) -> Iterator[tuple[int, int]]:
    """Pairs (longer, shorter) that share more words than by chance, the largest excess first."""
    sizes = np.array([len(found) for found in words], dtype=np.int64)
    if not sizes.any():
        return
    _, columns = np.unique(np.concatenate(words), return_inverse=True)
    ones, ends = np.ones(len(columns), dtype=np.int32), np.concatenate([[0], sizes.cumsum()])
    own = csr_array((ones, columns, ends))
    owners = _longest_owners(own)
    starts = range(0, len(words), BLOCK_ROWS)
    found = [
        _in_excess(own[start : start + BLOCK_ROWS] @ owners, start, sizes)
        for start in tracked(starts, "finding shared words", shown=progress)
    ]
    longer, shorter, excess = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(-excess, kind="stable")
    pairs = list(zip(longer[order].tolist(), shorter[order].tolist(), strict=True))
    yield from tracked(pairs, "comparing sequences", shown=progress)


def _longest_owners(own: csr_array) -> csr_array:
    """1 where a word is looked up in a protein, for the longest proteins; (word, protein)."""
    columns = csc_array(own)
    columns.sort_indices()
    ends = columns.indptr
    rank = np.arange(columns.nnz) - np.repeat(ends[:-1], np.diff(ends))
    columns.data[rank >= WORD_OWNERS] = 0
    columns.eliminate_zeros()
    return csr_array(columns.T)


def _in_excess(
    shared: csr_array, start: int, sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs with more shared words than by chance: longer protein, shorter protein, excess.

    The excess is per word of the shorter protein. ``shared`` counts shared words: its rows are the
    proteins from ``start`` on, its columns all proteins.
    """
    counts = shared.tocoo()
    shorter, longer = counts.row.astype(np.int64) + start, counts.col.astype(np.int64)
    kept = (longer < shorter) & (counts.data >= MIN_SHARED_WORDS)
    shorter, longer, n_shared = shorter[kept], longer[kept], counts.data[kept]
    excess = n_shared / sizes[shorter] - CHANCE * sizes[longer]
    kept = excess >= MIN_EXCESS
    return longer[kept], shorter[kept], excess[kept]
