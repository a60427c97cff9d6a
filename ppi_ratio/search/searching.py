"""A grid of log ratios -> its highest ones, a tile at a time.

The matrix is never there as a whole. On a CPU every thread makes a tile that fits its cache and
reads it there; on another device tiles are larger, and its own selection finds the highest.
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
from ppi_ratio.search.grid import Grid
from ppi_ratio.search.hits import NO_HITS, Hits, highest_first, make_hits

TILE_LEFTS, TILE_RIGHTS = 256, 2048  # 2 MB of float32: half of a core's second-level cache
DEVICE_LEFTS, DEVICE_RIGHTS = 4096, 16384  # 256 MB
STREAMS = 2  # on a GPU: while hits of one block are copied, the next is multiplied
NO_PLACE = -1


@dataclass(frozen=True)
class Wanted:
    """What is looked for.

    Attributes:
        top_k: the best rights of each left; None for all.
        lowest: log ratio of a hit, at least, in nats; None for no bound.
        upper: only rights that come after the left: pairs without a direction, each once.
    """

    top_k: int | None = None
    lowest: float | None = None
    upper: bool = False

    def __post_init__(self) -> None:
        if self.top_k is None and self.lowest is None:
            raise ConfigError("every pair is wanted; ask for the best of each, or for a lowest one")
        if self.top_k is not None and self.top_k < 1:
            raise ConfigError(f"top_k: at least one partner of each protein, not {self.top_k}")
        if self.lowest is not None and math.isnan(self.lowest):
            raise ConfigError("the lowest log ratio is not a number")

    @property
    def below(self) -> float:
        """What every hit is above: the next float32 below ``lowest``."""
        if self.lowest is None:
            return -math.inf
        return float(np.nextafter(np.float32(self.lowest), np.float32(-np.inf)))


class Tile(NamedTuple):
    """Part of a grid.

    Attributes:
        products: log ratios less the offset of their right, ``(left, right)``.
        offset: of each right.
        first: place of the first right.
    """

    products: Tensor
    offset: Tensor
    first: int


class Searcher:
    """Finds hits among blocks of lefts; ``searcher`` makes one.

    Attributes:
        grid: the pairs to look among.
        wanted: which of them are hits.
        largest_error: of the products in bfloat16 that a hit was found by, in nats; hits are
            scored again in float32.
    """

    def __init__(
        self, grid: Grid, wanted: Wanted, pool: ThreadPoolExecutor | None, *, on_device: bool
    ) -> None:
        self.grid = grid
        self.wanted = wanted
        self.largest_error = 0.0
        self._pool = pool
        self._on_device = on_device

    def search(self, lefts: range) -> Iterator[tuple[int, Hits]]:
        """Hits of consecutive lefts, block by block, each with the size of the block."""
        step = DEVICE_LEFTS if self._on_device else TILE_LEFTS
        starts = range(lefts.start, lefts.stop, step)
        blocks = [slice(start, min(start + step, lefts.stop)) for start in starts]
        results = map if self._pool is None else self._pool.map
        for block, hits in zip(blocks, results(self._find, blocks), strict=True):
            yield block.stop - block.start, self._exact(hits) if self.grid.coarse else hits

    def best(self, lefts: range, advance: Callable[[int], None] | None = None) -> Hits:
        """All hits of these lefts, highest first; ``advance`` is told the size of each block."""
        found = [NO_HITS]
        for n_lefts, hits in self.search(lefts):
            found.append(hits)
            if advance is not None:
                advance(n_lefts)
        return highest_first(np.concatenate(found))

    @torch.inference_mode()
    def _find(self, lefts: slice) -> Hits:
        if self._on_device:
            find = _best_on_device if self.wanted.top_k else _all_on_device
            return find(self._tiles(lefts, DEVICE_RIGHTS), lefts, self.wanted)
        find = _best_on_cpu if self.wanted.top_k else _all_on_cpu
        return find(self._tiles(lefts, TILE_RIGHTS), lefts, self.wanted)

    def _tiles(self, lefts: slice, step: int) -> Iterator[Tile]:
        n_right = len(self.grid.right)
        first = lefts.start // step * step if self.wanted.upper else 0
        for start in range(first, n_right, step):
            rights = slice(start, min(start + step, n_right))
            tile = self.grid.tile(lefts, rights)
            if self.wanted.upper and start < lefts.stop:
                rows = torch.arange(lefts.start, lefts.stop, device=tile.device)
                columns = torch.arange(rights.start, rights.stop, device=tile.device)
                tile = tile.masked_fill(columns[None, :] <= rows[:, None], -torch.inf)
            yield Tile(tile, self.grid.offset[rights], start)

    def _exact(self, hits: Hits) -> Hits:
        exact = make_hits(
            hits["left"], hits["right"], self.grid.log_ratios(hits["left"], hits["right"])
        )
        if len(hits):
            error = np.abs(exact["log_ratio"] - hits["log_ratio"]).max()
            self.largest_error = max(self.largest_error, float(error))
        return (
            exact
            if self.wanted.lowest is None
            else exact[exact["log_ratio"] >= np.float32(self.wanted.lowest)]
        )


@contextmanager
def searcher(grid: Grid, wanted: Wanted, *, threads: int | None = None) -> Iterator[Searcher]:
    """Make a searcher; its threads end with the block.

    Args:
        grid: the pairs to look among.
        wanted: which of them are hits.
        threads: on a CPU; as many as PyTorch would use if not given.
    """
    if wanted.top_k is not None:
        wanted = replace(wanted, top_k=max(1, min(wanted.top_k, len(grid.right))))
    device = grid.left.device
    if device.type == "cuda":
        torch.cuda.synchronize(device)  # other streams do not wait for the projections
        with ThreadPoolExecutor(
            STREAMS, "search", initializer=_use_own_stream, initargs=(device,)
        ) as pool:
            yield Searcher(grid, wanted, pool, on_device=True)
        return
    if device.type != "cpu":
        yield Searcher(grid, wanted, None, on_device=True)
        return
    of_torch = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(
            threads or of_torch, "search", initializer=torch.set_num_threads, initargs=(1,)
        ) as pool:
            yield Searcher(grid, wanted, pool, on_device=False)
    finally:
        torch.set_num_threads(of_torch)


def _use_own_stream(device: torch.device) -> None:
    torch.cuda.set_stream(torch.cuda.Stream(device))


def _best_on_cpu(tiles: Iterable[Tile], lefts: slice, wanted: Wanted) -> Hits:
    from ppi_ratio.runtime.kernels import (
        keep_best,  # numba takes a while, and only a search needs it
    )

    assert wanted.top_k is not None
    shape = lefts.stop - lefts.start, wanted.top_k
    values = np.full(shape, wanted.below, dtype=np.float32)
    places = np.full(shape, NO_PLACE, dtype=np.int32)
    for tile in tiles:
        keep_best(tile.products.numpy(), tile.offset.numpy(), tile.first, values, places)
    row, column = np.nonzero(places != NO_PLACE)
    return make_hits(row + lefts.start, places[row, column], values[row, column])


def _all_on_cpu(tiles: Iterable[Tile], lefts: slice, wanted: Wanted) -> Hits:
    from ppi_ratio.runtime.kernels import count_above, fill_above

    found = [NO_HITS]
    for tile in tiles:
        products, offset = tile.products.numpy(), tile.offset.numpy()
        count = count_above(products, offset, wanted.below)
        rows, columns = (np.empty(count, dtype=np.int32) for _ in range(2))
        values = np.empty(count, dtype=np.float32)
        fill_above(products, offset, wanted.below, rows, columns, values)
        found.append(make_hits(rows + lefts.start, columns + tile.first, values))
    return np.concatenate(found)


def _best_on_device(tiles: Iterable[Tile], lefts: slice, wanted: Wanted) -> Hits:
    assert wanted.top_k is not None
    values, places = [], []
    for tile in tiles:
        log_ratios = tile.products + tile.offset
        best = log_ratios.topk(min(wanted.top_k, log_ratios.shape[1]), dim=1)
        values.append(best.values)
        places.append(best.indices + tile.first)
        if len(values) > 1:
            together = torch.cat(values, dim=1)
            best = together.topk(min(wanted.top_k, together.shape[1]), dim=1)
            values, places = [best.values], [torch.cat(places, dim=1).gather(1, best.indices)]
    row, column = (values[0] > wanted.below).nonzero(as_tuple=True)
    found = (row + lefts.start, places[0][row, column], values[0][row, column])
    return make_hits(*(each.cpu().numpy() for each in found))


def _all_on_device(tiles: Iterable[Tile], lefts: slice, wanted: Wanted) -> Hits:
    found = [NO_HITS]
    for tile in tiles:
        log_ratios = tile.products + tile.offset
        row, column = (log_ratios > wanted.below).nonzero(as_tuple=True)
        each = (row + lefts.start, column + tile.first, log_ratios[row, column])
        found.append(make_hits(*(part.cpu().numpy() for part in each)))
    return np.concatenate(found)
