"""Seconds of a training step, compared with its matrix products and sbi's loss; memory by batch.

The hidden layer of an MLP critic for all pairs is measured beside its plain form in PyTorch.

    python benchmarks/training.py --results benchmarks/results/training.json \
        --figure benchmarks/results/training.png

Random pairs and vectors of the size of the human gold standard: 7,871 proteins with 1,900 numbers,
81,596 joint pairs. sbi's NRE-C loss is measured on the same scores if ``sbi`` is installed.
"""

import importlib.util
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import typer
from measuring import KB, seconds, write_results
from mi_peers import in_batch_logits, sbi_nre_c_loss
from rich import print_json
from torch import Tensor

from ppi_ratio.critics import Separable
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model.fitting import fit
from ppi_ratio.objectives import InfoNCEAnchor, PairScores
from ppi_ratio.pairs import LEFT, RIGHT, PairTable, Split
from ppi_ratio.runtime.kernels.pairwise_mlp import pairwise_mlp, plain_pairwise_mlp
from ppi_ratio.training.batches import Batch
from ppi_ratio.training.module import RatioModule
from ppi_ratio.training.settings import Precision, TrainerSettings

N_PROTEINS, DIM, N_PAIRS = 7871, 1900, 81_596
RANK, HIDDEN = 128, 512
CRITIC = Separable(rank=RANK, hidden=(HIDDEN,), symmetric=True)
BATCHES = (256, 1024, 4096, 16_384, 32_768)
SBI_UP_TO = 4096
MLP_HIDDEN = 256
EPOCHS = 20


def main(
    results: Annotated[Path, typer.Option(help="JSON to write.")],
    figure: Annotated[Path, typer.Option(help="PNG to write.")],
    largest: Annotated[int, typer.Option(help="Pairs of a batch, at most.")] = BATCHES[-1],
) -> None:
    """Measure every batch size in its own process, then a whole training."""
    rows = []
    for size in (size for size in BATCHES if size <= largest):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            rows.append(process.submit(measure, size).result())
    found: dict[str, Any] = {"steps": rows, "twenty_epochs_seconds": whole_training()}
    write_results(found, results)
    draw(pd.DataFrame(rows), figure)
    print_json(data=found)


def measure(size: int) -> dict[str, float | None]:
    """Seconds of a step in both precisions, seconds of its products, and peak memory."""
    steps = {precision: step_of(size, precision) for precision in ("fp32", "bf16")}
    jobs: dict[str, Callable[[], object]] = {
        "step_fp32": steps["fp32"],
        "products_fp32": products_of(size, torch.float32),
        "step_bf16": steps["bf16"],
        "products_bf16": products_of(size, torch.bfloat16),
    }
    if importlib.util.find_spec("sbi") and size <= SBI_UP_TO:
        jobs |= losses_of(size)
    if size == BATCHES[0]:
        jobs |= hidden_layers_of(size)
    taken = seconds(jobs, rounds=10 if size <= SBI_UP_TO else 2)
    return {
        "batch": size,
        **taken,
        "step_over_products_fp32": taken["step_fp32"] / taken["products_fp32"],
        "step_over_products_bf16": taken["step_bf16"] / taken["products_bf16"],
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KB / 1e9,
    }


def random_pairs(size: int) -> tuple[Tensor, Tensor]:
    """Random pairs in which few proteins have many pairs, as in real tables."""
    rng = np.random.default_rng(0)
    weights = rng.pareto(1.5, N_PROTEINS) + 0.1
    left, right = rng.choice(N_PROTEINS, (2, size), p=weights / weights.sum())
    return torch.from_numpy(left), torch.from_numpy(right)


def step_of(size: int, precision: Precision) -> Callable[[], None]:
    """One training step: loss, gradients, clipping and AdamW of one batch."""
    torch.manual_seed(0)
    module = RatioModule.build(
        CRITIC,
        InfoNCEAnchor(),
        torch.randn(N_PROTEINS, DIM),
        TrainerSettings(batch_size=size, precision=precision),
        self_noise=False,
        seed=0,
    ).train()
    optimiser = module.configure_optimizers()
    batch = Batch(*random_pairs(size))

    def step() -> None:
        optimiser.zero_grad()
        module.batch_loss(module.training_objective, batch).backward()
        torch.nn.utils.clip_grad_norm_(module.critic.parameters(), 1.0)
        optimiser.step()

    return step


