"""Proteins -> sequence clusters by shared words, without an external aligner.

Two sequences that share more words of five residues than chance would have it are laid over each
other along the few diagonals on which most of these words lie, and joined if enough residues
agree (single linkage). That a word of many proteins is looked up only in the longest of them is
Linclust's idea (Steinegger & Söding, Nature Communications 9, 2542, 2018).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.cluster.hierarchy import DisjointSet
from scipy.ndimage import uniform_filter1d
from scipy.sparse import csc_array, csr_array

from ppi_ratio.errors import ConfigError
from ppi_ratio.sequences.proteins import Proteins

MIN_IDENTITY = 0.4  # below, words do not tell kin from strangers
COVERAGE = 0.8
TIMES_CHANCE = 4.0  # mostly 0.06; sequences of few kinds of residues agree without kinship
MIN_IDENTICAL = 15  # fewer residues agree by chance, on some diagonal of some pair
WORD_LENGTH = 5
WORD_OWNERS = 100
MIN_SHARED_WORDS = 3
MIN_EXCESS = (
    0.015  # at 40 % identity 0.4⁵ = 0.01 of the words survive, and more if conserved in runs
)
CHANCE = 1.2e-6  # that two words of human proteins are equal; 1.7e-6 in yeast
DIAGONALS, WINDOW = 5, 21
BLOCK_ROWS = 500
N_LETTERS = 26
UNKNOWN = ord("X") - ord("A")


def word_clusters(
    proteins: Proteins, *, min_identity: float = MIN_IDENTITY, progress: bool = False
) -> dict[str, int]:
    """Number of the cluster of each protein, in the order of their first members.

    Two proteins are joined if at least 0.8 ``min_identity`` of the shorter one's residues, and at
    least 15, are found equal in the longer one, which is what ``min_identity`` over 80 % of the
    shorter one comes to; and at least four times as many as their compositions let expect.
    Proteins under 15 residues are joined only if they are equal.

    Of the pairs that MMseqs2 puts together at 0.4, this puts 97 % together in yeast (5,664
    proteins) and 99 % in human (20,619), and strangers with them: it makes 4,831 clusters instead
    of 4,904, and 12,125 instead of 13,121 (``benchmarks/sequence_clusters.py``). The human proteome
    takes about a minute of one core.

    Raises:
        ValueError: if ``min_identity`` is below 0.4 or above 1.
    """
    if not MIN_IDENTITY <= min_identity <= 1:
        raise ConfigError(
            f"shared words find relatives from {MIN_IDENTITY:g} identity upwards, got "
            f"{min_identity:g}; install MMseqs2 for less"
        )
    # longest first, so that the owners of a word come in order of length
    residues = sorted(set(proteins.sequences.values()), key=lambda text: (-len(text), text))
    overlay = _Overlay.of(residues)
    groups = DisjointSet(range(len(residues)))
    for longer, shorter in _candidates(overlay.words, progress=progress):
        # a pair that others have connected need not be compared
        if not groups.connected(longer, shorter):
            share = max(COVERAGE * min_identity, TIMES_CHANCE * overlay.chance(longer, shorter))
            needed = max(MIN_IDENTICAL, share * len(residues[shorter]))
            if overlay.identical(longer, shorter) >= needed:
                groups.merge(longer, shorter)
    root_of = {text: groups[row] for row, text in enumerate(residues)}
    numbers: dict[int, int] = {}
    return {
        name: numbers.setdefault(root_of[text], len(numbers))
        for name, text in proteins.sequences.items()
    }


@dataclass(frozen=True)
class _Overlay:
    """Sequences as letters, their distinct words in order, and where each word first stands.

    ``composition`` has the share of each letter; shape (sequence, letter).
    """

    letters: Sequence[np.ndarray]
    composition: np.ndarray
    words: Sequence[np.ndarray]
    places: Sequence[np.ndarray]

    @classmethod
    def of(cls, residues: Sequence[str]) -> "_Overlay":
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
        """How often a residue of one and a residue of the other are the same."""
        return float(self.composition[longer] @ self.composition[shorter])

    def identical(self, longer: int, shorter: int) -> int:
        """How many residues of ``shorter`` are the same in ``longer``.

        Each is read on that of the five diagonals richest in shared words on which most of the 21
        residues around it are the same: a change of diagonal is a gap.
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
    """Codes of the distinct words without an unknown residue, sorted, and their first places."""
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
    """Pairs (longer, shorter) worth comparing, the likeliest relatives first."""
    console = Console(stderr=True)
    shown = progress and console.is_terminal
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
        for start in track(
            starts, "finding shared words", console=console, disable=not shown, transient=True
        )
    ]
    longer, shorter, excess = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(-excess, kind="stable")
    pairs = list(zip(longer[order].tolist(), shorter[order].tolist(), strict=True))
    yield from track(
        pairs, "comparing sequences", console=console, disable=not shown, transient=True
    )


def _longest_owners(own: csr_array) -> csr_array:
    """Which proteins a word is looked up in; shape (word, protein)."""
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
    """Longer and shorter protein, and the excess of shared words over chance, per word of shorter.

    ``shared`` counts words; its rows are the proteins from ``start`` on, its columns all proteins.
    """
    counts = shared.tocoo()
    shorter, longer = counts.row.astype(np.int64) + start, counts.col.astype(np.int64)
    kept = (longer < shorter) & (counts.data >= MIN_SHARED_WORDS)
    shorter, longer, n_shared = shorter[kept], longer[kept], counts.data[kept]
    excess = n_shared / sizes[shorter] - CHANCE * sizes[longer]
    kept = excess >= MIN_EXCESS
    return longer[kept], shorter[kept], excess[kept]
