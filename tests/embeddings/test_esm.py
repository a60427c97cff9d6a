"""ESM encoders against fair-esm's own forward pass, and their windows and batches."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from esm import pretrained
from esm.model.esm1 import ProteinBertModel
from esm.model.esm2 import ESM2
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.embeddings import EmbedOptions
from ppi_ratio.embeddings.checkpoints import load_model
from ppi_ratio.embeddings.esm import ESMEncoder, cut_windows, window_starts
from ppi_ratio.errors import ConfigError, ProvenanceError
from ppi_ratio.sequences import Proteins

MakeProteins = Callable[..., Proteins]
WriteCheckpoint = Callable[..., Path]


def fair_esm_residues(path: Path, residues: str, layer: int) -> np.ndarray:
    """Representations of all residues as fair-esm's own model and tokenizer give them."""
    model = load_model(path)
    alphabet = pretrained.esm.data.Alphabet.from_architecture("ESM-1b")
    _, _, tokens = alphabet.get_batch_converter()([("", residues)])
    with torch.no_grad():
        hidden = model(tokens, repr_layers=[layer])["representations"][layer]
    return hidden[0, 1:-1].numpy()


def fair_esm_mean(path: Path, residues: str, layer: int) -> np.ndarray:
    return fair_esm_residues(path, residues, layer).mean(0)


