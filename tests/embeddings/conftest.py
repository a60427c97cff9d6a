"""Tiny encoders and proteins for the tests of embeddings."""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from esm.model.esm2 import ESM2

from data_prep.pretrain_bundled_encoder import Shape, write_checkpoint
from ppi_ratio.sequences import STANDARD_RESIDUES, Proteins


@pytest.fixture
def random_proteins() -> Callable[..., Proteins]:
    """Makes proteins of given lengths from random residues."""

    def make(*lengths: int, seed: int = 0, prefix: str = "P") -> Proteins:
        generator = np.random.default_rng(seed)
        letters = np.array(list(STANDARD_RESIDUES))
        return Proteins(
            {
                f"{prefix}{number}": "".join(generator.choice(letters, length))
                for number, length in enumerate(lengths)
            }
        )

    return make


@pytest.fixture
def esm2_checkpoint(tmp_path: Path) -> Callable[..., Path]:
    """Writes a random two-layer ESM-2 in fair-esm's format."""

    def write(name: str = "esm2_tiny", *, seed: int = 0, folder: Path | None = None) -> Path:
        path = (folder or tmp_path) / f"{name}.pt"
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(seed)
        shape = Shape(layers=2, dim=16, heads=2)
        write_checkpoint(ESM2(shape.layers, shape.dim, shape.heads), shape, path)
        return path

    return write


@pytest.fixture
def esm1b_checkpoint(tmp_path: Path) -> Path:
    """A random two-layer ESM-1b in fair-esm's format, without contact regression."""
    from esm.data import Alphabet
    from esm.model.esm1 import ProteinBertModel

    sizes = {
        "arch": "roberta_large",
        "layers": 2,
        "embed_dim": 16,
        "ffn_embed_dim": 32,
        "attention_heads": 2,
        "max_positions": 1024,
        "token_dropout": True,
        "emb_layer_norm_before": True,
    }
    torch.manual_seed(0)
    model = ProteinBertModel(
        argparse.Namespace(**sizes), Alphabet.from_architecture("roberta_large")
    )
    stored = ("layers", "embed_dim", "ffn_embed_dim", "attention_heads")
    args = {(f"encoder_{key}" if key in stored else key): size for key, size in sizes.items()}
    weights = {
        f"encoder.{'' if name.startswith('lm_head') else 'sentence_encoder.'}{name}": tensor.clone()
        for name, tensor in model.state_dict().items()
        if not name.startswith("contact_head")
    }
    path = tmp_path / "my_esm1b.pt"
    torch.save({"args": argparse.Namespace(**args), "model": weights}, path)
    return path
