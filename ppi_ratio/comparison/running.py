"""Runs -> the scores of each run, in several processes; runs in a store are not repeated."""

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

from ppi_ratio.comparison.fold_runs import Fold, Run, RunResult, RunScores
from ppi_ratio.model.fitting import CheckpointsOf
from ppi_ratio.runtime.progress import rate_bar

_folds: Mapping[int, Fold] = {}


class RunStore(Protocol):
    """Where the scores of finished runs are kept, and the state of trainings under way."""

    def __contains__(self, key: object) -> bool: ...

    def read(self, key: str) -> RunScores: ...

    def add(self, key: str, result: RunResult) -> None:
        """Keep a finished run; its checkpoints are not needed any more."""
        ...

    def checkpoints(self, key: str) -> CheckpointsOf | None:
        """For the training of a run; sent to the process that trains."""
        ...


class MemoryStore:
    """A store that ends with the process."""

    def __init__(self) -> None:
        self._scores: dict[str, RunScores] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._scores

    def read(self, key: str) -> RunScores:
        return self._scores[key]

    def add(self, key: str, result: RunResult) -> None:
        self._scores[key] = result.scores

    def checkpoints(self, key: str) -> None:
        """None: what is not finished is lost."""


def compute_runs(
    runs: Sequence[Run],
    folds: Sequence[Fold],
    store: RunStore,
    *,
    workers: int,
    progress: bool = True,
    title: str = "runs",
) -> dict[str, RunScores]:
    """Compute the runs that ``store`` lacks; return the scores of all runs by key.

    Every process has its share of the cores. An interrupted call is resumed by the next one:
    finished runs are read, and trainings resume from their last epoch.
    """
    numbered = {fold.number: fold for fold in folds}
    distinct = list({run.key: run for run in runs}.values())
    missing = [run for run in distinct if run.key not in store]
    n_done = len(distinct) - len(missing)
    with rate_bar(title, total=len(distinct), done=n_done, shown=progress) as advance:
        done = _finished(missing, numbered, store, min(workers, len(missing)))
        with contextlib.closing(done):
            for run, result in done:
                store.add(run.key, result)
                advance(1, title=f"{title}: {run.scorer}")
    return {run.key: store.read(run.key) for run in distinct}


def _finished(
    runs: Sequence[Run], folds: Mapping[int, Fold], store: RunStore, workers: int
) -> Generator[tuple[Run, RunResult]]:
    """Compute each run, and yield its result when it is done."""
    if workers < 2:
        for run in runs:
            yield run, run.compute(folds[run.fold], store.checkpoints(run.key))
        return
    threads = max(1, (os.cpu_count() or 1) // workers)
    # counts of what was dropped are a read-only view, which cannot be sent
    sent = {
        number: replace(fold, split=replace(fold.split, dropped={}))
        for number, fold in folds.items()
    }
    context = _context()
    lifeline, held = context.Pipe(duplex=False)
    with ProcessPoolExecutor(
        workers, context, initializer=_prepare, initargs=(sent, threads, lifeline)
    ) as pool:
        futures = {
            pool.submit(_run_in_worker, run, store.checkpoints(run.key)): run for run in runs
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


def _prepare(folds: Mapping[int, Fold], threads: int, lifeline: _Lifeline) -> None:
    global _folds
    _folds = folds
    torch.set_num_threads(threads)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: _Lifeline) -> None:
    """End at once when the other end is closed: by a parent that stops, or that was killed."""
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)


def _run_in_worker(run: Run, checkpoints: CheckpointsOf | None) -> RunResult:
    return run.compute(_folds[run.fold], checkpoints)