def products_of(size: int, kind: torch.dtype) -> Callable[[], None]:
    """Only the matrix products of a training step; products for scores are in float32."""
    n_distinct = len(torch.cat(random_pairs(size)).unique())
    x, first = torch.randn(n_distinct, DIM).to(kind), torch.randn(HIDDEN, DIM).to(kind)
    hidden, second = torch.randn(n_distinct, HIDDEN).to(kind), torch.randn(RANK, HIDDEN).to(kind)
    of_hidden, of_output = torch.randn(n_distinct, HIDDEN).to(kind), x[:, :RANK].contiguous()
    u, v = torch.randn(2, size, RANK)
    width = max(1, min(size, 2**26 // size))  # of the matrix of scores, at once

    def products() -> None:
        torch.mm(x, first.T)
        torch.mm(hidden, second.T)
        torch.mm(of_output.T, hidden)
        torch.mm(of_output, second)
        torch.mm(of_hidden.T, x)
        for start in range(0, size, width):
            scores = torch.mm(u, v[start : start + width].T)
            torch.mm(scores, v[start : start + width])
            torch.mm(scores.T, u)

    return products


def losses_of(size: int) -> dict[str, Callable[[], object]]:
    """InfoNCE-anchor and sbi's loss with gradients, both one-sided, on equal scores."""
    matrix = torch.randn(size, size)
    logits = in_batch_logits(matrix).contiguous()
    objective = InfoNCEAnchor(nu=size - 1, both_directions=False)

    def ours() -> None:
        scores = matrix.clone().requires_grad_()
        objective.loss(PairScores.in_batch(scores)).backward()

    def theirs() -> None:
        sbi_nre_c_loss(logits.clone().requires_grad_(), gamma=1.0).backward()

    return {"loss_ppi_ratio": ours, "loss_sbi": theirs}


def hidden_layers_of(size: int) -> dict[str, Callable[[], object]]:
    """The hidden layer of an MLP critic for all pairs of a batch, with its gradients."""
    u, v, weights = (torch.randn(size, MLP_HIDDEN, requires_grad=True) for _ in range(3))
    of_out = torch.randn(size, size)

    return {
        "mlp_layer_ppi_ratio": lambda: pairwise_mlp(u, v, weights).backward(of_out),
        "mlp_layer_pytorch": lambda: plain_pairwise_mlp(u, v, weights).backward(of_out),
    }


def whole_training() -> float:
    """Seconds of twenty epochs of ``fit``, with validation."""
    ids = [f"P{number:05d}" for number in range(N_PROTEINS)]
    matrix = np.random.default_rng(0).standard_normal((N_PROTEINS, DIM), dtype=np.float32)
    names = np.array(ids, dtype=object)
    left, right = (names[side] for side in random_pairs(N_PAIRS + 10_000))
    table = PairTable.from_rows(
        pd.DataFrame({LEFT: left, RIGHT: right}), directed=False, name="random"
    )
    held_out = np.arange(len(table)) >= len(table) - 8000
    split = Split.from_tables(
        train=table.select(~held_out),
        validation=table.select(held_out),
        test=table.select(held_out),
    )
    vectors = Embeddings.from_arrays(ids, matrix)
    began = time.perf_counter()
    fit(
        split,
        vectors,
        critic=CRITIC,
        seed=0,
        trainer=TrainerSettings(max_epochs=EPOCHS, patience=EPOCHS),
        progress=False,
    )
    return time.perf_counter() - began


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw seconds of step and products, and memory, by batch size."""
    drawing, (times, memory) = plt.subplots(1, 2, figsize=(8, 3.3), layout="constrained")
    for precision, marker in (("fp32", "o"), ("bf16", "s")):
        line = times.loglog(
            table["batch"], table[f"step_{precision}"], f"{marker}-", label=f"step, {precision}"
        )
        times.loglog(
            table["batch"],
            table[f"products_{precision}"],
            f"{marker}:",
            color=line[0].get_color(),
            label=f"its products, {precision}",
        )
    times.set(xlabel="joint pairs of a batch", ylabel="seconds")
    times.legend(frameon=False)
    memory.semilogx(table["batch"], table["peak_gb"], "o-")
    memory.set(xlabel="joint pairs of a batch", ylabel="peak memory, GB", ylim=(0, None))
    for axes in (times, memory):
        axes.spines[["top", "right"]].set_visible(False)
    drawing.savefig(path, dpi=150)


if __name__ == "__main__":
    typer.run(main)
