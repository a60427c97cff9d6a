"""Shares of residues in equal segments, and what encoders make of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.embeddings import EmbedOptions
from ppi_ratio.embeddings.esm import ESMEncoder
from ppi_ratio.embeddings.segments import N_SEGMENTS, shares_of_segments
from ppi_ratio.sequences import Proteins

MakeProteins = Callable[..., Proteins]
WriteCheckpoint = Callable[..., Path]
WIDTH = 16


@given(length=st.integers(1, 3000))
def test_segments_are_equal_and_share_out_every_residue(length: int) -> None:
    positions = torch.arange(-1, length + 1)
    shares = shares_of_segments(positions, torch.full_like(positions, length))
    assert shares.shape == (length + 2, N_SEGMENTS)
    torch.testing.assert_close(shares.sum(0), torch.ones(N_SEGMENTS), atol=1e-4, rtol=0)
    torch.testing.assert_close(
        shares[1:-1].mean(1), torch.full((length,), 1 / length), atol=1e-5, rtol=1e-3
    )
    assert not shares[[0, -1]].any()


def test_a_cut_within_a_residue_gives_it_to_both_segments() -> None:
    shares = shares_of_segments(torch.arange(24), torch.full((24,), 24))
    # segments of one and a half residues
    assert shares[:3, :2].tolist() == pytest.approx(
        np.array([[2 / 3, 0], [1 / 3, 1 / 3], [0, 2 / 3]])
    )


def vectors(path: Path, sequences: list[str], **options: object) -> np.ndarray:
    made = ESMEncoder.load(path, path.stem, EmbedOptions(device="cpu", **options))  # pyright: ignore[reportArgumentType]
    found = made.vectors(sequences)
    assert found.shape == (len(sequences), made.dim)
    return found


def test_each_segment_is_the_mean_of_its_own_residues(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    path = esm2_checkpoint()
    sequences = list(random_proteins(48, 33, 5, 1, 16).sequences.values())
    found = vectors(path, sequences, pooling="mean_sd_segments")
    before = vectors(path, sequences, pooling="mean_sd")
    np.testing.assert_array_equal(found[:, : 2 * WIDTH], before)
    segments = found[:, 2 * WIDTH :].reshape(len(sequences), N_SEGMENTS, WIDTH)
    np.testing.assert_allclose(segments.mean(1), before[:, :WIDTH], atol=1e-5)
    # layer 0 knows nothing of neighbours: the vector of three residues is their mean
    alone = vectors(path, sequences, pooling="mean_sd_segments", layer=0)
    first = vectors(path, [sequences[0][3 * k : 3 * k + 3] for k in range(N_SEGMENTS)], layer=0)
    np.testing.assert_allclose(alone[0, 2 * WIDTH :].reshape(N_SEGMENTS, WIDTH), first, atol=1e-5)


def test_windows_of_a_long_protein_join_in_its_segments(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    path = esm2_checkpoint()
    sequences = list(random_proteins(130, 61).sequences.values())
    whole, cut = (
        vectors(path, sequences, pooling="mean_sd_segments", layer=0, limit=limit)
        for limit in (1022, 20)
    )
    np.testing.assert_allclose(cut, whole, atol=1e-5)
