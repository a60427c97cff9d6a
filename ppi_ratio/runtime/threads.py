"""Work on blocks of rows, in as many threads as PyTorch has."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import torch


def row_blocks(n_rows: int, size: int) -> list[slice]:
    """Consecutive blocks of rows.

    The number of threads does not change the blocks, so sums are added in one order.
    """
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]


def run_in_threads(task: Callable[[slice], None], blocks: Sequence[slice]) -> None:
    """Call ``task`` for every block, in threads; ``task`` should release Python's global lock."""
    n_threads = torch.get_num_threads()
    if n_threads == 1 or len(blocks) == 1:
        for block in blocks:
            task(block)
    else:
        list(_pool(n_threads).map(task, blocks))


@cache
def _pool(n_threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_threads, "row-blocks")
