"""Losses in tiles -> their agreement with the whole matrix where it fits, and their memory.

    python benchmarks/large_batches.py --results benchmarks/results/large_batches.tsv

Each size runs in a process of its own; ``peak_gb`` is the most memory that it held, the libraries
(about half a GB) with it.
"""

import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
import typer
from rich.console import Console

from ppi_ratio.io.tables import write_table
from ppi_ratio.objectives import InfoNCEAnchor, PairScores
from ppi_ratio.objectives.tiles import ProjectedBatch, loss_in_tiles
from ppi_ratio.training.module import MAX_SCORES_IN_MEMORY

DIM = 128
SIZES = (1024, 4096, 8192, 16_384, 32_768)
WHOLE_UP_TO = 8192  # pairs; beyond, the matrix alone and its gradients take many GB


def main(results: Annotated[Path, typer.Option(help="Table to write.")]) -> None:
    """Measure every batch size; print and write the table."""
    rows = []
    for size in SIZES:
        for form in ("whole", "tiles") if size <= WHOLE_UP_TO else ("tiles",):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                rows.append(process.submit(measure, size, form).result())
    table = pd.DataFrame(rows)
    write_table(table, results)
    Console().print(table.to_string(index=False, float_format="%.4g"))


def measure(size: int, form: str) -> dict[str, float | str]:
    """Loss and norm of the gradient of InfoNCE-anchor in both directions, time and peak memory."""
    generator = torch.Generator().manual_seed(0)
    left, right = torch.randn(2, size, DIM, generator=generator) * DIM**-0.25
    left.requires_grad_()
    right.requires_grad_()
    started = time.perf_counter()
    if form == "whole":
        loss = InfoNCEAnchor().loss(PairScores.in_batch(left @ right.T))
    else:
        batch = ProjectedBatch(lambda u, v: u @ v.T, left, right, None)
        loss = loss_in_tiles(InfoNCEAnchor(), batch, width=max(1, MAX_SCORES_IN_MEMORY // size))
    loss.backward()
    assert left.grad is not None
    return {
        "batch": size,
        "form": form,
        "loss": loss.item(),
        "gradient_norm": left.grad.norm().item(),
        "seconds": time.perf_counter() - started,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


if __name__ == "__main__":
    typer.run(main)
