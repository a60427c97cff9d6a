"""Residues per second of ``embed``, of fair-esm's own extraction, and of plain matrix products.

    python benchmarks/embedding.py --results benchmarks/results/embedding.json

The models are ESM-2 with 8 and 35 million parameters and random weights, in fair-esm's file format.
The proteins are the yeast proteins that ship with the package. fair-esm runs as in its
``scripts/extract.py``, with 4,096 tokens per batch and one file per protein. This script rebuilds
that extraction, because fair-esm's wheel lacks it.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from esm.data import FastaBatchedDataset
from esm.model.esm2 import ESM2
from esm.pretrained import load_model_and_alphabet_core
from measuring import run_alone, seconds, write_results
from rich import print_json
from torch.utils.data import DataLoader

from data_prep.pretrain_bundled_encoder import Shape, write_checkpoint
from ppi_ratio.embeddings import Embeddings, EmbedOptions
from ppi_ratio.embeddings.provenance import Precision
from ppi_ratio.examples import YEAST_FASTA
from ppi_ratio.runs.embedding import embed_file
from ppi_ratio.sequences import Proteins, read_fasta, write_fasta

SHAPES = {"8M": Shape(layers=6, dim=320, heads=20), "35M": Shape(layers=12, dim=480, heads=20)}
N_PROTEINS, TOKENS_PER_BATCH, LONGEST = 500, 4096, 1022
SQUARE = 2048


def main(
    results: Annotated[Path, typer.Option(help="JSON to write.")],
    proteins: Annotated[int, typer.Option(help="Yeast proteins to embed.")] = N_PROTEINS,
) -> None:
    """Measure both models, print and write the figures."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = some_yeast_proteins(proteins)
        write_fasta(chosen, folder / "proteins.fasta")
        for size, shape in SHAPES.items():
            found[size] = measure(folder, chosen, size, shape)
    write_results(found, results)
    print_json(data=found)


def some_yeast_proteins(count: int) -> Proteins:
    """A sample of proteins that fit one window, because fair-esm truncates longer ones."""
    everything = read_fasta(YEAST_FASTA)
    short = [name for name, residues in everything.sequences.items() if len(residues) <= LONGEST]
    return everything.select(np.random.default_rng(0).choice(short, count, replace=False).tolist())


def measure(folder: Path, proteins: Proteins, size: str, shape: Shape) -> dict[str, Any]:
    """Residues per second of each method, and the largest difference to fair-esm's vectors."""
    checkpoint = folder / f"esm2_random_{size}.pt"
    write_random_checkpoint(checkpoint, shape)
    n_residues = sum(map(len, proteins.sequences.values()))
    vectors: dict[str, np.ndarray] = {}

    def ours(precision: Precision) -> None:
        out = folder / f"{size}_{precision}.h5"
        out.unlink(missing_ok=True)
        options = EmbedOptions(precision=precision, dtype="float32")
        made = embed_file(
            folder / "proteins.fasta", out, encoder=str(checkpoint), options=options,
            progress=False,
        )  # fmt: skip
        vectors[precision] = Embeddings.read(out).matrix(made.rows(proteins.ids))

    def theirs() -> None:
        vectors["fair-esm"] = extract(checkpoint, folder / "proteins.fasta", folder, proteins)

    ways = {"fp32": lambda: ours("fp32"), "bf16": lambda: ours("bf16"), "fair-esm": theirs}
    taken = seconds(ways, rounds=1, warm_up=False)  # minutes each, with reading and writing
    rates = {name: n_residues / each for name, each in taken.items()}
    per_residue = flop_per_residue(shape, proteins)
    limits = {
        f"limit, {name}": rate / per_residue for name, rate in product_rates(shape.dim).items()
    }
    command = ["ppi-ratio", "embed", str(folder / "proteins.fasta")]
    command += ["--encoder", str(checkpoint), "--out", str(folder / f"{size}_command.h5")]
    truth = vectors["fair-esm"]
    cosine = (vectors["bf16"] * truth).sum(1) / (
        np.linalg.norm(vectors["bf16"], axis=1) * np.linalg.norm(truth, axis=1)
    )
    return {
        "residues_per_second": rates | limits,
        "fp32_over_fair_esm": rates["fp32"] / rates["fair-esm"],
        "bf16_over_fair_esm": rates["bf16"] / rates["fair-esm"],
        "largest_difference_fp32": float(np.abs(vectors["fp32"] - truth).max()),
        "lowest_cosine_bf16": float(cosine.min()),
        "command_fp32": run_alone(command),
    }


def write_random_checkpoint(path: Path, shape: Shape) -> None:
    """Save a model in fair-esm's format."""
    torch.manual_seed(0)
    write_checkpoint(ESM2(shape.layers, shape.dim, shape.heads), shape, path)


def extract(checkpoint: Path, fasta: Path, folder: Path, proteins: Proteins) -> np.ndarray:
    """Mean vectors as in ``scripts/extract.py`` of fair-esm 2.0.0, with fair-esm's classes."""
    with torch.serialization.safe_globals([argparse.Namespace]):
        data = torch.load(checkpoint, map_location="cpu", weights_only=True)
    # no weights of the contact head, which an extraction of means does not run
    model, alphabet = load_model_and_alphabet_core(checkpoint.stem, data, None)
    model.eval()
    proteins_read = FastaBatchedDataset.from_file(fasta)
    batches = proteins_read.get_batch_indices(TOKENS_PER_BATCH, extra_toks_per_seq=1)
    loader = DataLoader(
        proteins_read,  # pyright: ignore[reportArgumentType] (fair-esm's own kind of data set)
        collate_fn=alphabet.get_batch_converter(LONGEST),
        batch_sampler=batches,
    )
    layer = model.num_layers
    out = folder / "extracted"
    out.mkdir(exist_ok=True)
    with torch.no_grad():
        for labels, texts, tokens in loader:
            hidden = model(tokens, repr_layers=[layer], return_contacts=False)
            hidden = hidden["representations"][layer]
            for row, (label, text) in enumerate(zip(labels, texts, strict=True)):
                mean = hidden[row, 1 : min(LONGEST, len(text)) + 1].mean(0).clone()
                torch.save(
                    {"label": label, "mean_representations": {layer: mean}},
                    out / f"{label.split()[0].replace('/', '_')}.pt",
                )
    means = {path.stem: path for path in out.glob("*.pt")}
    return np.stack(
        [
            torch.load(means[name], weights_only=True)["mean_representations"][layer].numpy()
            for name in proteins.ids
        ]
    )


def flop_per_residue(shape: Shape, proteins: Proteins) -> float:
    """Operations of the matrix products: 12 width² weights per layer, and attention."""
    lengths = np.array([len(residues) for residues in proteins.sequences.values()])
    attended = (lengths**2).sum() / lengths.sum()
    return 2 * shape.layers * (12 * shape.dim**2 + 2 * shape.dim * attended)


def product_rates(width: int) -> dict[str, float]:
    """Operations per second of a plain matrix product with the network's width."""
    rates = {}
    for name, kind in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        left, right = torch.randn(SQUARE, width).to(kind), torch.randn(width, 4 * width).to(kind)
        torch.matmul(left, right)
        best = float("inf")
        for _ in range(20):
            began = time.perf_counter()
            torch.matmul(left, right)
            best = min(best, time.perf_counter() - began)
        rates[name] = 2 * SQUARE * width * 4 * width / best
    return rates


if __name__ == "__main__":
    typer.run(main)
