"""Reads vectors in a process of its own: damaged HDF5 may make its library loop or crash."""

import multiprocessing
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from damage import assert_read_or_refused

from ppi_ratio.embeddings import Embeddings

READ, REFUSED, HUNG, CRASHED = "read", "refused", "hung", "crashed"
PATIENCE = 20.0  # seconds for a file of some kilobytes
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["small_world", "reading_process"])


def answer_paths(requests: Connection) -> None:
    """Read what is named until there is nobody to name it."""
    while True:
        try:
            path = Path(requests.recv())
        except EOFError:
            return
        requests.send(outcome(path))


def outcome(path: Path) -> str:
    """``READ``, ``REFUSED``, or the traceback of what should not have been raised."""
    try:
        return READ if assert_read_or_refused(lambda: look_into(path), path.name) else REFUSED
    except Exception:
        return traceback.format_exc()


def look_into(path: Path) -> None:
    """What any use of a file of vectors comes to."""
    vectors = Embeddings.read(path)
    vectors.matrix()


class ReadingProcess:
    """Answers for one file after another; started anew when one was too much for it."""

    def __init__(self) -> None:
        self._start()

    def read(self, path: Path) -> str:
        self._here.send(str(path))
        if not self._here.poll(PATIENCE):
            self.end()
            self._start()
            return HUNG
        try:
            return self._here.recv()
        except EOFError:
            self.end()
            self._start()
            return CRASHED

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._here.close()

    def _start(self) -> None:
        self._here, there = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=answer_paths, args=(there,), daemon=True)
        self._process.start()
        there.close()
