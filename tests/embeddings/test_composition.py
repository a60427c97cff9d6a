"""Conjoint triads against counts by hand."""

import numpy as np

from ppi_ratio.embeddings import EmbedOptions, find_encoder
from ppi_ratio.embeddings.composition import CLASSES, conjoint_triad
from ppi_ratio.sequences import RESIDUES


def place(first: int, second: int, third: int) -> int:
    return first + 7 * second + 49 * third


def test_triads_of_a_short_peptide_match_a_count_by_hand() -> None:
    # A G V A I R: classes 0 0 0 0 1 4, so triads 000, 000, 001, 014.
    expected = np.zeros(343)
    expected[[place(0, 0, 0), place(0, 0, 1), place(0, 1, 4)]] = [1.0, 0.5, 0.5]
    np.testing.assert_array_equal(conjoint_triad("AGVAIR"), expected)


def test_least_frequent_triad_is_subtracted() -> None:
    # Every triad occurs once in a de Bruijn sequence, and one more in its tail.
    letters = "AIYHRDC"
    walk, seen = [0, 0, 0], {(0, 0, 0)}
    while len(seen) < 343:
        follow = next(n for n in reversed(range(7)) if (walk[-2], walk[-1], n) not in seen)
        walk.append(follow)
        seen.add((walk[-3], walk[-2], walk[-1]))
    vector = conjoint_triad("".join(letters[number] for number in walk) + "CC")
    assert vector.min() == 0
    assert 0 < np.count_nonzero(vector) <= 2
    assert vector.max() in (0.5, np.float32(2 / 3))


def test_selenocysteine_pyrrolysine_and_j_count_with_their_class() -> None:
    np.testing.assert_array_equal(conjoint_triad("UOJA"), conjoint_triad("CKLA"))


def test_ambiguous_letters_break_triads() -> None:
    expected = np.zeros(343)
    expected[place(0, 0, 0)] = 1.0
    for letter in "BZX":
        np.testing.assert_array_equal(conjoint_triad(f"AGV{letter}AI"), expected)


def test_sequences_without_a_triad_are_zero() -> None:
    for residues in ("A", "AG", "XXXXX"):
        assert not conjoint_triad(residues).any()


def test_every_letter_but_the_ambiguous_has_one_class() -> None:
    assert sorted("".join(CLASSES)) == sorted(RESIDUES - set("BZX"))


def test_encoder_gives_one_vector_per_sequence() -> None:
    encoder = find_encoder("conjoint_triad").build(EmbedOptions())
    assert encoder.vectors(["MKVLA", "AGVAIR"]).shape == (2, 343)
    batches = encoder.batches([5] * 5000)
    assert [row for batch in batches for row in batch] == list(range(5000))
