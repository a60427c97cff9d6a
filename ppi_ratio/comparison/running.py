"""Runs -> scores of each run, computed in several processes; stored runs are not repeated."""

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

_folds: Mapping[int, Fold] = {}  # in a worker process, the folds by number


class RunStore(Protocol):
    """Holds the scores of finished runs, and the checkpoints of unfinished runs."""

    def __contains__(self, key: object) -> bool: ...

    def read(self, key: str) -> RunScores: ...

    def add(self, key: str, result: RunResult) -> None:
        """Store a finished run, and drop its checkpoints."""
        ...

    def checkpoints(self, key: str) -> CheckpointsOf | None:
        """Where the training of a run saves its state; must be picklable, for worker processes."""
        ...


class MemoryStore:
    """A store in memory, which is lost when the process ends."""

    def __init__(self) -> None:
        self._scores: dict[str, RunScores] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._scores

    def read(self, key: str) -> RunScores:
        return self._scores[key]

    def add(self, key: str, result: RunResult) -> None:
        self._scores[key] = result.scores

    def checkpoints(self, key: str) -> None:
        """None, because a store in memory cannot resume a training."""


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

    The processes share the cores equally. Call the function again after an interruption: it reads
    finished runs from ``store``, and resumes an unfinished training from its last epoch.
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
    """Compute each run, and yield its result as soon as it is finished."""
    if workers < 2:
        for run in runs:
            yield run, run.compute(folds[run.fold], store.checkpoints(run.key))
        return
    threads = max(1, (os.cpu_count() or 1) // workers)
    # ``Split.dropped`` is a read-only view, which cannot be pickled
    picklable = {
        number: replace(fold, split=replace(fold.split, dropped={}))
        for number, fold in folds.items()
    }
    context = _context()
    worker_end, parent_end = context.Pipe(duplex=False)
    with ProcessPoolExecutor(
        workers, context, initializer=_prepare_worker, initargs=(picklable, threads, worker_end)
    ) as pool:
        futures = {
            pool.submit(_run_in_worker, run, store.checkpoints(run.key)): run for run in runs
        }
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            parent_end.close()  # ends the workers; without this they would finish all queued runs
            raise
    parent_end.close()


def _context() -> BaseContext:
    """How to start workers: by a fork server that imports this package once, where possible."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


class _Receiver(Protocol):
    """The reading end of a pipe; its class depends on the platform."""

    def recv(self) -> object: ...


def _prepare_worker(folds: Mapping[int, Fold], threads: int, from_parent: _Receiver) -> None:
    global _folds
    _folds = folds
    torch.set_num_threads(threads)
    threading.Thread(target=_exit_with_parent, args=(from_parent,), daemon=True).start()


def _exit_with_parent(from_parent: _Receiver) -> None:
    """End this process when the parent closes its end of the pipe, or is killed."""
    with contextlib.suppress(EOFError, OSError):
        from_parent.recv()
    os._exit(1)


def _run_in_worker(run: Run, checkpoints: CheckpointsOf | None) -> RunResult:
    return run.compute(_folds[run.fold], checkpoints)
