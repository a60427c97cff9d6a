"""FASTA files -> a small ESM-2 checkpoint in fair-esm's format, by masked-language modelling.

This script made ``ppi_ratio/embeddings/bundled/esm2_bundled.pt`` with ``--steps 5400`` from the
human and yeast proteomes. It runs on any FASTA file. Interrupt the script and run it again: it
resumes from the last state in ``--work``. The learning rate warms up, stays constant, and falls
linearly over the last fifth of the steps. ``--steps`` may be changed until the fall begins.

    python -m data_prep.pretrain_bundled_encoder proteome.fasta.gz --work work --out encoder.pt
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from esm.model.esm2 import ESM2
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from ppi_ratio.embeddings.transformer import Network
from ppi_ratio.runtime.progress import rate_bar
from ppi_ratio.sequences import STANDARD_RESIDUES, Proteins, read_fasta
from ppi_ratio.sequences.clusters import word_clusters

CROP = 190  # residues; 192 tokens with <cls> and <eos>
MASKED_SHARE = 0.15
DECAY_SHARE = 0.2  # of the steps, at the end
WARM_UP_STEPS = 300
SAVE_SECONDS = 120
EVALUATION_SEED = 0
EMBEDDING_SD = 0.05


@dataclass(frozen=True)
class Shape:
    """Size of the network."""

    layers: int = 6
    dim: int = 160
    heads: int = 5


@dataclass(frozen=True)
class Corpus:
    """Tokenised sequences of one part of the split."""

    tokens: list[np.ndarray]

    @property
    def n_residues(self) -> int:
        return sum(map(len, self.tokens))

    def letter_shares(self, n_letters: int) -> Tensor:
        counts = np.bincount(np.concatenate(self.tokens), minlength=n_letters)
        return torch.from_numpy(counts / counts.sum())


def main(
    fasta: Annotated[list[Path], typer.Argument(help="FASTA files to learn from.")],
    work: Annotated[Path, typer.Option(help="Folder for the state to resume from.")],
    out: Annotated[Path, typer.Option(help="Checkpoint to write; its stem must begin with esm2.")],
    steps: Annotated[int, typer.Option(help="Optimiser steps in total.")] = 20_000,
    tokens_per_step: Annotated[int, typer.Option(help="Batch size in tokens.")] = 4096,
    learning_rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Seed of weights, split, crops and masks.")] = 0,
) -> None:
    """Pretrain, compare held-out perplexity with a unigram model, and write the checkpoint."""
    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    # On a CPU, the backward pass of plain bf16 attention takes half the time of fused attention.
    torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(True)
    shape = Shape()
    model = ESM2(shape.layers, shape.dim, shape.heads, alphabet="ESM-1b", token_dropout=True)
    # ESM2 initialises embeddings with standard deviation 1. They are also the output weights, for
    # which this is far too large.
    torch.nn.init.normal_(model.embed_tokens.weight, std=EMBEDDING_SD)
    training, held_out = _split(_read(fasta), model, seed=seed)
    typer.echo(
        f"{training.n_residues:,} residues to learn from, {held_out.n_residues:,} held out",
        err=True,
    )
    before = masked_nats(model, held_out, training)
    _train(
        model, training, held_out, work / "state.pt", steps, tokens_per_step, learning_rate, seed
    )
    report = {
        "steps": steps,
        "tokens_per_step": tokens_per_step,
        "training_residues": training.n_residues,
        "held_out_residues": held_out.n_residues,
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "masked_nats": masked_nats(model, held_out, training),
        "masked_nats_untrained": before["model"],
    }
    write_checkpoint(model, shape, out)
    (work / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    typer.echo(json.dumps(report, indent=2))


def masked_nats(model: ESM2, held_out: Corpus, training: Corpus) -> dict[str, float]:
    """Mean -log p per masked held-out residue, in nats, of the model and of a unigram model.

    Every call uses the same masks, so that two models can be compared.
    """
    generator = torch.Generator().manual_seed(EVALUATION_SEED)
    unigram = training.letter_shares(len(model.alphabet)).clamp_min(1e-9).log()
    sums = dict.fromkeys(("model", "unigram", "n"), 0.0)
    for tokens in _segments(held_out, 16_384, np.random.default_rng(EVALUATION_SEED), model):
        masked, chosen = _mask(tokens, model, generator, always_mask=True)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            logits = _logits(model, masked, chosen)
        truth = tokens[chosen]
        sums["model"] += functional.cross_entropy(logits.float(), truth, reduction="sum").item()
        sums["unigram"] -= unigram[truth].sum().item()
        sums["n"] += len(truth)
    nats = {key: sums[key] / sums["n"] for key in ("model", "unigram")}
    return nats | {f"{key}_perplexity": math.exp(value) for key, value in nats.items()}


def write_checkpoint(model: ESM2, shape: Shape, path: Path) -> None:
    """Write half-precision weights that ``esm.pretrained`` reads, without the contact head.

    Rotary frequencies stay in float32, because rounding them would shift angles along a sequence.
    """
    config = argparse.Namespace(
        encoder_layers=shape.layers,
        encoder_embed_dim=shape.dim,
        encoder_attention_heads=shape.heads,
        token_dropout=True,
    )
    weights = {
        name: tensor.detach().clone() if "rot_emb" in name else tensor.detach().half()
        for name, tensor in model.state_dict().items()
        if not name.startswith("contact_head") and name != "lm_head.weight"
    }
    weights["lm_head.weight"] = weights["embed_tokens.weight"]
    partial = path.with_suffix(".partial")
    torch.save({"cfg": {"model": config}, "model": weights}, partial)
    partial.rename(path)


def _read(paths: list[Path]) -> Proteins:
    merged: dict[str, str] = {}
    for path in paths:
        merged |= read_fasta(path).sequences
    return Proteins(merged)


def _split(proteins: Proteins, model: ESM2, *, seed: int) -> tuple[Corpus, Corpus]:
    """Hold out one sequence cluster in fifty."""
    clusters = word_clusters(proteins)
    labels = sorted(set(clusters.values()))
    chosen = np.random.default_rng(seed).permutation(labels)[: max(1, len(labels) // 50)]
    held_out = set(chosen.tolist())
    sides: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for name, residues in proteins.sequences.items():
        tokens = np.array(model.alphabet.encode(residues.replace("J", "X")), dtype=np.int64)
        sides[clusters[name] in held_out].append(tokens)
    return Corpus(sides[0]), Corpus(sides[1])


def _segments(
    corpus: Corpus, tokens_per_batch: int, generator: np.random.Generator, model: ESM2
) -> Iterator[Tensor]:
    """One pass over the corpus in random order: padded batches of segments of similar length."""
    segments = []
    for tokens in corpus.tokens:
        start = int(generator.integers(0, CROP)) - CROP if len(tokens) > CROP else 0
        cuts = range(start, len(tokens), CROP)
        segments += [tokens[max(0, cut) : cut + CROP] for cut in cuts if cut + CROP > 8]
    order = np.argsort([len(segment) + generator.random() for segment in segments])
    batches, batch, width = [], [], 0
    for row in order:
        width = max(width, len(segments[row]) + 2)
        if batch and width * (len(batch) + 1) > tokens_per_batch:
            batches.append(batch)
            batch, width = [], len(segments[row]) + 2
        batch.append(row)
    batches.append(batch)
    for index in generator.permutation(len(batches)):
        chosen = [segments[row] for row in batches[index]]
        tokens = torch.full((len(chosen), max(map(len, chosen)) + 2), model.padding_idx)
        tokens[:, 0] = model.cls_idx
        for row, segment in enumerate(chosen):
            tokens[row, 1 : len(segment) + 1] = torch.from_numpy(segment)
            tokens[row, len(segment) + 1] = model.eos_idx
        yield tokens


def _mask(
    tokens: Tensor, model: ESM2, generator: torch.Generator, *, always_mask: bool = False
) -> tuple[Tensor, Tensor]:
    """Corrupt 15 % of residues as BERT does: 80 % masked, 10 % replaced, 10 % unchanged."""
    letters = torch.tensor([model.alphabet.get_idx(letter) for letter in STANDARD_RESIDUES])
    chosen = torch.isin(tokens, letters)
    chosen &= torch.rand(tokens.shape, generator=generator) < MASKED_SHARE
    draw = torch.rand(tokens.shape, generator=generator)
    other = letters[torch.randint(len(letters), tokens.shape, generator=generator)]
    masked = tokens.masked_fill(chosen & (always_mask | (draw < 0.8)), model.mask_idx)
    if not always_mask:
        masked = torch.where(chosen & (draw >= 0.9), other, masked)
    return masked, chosen


def _logits(model: ESM2, tokens: Tensor, chosen: Tensor) -> Tensor:
    hidden = Network(model, layer=model.num_layers)(tokens)
    return model.lm_head(hidden[chosen])


def _rate(step: int, steps: int) -> float:
    fall = max(1, round(DECAY_SHARE * steps))
    return min(1.0, (step + 1) / WARM_UP_STEPS, max(0.02, (steps - step) / fall))


def _train(
    model: ESM2,
    training: Corpus,
    held_out: Corpus,
    state_path: Path,
    steps: int,
    tokens_per_step: int,
    learning_rate: float,
    seed: int,
) -> None:
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=learning_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    step, epoch, seconds = 0, 0, 0.0
    if state_path.exists():
        state = torch.load(state_path, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, epoch, seconds = state["step"], state["epoch"] + 1, state["seconds"]
    started = saved = time.monotonic()
    with rate_bar("pretraining", total=steps, done=step) as advance:
        while step < steps:
            generator = torch.Generator().manual_seed(seed * 1000 + epoch)
            batches = _segments(
                training, tokens_per_step, np.random.default_rng([seed, epoch]), model
            )
            for tokens in batches:
                for group in optimizer.param_groups:
                    group["lr"] = learning_rate * _rate(step, steps)
                loss = _step(model, optimizer, tokens, generator)
                step += 1
                advance(1, title=f"pretraining, {loss:.3f} nats")
                if step % 500 == 0:
                    nats = masked_nats(model, held_out, training)
                    spent = seconds + time.monotonic() - started
                    print(f"step {step}, {spent:.0f} s, held out {nats}")
                if step >= steps or time.monotonic() - saved > SAVE_SECONDS:
                    saved = time.monotonic()
                    state = {
                        "model": model.state_dict(),
                        "optimizer": optimizer.state_dict(),
                        "step": step,
                        "epoch": epoch,
                        "seconds": seconds + saved - started,
                    }
                    torch.save(state, state_path.with_suffix(".partial"))
                    state_path.with_suffix(".partial").rename(state_path)
                if step >= steps:
                    break
            epoch += 1


def _step(
    model: ESM2, optimizer: torch.optim.Optimizer, tokens: Tensor, generator: torch.Generator
) -> float:
    masked, chosen = _mask(tokens, model, generator)
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        logits = _logits(model, masked, chosen)
    loss = functional.cross_entropy(logits.float(), tokens[chosen])
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(
        [weight for weight in model.parameters() if weight.grad is not None], 1.0
    )
    optimizer.step()
    return loss.item()


if __name__ == "__main__":
    typer.run(main)
