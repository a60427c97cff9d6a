"""Words of a command line -> a process that runs it at once, forked from one that has imported all.

What runs is ``ppi_ratio.cli.app.main`` with these words as its arguments, in a process group of its
own. An audit hook in it notes what it changes on disk, and may be told to kill the group just
before one of these changes, or a moment after.
"""

import importlib
import json
import os
import signal
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

PRELOADED = (
    "Bio.SeqIO",
    "matplotlib.backends.backend_agg",
    "ppi_ratio.cli.app",
    "ppi_ratio.runtime.kernels.compiled",
    "ppi_ratio.settings.experiment",
    "ppi_ratio.embeddings.esm",
    "ppi_ratio.model.vectors",
    "ppi_ratio.report.console",
    "ppi_ratio.cli.training",
    "ppi_ratio.runs.comparing",
    "ppi_ratio.runs.embedding",
    "ppi_ratio.runs.screening",
    "ppi_ratio.cli.evaluating",
    "ppi_ratio.cli.information",
    "ppi_ratio.cli.screening",
    "ppi_ratio.io.text_files",
    "pyarrow.pandas_compat",
)
READY = "ready"
# which argument is the open folder that a name is relative to
FOLDER_AT = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 2, "os.rename": 3}


def serve() -> None:
    """Run one command after the other as standard input asks for, until it ends.

    A line of input is a JSON object: the ``words``, the ``target`` folder, a ``log`` for its
    output, a ``temporary`` folder, a ``notes`` file of changes or null, and a ``trigger`` or null:
    the ``change``, which ``occurrence`` of it, and a ``delay`` in seconds. It is answered by the
    id of the process, then by its exit code.
    """
    for name in PRELOADED:
        importlib.import_module(name)
    print(READY, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        process = os.fork()
        if process == 0:
            os.setpgid(0, 0)
            _run(request)
        os.setpgid(process, process)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(request: dict[str, Any]) -> NoReturn:
    for path, flags, number in (
        (os.devnull, os.O_RDONLY, 0),
        (request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 1),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.dup2(1, 2)
    os.environ["TMPDIR"] = request["temporary"]
    tempfile.tempdir = None  # chosen anew
    watch = Changes(Path(request["target"]), request["trigger"], request["notes"])
    sys.addaudithook(watch.see)
    sys.argv = ["ppi-ratio", *request["words"]]
    importlib.import_module("ppi_ratio.cli.app").main()
    sys.exit(0)


class Changes:
    """Sees files below a folder opened for writing, renamed and removed, just before they are."""

    def __init__(self, target: Path, trigger: dict[str, Any] | None, notes: str | None) -> None:
        self._target = os.path.realpath(target) + os.sep
        self._trigger = trigger
        self._notes = os.open(notes, os.O_WRONLY | os.O_CREAT, 0o644) if notes else None
        self._seen: Counter[str] = Counter()

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook."""
        path = _changed(event, arguments)
        if path is None or not path.startswith(self._target):
            return
        change = f"{event} {path.removeprefix(self._target)}"
        if self._notes is not None:
            os.write(self._notes, f"{change}\n".encode())
        self._seen[change] += 1
        trigger = self._trigger
        if trigger and trigger["change"] == change and self._seen[change] == trigger["occurrence"]:
            if trigger["delay"]:
                threading.Timer(trigger["delay"], _kill_own_group).start()
            else:
                _kill_own_group()


def _changed(event: str, arguments: tuple[Any, ...]) -> str | None:
    """The path that an audited call is about to change."""
    if event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        return os.path.realpath(os.fsdecode(path)) if writes and not _is_open(path) else None
    if event not in FOLDER_AT:
        return None
    path, folder = arguments[1 if event == "os.rename" else 0], arguments[FOLDER_AT[event]]
    if _is_open(path):
        return None
    path = Path(os.fsdecode(path))
    if folder not in (-1, None):  # shutil.rmtree names what it removes within an open folder
        path = Path(f"/proc/self/fd/{folder}").readlink() / path
    return str(Path(os.path.realpath(path.parent)) / path.name)


def _is_open(path: object) -> bool:
    """It is the number of an open file, not a name."""
    return isinstance(path, int)


def _kill_own_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)
