"""Cells -> one file of scores each, in several processes; what is there is not made again."""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Protocol

import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ppi_ratio.comparison.cells import Cell, CellScores, Trial
from ppi_ratio.io.atomic import remove
from ppi_ratio.io.lock import share_lock

SUFFIX = ".npz"

_trials: Mapping[int, Trial] = {}


def run_cells(
    cells: Sequence[Cell],
    trials: Sequence[Trial],
    folder: Path,
    *,
    workers: int,
    title: str = "cells",
) -> dict[str, CellScores]:
    """Run what ``folder`` does not hold yet; the scores of all cells by key.

    Every process has its share of the cores. A killed run goes on with the same call: finished
    cells are read, unfinished ones go on from their last epoch.
    """
    numbered = {trial.number: trial for trial in trials}
    distinct = list({cell.key: cell for cell in cells}.values())
    missing = [cell for cell in distinct if not _path(folder, cell).exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for cell in distinct:
        if cell not in missing:
            _tidy(cell, folder)  # killed before it was
    with _progress() as bar:
        task = bar.add_task(title, total=len(distinct), completed=len(distinct) - len(missing))
        done = _finished(missing, numbered, folder, min(workers, len(missing)))
        with contextlib.closing(done):
            for cell in done:
                bar.update(task, advance=1, description=f"{title}: {cell.scorer}")
        bar.update(task, description=title)
    return {cell.key: CellScores.read(_path(folder, cell)) for cell in distinct}


def _finished(
    cells: Sequence[Cell], trials: Mapping[int, Trial], folder: Path, workers: int
) -> Generator[Cell]:
    """Run each cell, and yield it when it is done."""
    if workers < 2:
        for cell in cells:
            _run(cell, trials[cell.trial], folder)
            yield cell
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
        workers, context, initializer=_prepare, initargs=(sent, threads, folder, lifeline)
    ) as pool:
        futures = {pool.submit(_run_in_worker, cell, folder): cell for cell in cells}
        try:
            for future in as_completed(futures):
                future.result()
                yield futures[future]
        except BaseException:
            held.close()  # a pool alone would work through what is queued before it ends
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


def _prepare(trials: Mapping[int, Trial], threads: int, folder: Path, lifeline: _Lifeline) -> None:
    global _trials
    _trials = trials
    torch.set_num_threads(threads)
    share_lock(folder)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: _Lifeline) -> None:
    """End at once when the other end is closed: by a parent that stops, or that was killed.

    What is unfinished goes on from its last epoch.
    """
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)


def _run_in_worker(cell: Cell, folder: Path) -> None:
    _run(cell, _trials[cell.trial], folder)


def _run(cell: Cell, trial: Trial, folder: Path) -> None:
    cell.run(trial, folder / cell.key).write(_path(folder, cell))
    _tidy(cell, folder)


def _tidy(cell: Cell, folder: Path) -> None:
    if not cell.keep_model:
        remove(folder / cell.key)


def _path(folder: Path, cell: Cell) -> Path:
    return folder / (cell.key + SUFFIX)


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield bar