def load(path: Path, **options: object) -> ESMEncoder:
    return ESMEncoder.load(path, path.stem, EmbedOptions(device="cpu", **options))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_esm2_agrees_with_fair_esm_alone_and_in_a_batch(
    layer: int, esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    path = esm2_checkpoint()
    encoder = load(path, layer=layer)
    sequences = list(random_proteins(5, 60, 33, 1, 60).sequences.values())
    expected = np.stack([fair_esm_mean(path, residues, layer) for residues in sequences])
    alone = np.concatenate([encoder.vectors([residues]) for residues in sequences])
    np.testing.assert_allclose(alone, expected, atol=1e-5)
    np.testing.assert_allclose(encoder.vectors(sequences), expected, atol=1e-5)


def test_esm1b_agrees_with_fair_esm(esm1b_checkpoint: Path, random_proteins: MakeProteins) -> None:
    encoder = load(esm1b_checkpoint)
    assert isinstance(encoder.model, ProteinBertModel)
    sequences = list(random_proteins(7, 40, 21).sequences.values())
    expected = [fair_esm_mean(esm1b_checkpoint, residues, 2) for residues in sequences]
    np.testing.assert_allclose(encoder.vectors(sequences), np.stack(expected), atol=1e-5)


def test_standard_deviations_follow_the_means(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    path = esm2_checkpoint()
    encoder = load(path, pooling="mean_sd")
    sequences = list(random_proteins(5, 60, 33, 1).sequences.values())
    found = encoder.vectors(sequences)
    assert found.shape == (4, encoder.dim) == (4, 32)
    for row, residues in zip(found, sequences, strict=True):
        hidden = fair_esm_residues(path, residues, 2)
        np.testing.assert_allclose(row[:16], hidden.mean(0), atol=1e-5)
        np.testing.assert_allclose(row[16:], hidden.std(0), atol=1e-5)
    assert encoder.provenance.pooling == "mean_sd"
    assert not encoder.provenance.same_space(load(path).provenance)


def test_standard_deviation_of_a_long_protein_weighs_residues_as_its_mean_does(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    path = esm2_checkpoint()
    (residues,) = random_proteins(50).sequences.values()
    windows = cut_windows(0, residues, 20, 5)
    hidden = np.concatenate([fair_esm_residues(path, each.residues, 2) for each in windows])
    weights = np.concatenate([each.weights for each in windows])[:, None]
    mean = (weights * hidden).sum(0)
    spread = np.sqrt((weights * (hidden - mean) ** 2).sum(0))
    (found,) = load(path, limit=20, pooling="mean_sd").vectors([residues])
    np.testing.assert_allclose(found, np.concatenate([mean, spread]), atol=1e-5)


def test_rare_letters_read_as_fair_esm_reads_them_and_j_as_x(
    esm2_checkpoint: WriteCheckpoint,
) -> None:
    path = esm2_checkpoint()
    encoder = load(path)
    rare = "MKUOBZXA"
    np.testing.assert_allclose(encoder.vectors([rare])[0], fair_esm_mean(path, rare, 2), atol=1e-5)
    np.testing.assert_array_equal(encoder.vectors(["MKJA"]), encoder.vectors(["MKXA"]))


def test_last_layer_is_the_default_and_layers_beyond_are_refused(
    esm2_checkpoint: WriteCheckpoint,
) -> None:
    path = esm2_checkpoint()
    assert load(path).provenance.layer == 2
    for layer in (3, -1):
        with pytest.raises(ConfigError, match=f"layer {layer} is not one of 0 to 2"):
            load(path, layer=layer)


def test_bfloat16_stays_near_float32(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    path = esm2_checkpoint()
    sequences = list(random_proteins(30, 50).sequences.values())
    exact, rough = (load(path, precision=p).vectors(sequences) for p in ("fp32", "bf16"))
    assert 0 < np.abs(exact - rough).max() < 0.05


@given(
    length=st.integers(1, 400), limit=st.integers(1, 60), share=st.floats(0, 0.9, exclude_max=True)
)
def test_windows_are_full_cover_every_residue_and_keep_their_overlap(
    length: int, limit: int, share: float
) -> None:
    overlap = int(share * limit)
    starts = window_starts(length, limit, overlap)
    if length <= limit:
        assert starts == [0]
        return
    assert starts[0] == 0
    assert starts[-1] + limit == length
    steps = np.diff(starts)
    assert (steps > 0).all()
    assert (limit - steps >= overlap).all()


def test_window_weights_average_a_residue_over_its_windows_first() -> None:
    windows = cut_windows(0, "ACDEFGHIKL", limit=6, overlap=1)
    assert [window.residues for window in windows] == ["ACDEFG", "FGHIKL"]
    halves = np.array([1, 1, 1, 1, 0.5, 0.5]) / 10
    np.testing.assert_allclose(windows[0].weights, halves, rtol=1e-6)
    np.testing.assert_allclose(windows[1].weights, halves[::-1], rtol=1e-6)


def test_long_protein_is_the_mean_over_residues_of_its_windows_averages(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    path = esm2_checkpoint()
    (residues,) = random_proteins(50).sequences.values()
    encoder = load(path, limit=20)
    sums, counts = np.zeros((50, 16)), np.zeros((50, 1))
    model = load_model(path)
    assert isinstance(model, ESM2)
    for start in window_starts(50, 20, 5):
        stretch = residues[start : start + 20]
        _, _, tokens = model.alphabet.get_batch_converter()([("", stretch)])
        with torch.no_grad():
            hidden = model(tokens, repr_layers=[2])["representations"][2][0, 1:-1]
        sums[start : start + 20] += hidden.numpy()
        counts[start : start + 20] += 1
    np.testing.assert_allclose(encoder.vectors([residues])[0], (sums / counts).mean(0), atol=1e-5)
    assert (encoder.provenance.limit, encoder.provenance.overlap) == (20, 5)


def test_limit_does_not_matter_to_proteins_within_it(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    path = esm2_checkpoint()
    sequences = list(random_proteins(20, 12).sequences.values())
    np.testing.assert_array_equal(
        load(path, limit=20).vectors(sequences), load(path).vectors(sequences)
    )


def test_learned_positions_refuse_a_limit_beyond_them(esm1b_checkpoint: Path) -> None:
    with pytest.raises(ConfigError, match="learned positions for 1022 residues"):
        load(esm1b_checkpoint, limit=1023)


def test_batches_take_longest_first_within_the_token_budget(
    esm2_checkpoint: WriteCheckpoint,
) -> None:
    encoder = load(esm2_checkpoint(), batch_tokens=100, limit=50)
    lengths = [8, 300, 30, 31, 48, 8, 40]
    batches = encoder.batches(lengths)
    assert sorted(row for batch in batches for row in batch) == list(range(7))
    assert batches[0] == [1]  # alone beyond the budget, so alone
    taken = [lengths[row] for batch in batches for row in batch]
    assert taken == sorted(lengths, reverse=True)
    for batch in batches[1:]:
        assert len(batch) * (max(lengths[row] for row in batch) + 2) <= 100


def test_running_out_of_memory_halves_the_batch_and_goes_on(
    esm2_checkpoint: WriteCheckpoint,
    random_proteins: MakeProteins,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = esm2_checkpoint()
    sequences = list(random_proteins(20, 20, 20, 18, 10).sequences.values())
    encoder = load(path)
    scarce(encoder, rows=2)
    np.testing.assert_allclose(encoder.vectors(sequences), load(path).vectors(sequences), atol=1e-5)
    assert "out of memory; batches are now 44 tokens" in caplog.text


def test_a_window_beyond_memory_is_named_with_the_remedy(
    esm2_checkpoint: WriteCheckpoint, random_proteins: MakeProteins
) -> None:
    encoder = load(esm2_checkpoint())
    scarce(encoder, rows=0)
    with pytest.raises(ProvenanceError, match="one window of 20 residues; choose a smaller limit"):
        encoder.vectors(list(random_proteins(20).sequences.values()))


def scarce(encoder: ESMEncoder, *, rows: int) -> None:
    """Let the embedding table run out of memory beyond so many rows, as a device would."""

    def refuse(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if len(inputs[0]) > rows:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    encoder.model.embed_tokens.register_forward_pre_hook(refuse)


def test_weights_that_overflow_are_refused(
    esm2_checkpoint: WriteCheckpoint,
) -> None:
    encoder = load(esm2_checkpoint())
    with torch.no_grad():
        encoder.model.embed_tokens.weight.fill_(float("nan"))
    with pytest.raises(ProvenanceError, match="not finite"):
        encoder.vectors(["MKV"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="speaks of machines without CUDA")
def test_absent_device_is_refused(esm2_checkpoint: WriteCheckpoint) -> None:
    with pytest.raises(ConfigError, match="device cuda is not available"):
        ESMEncoder.load(esm2_checkpoint(), "tiny", EmbedOptions(device="cuda"))
