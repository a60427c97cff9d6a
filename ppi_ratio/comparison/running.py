"""Cells -> the scores of each, in several processes; what a store holds is not made again."""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing.context import BaseContext
from typing import Protocol

import torch

from ppi_ratio.comparison.cells import Cell, CellResult, CellScores, Trial
from ppi_ratio.model.fitting import CheckpointsOf
from ppi_ratio.runtime.progress import rate_bar

_trials: Mapping[int, Trial] = {}


class CellStore(Protocol):
    """Where the scores of finished cells are kept, and the state of trainings under way."""

    def __contains__(self, key: object) -> bool: ...

    def read(self, key: str) -> CellScores: ...

    def add(self, key: str, result: CellResult) -> None:
        """Keep a finished cell; its checkpoints are not needed any more."""
        ...

    def checkpoints(self, key: str) -> CheckpointsOf | None:
        """For the training of a cell; sent to the process that trains."""
        ...


class MemoryStore:
    """A store that ends with the process."""

    def __init__(self) -> None:
        self._scores: dict[str, CellScores] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._scores

    def read(self, key: str) -> CellScores:
        return self._scores[key]

    def add(self, key: str, result: CellResult) -> None:
        self._scores[key] = result.scores

    def checkpoints(self, key: str) -> None:
        """None: what is not finished is lost."""


def run_cells(
    cells: Sequence[Cell],
    trials: Sequence[Trial],
    store: CellStore,
    *,
    workers: int,
    progress: bool = True,
    title: str = "runs",
) -> dict[str, CellScores]:
    """Run what ``store`` lacks; the scores of all cells by key.

    Every process has its share of the cores. An interrupted call is resumed by the next one:
    finished cells are read, and trainings resume from their last epoch.
    """
    numbered = {trial.number: trial for trial in trials}
    distinct = list({cell.key: cell for cell in cells}.values())
    missing = [cell for cell in distinct if cell.key not in store]
    n_done = len(distinct) - len(missing)
    with rate_bar(title, total=len(distinct), done=n_done, shown=progress) as advance:
        done = _finished(missing, numbered, store, min(workers, len(missing)))
        with contextlib.closing(done):
            for cell, result in done:
                store.add(cell.key, result)
                advance(1, title=f"{title}: {cell.scorer}")
    return {cell.key: store.read(cell.key) for cell in distinct}


def _finished(
    cells: Sequence[Cell], trials: Mapping[int, Trial], store: CellStore, workers: int
) -> Generator[tuple[Cell, CellResult]]:
    """Run each cell, and yield its result when it is done."""
    if workers < 2:
        for cell in cells:
            yield cell, cell.run(trials[cell.trial], store.checkpoints(cell.key))
        return
    threads = max(1, (os.cpu_count() or 1) // workers)
    # counts of what was dropped are a read-only view, which cannot be sent
    sent = {
        number: replace(trial, split=replace(trial.split, dropped={}))
        for number, trial in trials.items()
    }
    context = _context()
    lifeline, held = context.Pipe(duplex=False)
    with ProcessPoolExecutor(
        workers, context, initializer=_prepare, initargs=(sent, threads, lifeline)
    ) as pool:
        futures = {
            pool.submit(_run_in_worker, cell, store.checkpoints(cell.key)): cell for cell in cells
        }
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            held.close()  # a pool alone would work through its queue before it ends
            raise
    held.close()


def _context() -> BaseContext:
    """Where it can be had, a server that imports this package once and forks for each worker."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


class _Lifeline(Protocol):
    """The end of a pipe that a worker has; what the other end is depends on the platform."""

    def recv(self) -> object: ...


def _prepare(trials: Mapping[int, Trial], threads: int, lifeline: _Lifeline) -> None:
    global _trials
    _trials = trials
    torch.set_num_threads(threads)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: _Lifeline) -> None:
    """End at once when the other end is closed: by a parent that stops, or that was killed."""
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)


def _run_in_worker(cell: Cell, checkpoints: CheckpointsOf | None) -> CellResult:
    return cell.run(_trials[cell.trial], checkpoints)
