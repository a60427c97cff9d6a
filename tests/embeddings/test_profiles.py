"""Quantiles of window means against means by hand."""

import numpy as np
import pytest

from ppi_ratio.embeddings import EmbedOptions, find_encoder
from ppi_ratio.embeddings.profiles import CHARGE, HYDROPATHY, N_PROFILES, WINDOWS, profiles
from ppi_ratio.errors import ConfigError
from ppi_ratio.sequences import RESIDUES

PER_SCALE = N_PROFILES // 2


def test_profile_of_a_short_peptide_matches_a_count_by_hand() -> None:
    # charges of KKADKKAD are + + 0 - + + 0 -; windows of 7 hold +++0-+0 and so on
    means = np.array([3, 1]) / 7
    expected = [*np.quantile(means, [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]), means.std()]
    np.testing.assert_allclose(profiles("KKADKKAD")[PER_SCALE : PER_SCALE + 8], expected, atol=1e-7)


def test_windows_wider_than_the_protein_are_as_wide_as_it() -> None:
    of_all = np.mean([HYDROPATHY[residue] for residue in "MKWLA"])
    for scale in profiles("MKWLA")[:PER_SCALE].reshape(len(WINDOWS), -1):
        np.testing.assert_allclose(scale[:-1], of_all, rtol=1e-6)
        assert scale[-1] == pytest.approx(0, abs=1e-7)


def test_order_of_residues_matters_where_composition_does_not() -> None:
    together, scattered = "L" * 20 + "D" * 20, "LD" * 20
    assert profiles(together)[0] < -0.7 < profiles(scattered)[0]


def test_rare_letters_are_read_as_what_they_stand_for() -> None:
    np.testing.assert_array_equal(profiles("UOMAKL" * 5), profiles("CKMAKL" * 5))
    assert profiles("B" * 9)[PER_SCALE] == pytest.approx(-0.5)
    assert not profiles("X" * 9).any()


def test_every_letter_but_the_rare_is_on_both_scales() -> None:
    assert set(HYDROPATHY) == set(CHARGE) == RESIDUES - set("UOBZXJ")


def test_encoder_gives_one_vector_per_sequence() -> None:
    encoder = find_encoder("hydropathy_charge").build(EmbedOptions())
    assert encoder.vectors(["M", "AGVAIR"]).shape == (2, encoder.dim) == (2, 48)
    with pytest.raises(ConfigError, match="no layers"):
        find_encoder("hydropathy_charge").build(EmbedOptions(layer=1))
