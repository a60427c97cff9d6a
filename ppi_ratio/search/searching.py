"""A score matrix -> its highest entries, a tile at a time.

The whole matrix is never in memory. On a CPU every thread computes a tile that fits into its
cache, and selects entries from there. On another device tiles are larger, and ``topk`` selects.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ppi_ratio.errors import ConfigError
from ppi_ratio.runtime.kernels.search import entries_above, keep_best
from ppi_ratio.search.hits import NO_HITS, Hits, highest_first, make_hits
from ppi_ratio.search.score_matrix import ScoreMatrix

TILE_LEFTS, TILE_RIGHTS = 256, 2048  # 2 MB of float32: half of a core's second-level cache
DEVICE_LEFTS, DEVICE_RIGHTS = 4096, 16384  # 256 MB
N_STREAMS = 2  # on a GPU, the next block is computed while hits of one block are copied
NO_COLUMN = -1


@dataclass(frozen=True)
class Query:
    """Which pairs of a score matrix a search returns.

    Attributes:
        top_k: the best rights of each left; None for all.
        min_log_ratio: lowest log ratio of a hit, in nats; None for no bound.
        upper_triangle: only rights after the left, so that an undirected pair is found once.

    Raises:
        ConfigError: if every pair would be a hit, or a bound is not valid.
    """

    top_k: int | None = None
    min_log_ratio: float | None = None
    upper_triangle: bool = False

    def __post_init__(self) -> None:
        if self.top_k is None and self.min_log_ratio is None:
            raise ConfigError("every pair would be a hit; give top_k, min_log_ratio or both")
        if self.top_k is not None and self.top_k < 1:
            raise ConfigError(f"top_k: {self.top_k} is too low; it must be at least 1")
        if self.min_log_ratio is not None and math.isnan(self.min_log_ratio):
            raise ConfigError("min_log_ratio: nan is not a number; give a log ratio in nats")

    @property
    def threshold(self) -> float:
        """The highest float32 log ratio that is not a hit."""
        if self.min_log_ratio is None:
            return -math.inf
        return float(np.nextafter(np.float32(self.min_log_ratio), np.float32(-np.inf)))


class Tile(NamedTuple):
    """Some columns of a block of lefts.

    Attributes:
        products: log ratios minus ``offset``, ``(left, right)``.
        offset: number to add to each column.
        first: column number of the tile's first column.
    """

    products: Tensor
    offset: Tensor
    first: int


class Searcher:
    """Finds hits among blocks of lefts; ``searcher`` makes one.

    Attributes:
        matrix: the pairs to search.
        query: which pairs are hits.
        largest_error: largest difference between the bfloat16 and the float32 log ratio of a hit,
            in nats. Hits found in bfloat16 are scored again in float32.
    """

    def __init__(
        self, matrix: ScoreMatrix, query: Query, pool: ThreadPoolExecutor | None, *, on_device: bool
    ) -> None:
        self.matrix = matrix
        self.query = query
        self.largest_error = 0.0
        self._pool = pool
        self._on_device = on_device

    def search(self, lefts: range) -> Iterator[tuple[int, Hits]]:
        """Yield the number of lefts and the hits of each block of lefts."""
        step = DEVICE_LEFTS if self._on_device else TILE_LEFTS
        starts = range(lefts.start, lefts.stop, step)
        blocks = [slice(start, min(start + step, lefts.stop)) for start in starts]
        results = map if self._pool is None else self._pool.map
        for block, hits in zip(blocks, results(self._find, blocks), strict=True):
            yield block.stop - block.start, self._exact(hits) if self.matrix.bfloat16 else hits

    def best(self, lefts: range, advance: Callable[[int], None] | None = None) -> Hits:
        """All hits of these lefts, highest first; ``advance`` gets the size of each block."""
        found = [NO_HITS]
        for n_lefts, hits in self.search(lefts):
            found.append(hits)
            if advance is not None:
                advance(n_lefts)
        return highest_first(np.concatenate(found))

    @torch.inference_mode()
    def _find(self, lefts: slice) -> Hits:
        if self._on_device:
            find = _best_on_device if self.query.top_k else _all_on_device
            return find(self._tiles(lefts, DEVICE_RIGHTS), lefts, self.query)
        find = _best_on_cpu if self.query.top_k else _all_on_cpu
        return find(self._tiles(lefts, TILE_RIGHTS), lefts, self.query)

    def _tiles(self, lefts: slice, step: int) -> Iterator[Tile]:
        n_right = len(self.matrix.right)
        first = lefts.start // step * step if self.query.upper_triangle else 0
        for start in range(first, n_right, step):
            rights = slice(start, min(start + step, n_right))
            tile = self.matrix.tile(lefts, rights)
            if self.query.upper_triangle and start < lefts.stop:
                rows = torch.arange(lefts.start, lefts.stop, device=tile.device)
                columns = torch.arange(rights.start, rights.stop, device=tile.device)
                tile = tile.masked_fill(columns[None, :] <= rows[:, None], -torch.inf)
            yield Tile(tile, self.matrix.offset[rights], start)

    def _exact(self, hits: Hits) -> Hits:
        exact = make_hits(
            hits["left"], hits["right"], self.matrix.log_ratios(hits["left"], hits["right"])
        )
        if len(hits):
            error = np.abs(exact["log_ratio"] - hits["log_ratio"]).max()
            self.largest_error = max(self.largest_error, float(error))
        return (
            exact
            if self.query.min_log_ratio is None
            else exact[exact["log_ratio"] >= np.float32(self.query.min_log_ratio)]
        )


@contextmanager
def searcher(
    matrix: ScoreMatrix, query: Query, *, threads: int | None = None
) -> Iterator[Searcher]:
    """Make a searcher; its threads end with the ``with`` block.

    Args:
        matrix: the pairs to search.
        query: which pairs are hits.
        threads: number of threads on a CPU; PyTorch's number if not given.
    """
    if query.top_k is not None:
        query = replace(query, top_k=max(1, min(query.top_k, len(matrix.right))))
    device = matrix.left.device
    if device.type == "cuda":
        torch.cuda.synchronize(device)  # otherwise other streams would not wait for projections
        with ThreadPoolExecutor(
            N_STREAMS, "search", initializer=_use_own_stream, initargs=(device,)
        ) as pool:
            yield Searcher(matrix, query, pool, on_device=True)
        return
    if device.type != "cpu":
        yield Searcher(matrix, query, None, on_device=True)
        return
    torch_threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(
            threads or torch_threads, "search", initializer=torch.set_num_threads, initargs=(1,)
        ) as pool:
            yield Searcher(matrix, query, pool, on_device=False)
    finally:
        torch.set_num_threads(torch_threads)


def _use_own_stream(device: torch.device) -> None:
    torch.cuda.set_stream(torch.cuda.Stream(device))


def _best_on_cpu(tiles: Iterable[Tile], lefts: slice, query: Query) -> Hits:
    assert query.top_k is not None
    shape = lefts.stop - lefts.start, query.top_k
    values = np.full(shape, query.threshold, dtype=np.float32)
    columns = np.full(shape, NO_COLUMN, dtype=np.int32)
    for tile in tiles:
        keep_best(tile.products.numpy(), tile.offset.numpy(), tile.first, values, columns)
    by_column = np.argsort(columns, axis=1)
    values, columns = (np.take_along_axis(each, by_column, axis=1) for each in (values, columns))
    found = columns != NO_COLUMN
    return make_hits(np.nonzero(found)[0] + lefts.start, columns[found], values[found])


def _all_on_cpu(tiles: Iterable[Tile], lefts: slice, query: Query) -> Hits:
    found = [NO_HITS]
    for tile in tiles:
        rows, columns, values = entries_above(
            tile.products.numpy(), tile.offset.numpy(), query.threshold
        )
        found.append(make_hits(rows + lefts.start, columns + tile.first, values))
    return np.concatenate(found)


def _best_on_device(tiles: Iterable[Tile], lefts: slice, query: Query) -> Hits:
    assert query.top_k is not None
    values, columns = [], []
    for tile in tiles:
        log_ratios = tile.products + tile.offset
        best = log_ratios.topk(min(query.top_k, log_ratios.shape[1]), dim=1)
        values.append(best.values)
        columns.append(best.indices + tile.first)
        if len(values) > 1:
            together = torch.cat(values, dim=1)
            best = together.topk(min(query.top_k, together.shape[1]), dim=1)
            values, columns = [best.values], [torch.cat(columns, dim=1).gather(1, best.indices)]
    row, column = (values[0] > query.threshold).nonzero(as_tuple=True)
    found = (row + lefts.start, columns[0][row, column], values[0][row, column])
    return make_hits(*(each.cpu().numpy() for each in found))


def _all_on_device(tiles: Iterable[Tile], lefts: slice, query: Query) -> Hits:
    found = [NO_HITS]
    for tile in tiles:
        log_ratios = tile.products + tile.offset
        row, column = (log_ratios > query.threshold).nonzero(as_tuple=True)
        each = (row + lefts.start, column + tile.first, log_ratios[row, column])
        found.append(make_hits(*(part.cpu().numpy() for part in each)))
    return np.concatenate(found)
