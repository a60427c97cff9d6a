"""Compiled loops over blocks of rows, in as many threads as PyTorch has."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import torch


def blocks_of(n_rows: int, size: int) -> list[slice]:
    """Consecutive rows, cut alike whatever the number of threads: sums are added in one order."""
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]


def in_threads(task: Callable[[slice], None], blocks: Sequence[slice]) -> None:
    """Call ``task``, which lets others run, for every block."""
    n_threads = torch.get_num_threads()
    if n_threads == 1 or len(blocks) == 1:
        for block in blocks:
            task(block)
    else:
        list(_pool(n_threads).map(task, blocks))


@cache
def _pool(n_threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_threads, "blocks")
