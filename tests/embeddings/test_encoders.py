"""Encoders by name, by path and as objects."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from command_line import Run
from made_model import made_model

from ppi_ratio.critics import Bilinear
from ppi_ratio.embeddings import (
    ENCODERS,
    EmbedOptions,
    Encoder,
    Provenance,
    embed,
    find_encoder,
)
from ppi_ratio.embeddings.descriptors import DescriptorEncoder
from ppi_ratio.errors import ConfigError
from ppi_ratio.sequences import Proteins

PROTEINS = Proteins({"a": "MKV", "b": "MKVLA"})


def lengths(residues: str) -> np.ndarray:
    return np.array([len(residues)], dtype=np.float32)


LENGTHS = DescriptorEncoder(Provenance(encoder="length", pooling="count"), 1, lengths)


@dataclass(frozen=True)
class Scaled:
    """Settings of an encoder; the layer stands for what options may ask of it."""

    def build(self, options: EmbedOptions) -> Encoder:
        made_by = replace(LENGTHS.provenance, layer=options.layer)
        return DescriptorEncoder(made_by, 1, lambda residues: lengths(residues) * 2)


def test_an_encoder_object_makes_vectors_that_name_it() -> None:
    vectors = embed(PROTEINS, encoder=LENGTHS)
    assert vectors.provenance == LENGTHS.provenance
    np.testing.assert_array_equal(vectors.matrix(), [[3], [5]])


def test_settings_of_an_encoder_are_given_the_options() -> None:
    vectors = embed(PROTEINS, encoder=Scaled(), options=EmbedOptions(layer=2))
    assert vectors.provenance.layer == 2
    np.testing.assert_array_equal(vectors.matrix(), [[6], [10]])


def test_options_that_an_encoder_object_cannot_follow_are_refused() -> None:
    with pytest.raises(ConfigError, match="length has no layers"):
        embed(PROTEINS, encoder=LENGTHS, options=EmbedOptions(layer=2))


@pytest.mark.parametrize("name", ENCODERS)
def test_a_member_is_found_by_itself_as_by_its_name(name: str) -> None:
    assert find_encoder(ENCODERS[name]) == find_encoder(name)


@pytest.mark.parametrize("name", ["conjoint_triad", "", "unstated"])
def test_an_encoder_needs_a_name_of_its_own(name: str) -> None:
    renamed = replace(LENGTHS, provenance=Provenance(encoder=name))
    with pytest.raises(ConfigError, match=f"called '{name}'" if len(name) > 8 else "must state"):
        embed(PROTEINS, encoder=renamed)


def test_a_class_in_place_of_its_object_is_refused() -> None:
    with pytest.raises(ConfigError, match="is no encoder"):
        embed(PROTEINS, encoder=Scaled)  # pyright: ignore[reportArgumentType]


def test_a_model_of_an_encoder_of_ones_own_asks_for_vectors_in_place_of_sequences(
    tmp_path: Path, run: Run
) -> None:
    vectors = embed(Proteins({f"P{n}": "MKV" * (n + 1) for n in range(8)}), encoder=LENGTHS)
    made_model(Bilinear(symmetric=True), vectors).save(tmp_path / "model")
    fasta, pairs = tmp_path / "p.fasta", tmp_path / "pairs.tsv"
    fasta.write_text(">P1\nMKV\n>P2\nMKVMKV\n")
    pairs.write_text("P1\tP2\n")
    outcome = run("score", tmp_path / "model", pairs, "--fasta", fasta, "--out", tmp_path / "s.tsv")
    assert outcome.code == 2
    assert "vectors of the encoder 'length'" in " ".join(outcome.err.split())
    assert "embed the proteins with that encoder first" in " ".join(outcome.err.split())
