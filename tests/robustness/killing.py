"""A command and fresh folders -> killed again and again, and what its end then lacks or leaves.

A kill comes at a moment drawn from the time that the command works undisturbed, or, to meet the
short moments in which files are renamed and removed, at one of the changes it makes on disk.
After some kills the command may end by itself; what it has made by then is compared with what it
makes undisturbed, byte by byte.
"""

import hashlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from command_server import READY

START_SECONDS = 120
FIRST_SIGN = 0.005  # between looks for the beginning of work, in seconds
LEADER_ALONE = 0.25  # share of the kills by the clock
LONGEST_DELAY = 0.005  # after a change, in seconds
ORPHAN_SECONDS = 10.0  # in which processes whose leader was killed must end
HANGS_AFTER, PATIENCE = 10.0, 60.0  # times the undisturbed command, and seconds at least
KILLED = -signal.SIGKILL
LOG = "log.txt"
EVIDENCE_CHARS = 600
UNDATED = re.compile(rb'"created": "[0-9-]+"')
NUMBERED = re.compile(r"[0-9a-f]{32}|\d+")  # what tells apart files of one kind


@dataclass(frozen=True)
class Job:
    """A command that makes something in a folder.

    Attributes:
        name: what results call it.
        words: arguments of ``ppi-ratio``, but for the target.
        out: path of what it makes, in the folder.
        begins: pattern of files in the folder; the first shows that work has begun.
    """

    name: str
    words: tuple[str, ...]
    out: str
    begins: str

    def words_for(self, folder: Path) -> list[str]:
        return [*self.words, "--out", str(folder / self.out)]


@dataclass(frozen=True)
class Moment:
    """When to kill, and whom.

    Attributes:
        seconds: after the start; where None, at a change on disk.
        change: the audited call and its path, before which or after which to kill.
        occurrence: which of several such calls, from 1.
        delay: seconds after it.
        leader_only: kill the first process only; those that it started must end by themselves.
    """

    seconds: float | None = None
    change: str = ""
    occurrence: int = 1
    delay: float = 0.0
    leader_only: bool = False

    def __str__(self) -> str:
        whom = "leader" if self.leader_only else "group"
        if self.seconds is not None:
            return f"{whom} after {self.seconds:.3f} s"
        when = f"{self.delay * 1000:.1f} ms after" if self.delay else "before"
        return f"{whom} {when} {self.change} ({self.occurrence})"

    @property
    def trigger(self) -> dict[str, object] | None:
        if self.seconds is not None:
            return None
        return {"change": self.change, "occurrence": self.occurrence, "delay": self.delay}


@dataclass(frozen=True)
class Undisturbed:
    """What a command does when nobody kills it.

    Attributes:
        content: digest of each file that it makes.
        seconds: how long it takes.
        begins: seconds until work begins.
        changes: its changes on disk, in order.
    """

    content: dict[str, str]
    seconds: float
    begins: float
    changes: tuple[str, ...]


@dataclass
class Survived:
    """What became of a command that was killed again and again.

    Attributes:
        kills: in all.
        at_changes: those of them at a change on disk.
        leaders: those of them of the first process only.
        finishes: ends by itself after kills, each compared.
        mismatches: ends with other content than undisturbed.
        failures: ends with an error, or none in the time it may take.
        debris: ends that left something beside what is made undisturbed.
        orphans: kills after which a process lived on.
        temporary_files: left in the folder that TMPDIR names by all killed processes together,
            by the first three letters of their names; those of ``pym`` are of Python's processes.
        out_of_time: the kills that were asked for did not fit into the time.
        undisturbed_seconds: of the command.
        seconds: in all.
        evidence: of whatever went wrong.
    """

    kills: int = 0
    at_changes: int = 0
    leaders: int = 0
    finishes: int = 0
    mismatches: int = 0
    failures: int = 0
    debris: int = 0
    orphans: int = 0
    temporary_files: dict[str, int] = field(default_factory=dict)
    out_of_time: bool = False
    undisturbed_seconds: float = 0.0
    seconds: float = 0.0
    evidence: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        return self.mismatches + self.failures + self.debris + self.orphans

    def count(self, moment: Moment) -> None:
        """A kill."""
        self.kills += 1
        self.at_changes += moment.seconds is None
        self.leaders += moment.leader_only

    def judge(
        self,
        code: int | None,
        made: Mapping[str, str],
        expected: Mapping[str, str],
        moments: Sequence[Moment],
        log: Path,
    ) -> None:
        """An end: its exit code and what is there, beside what is made undisturbed."""
        wrong = [name for name in expected if made.get(name) != expected[name]]
        left = [name for name in made if name not in expected]
        self.finishes += 1
        self.failures += code != 0
        self.mismatches += bool(wrong)
        self.debris += bool(left)
        if code != 0 or wrong or left:
            said = log.read_text(encoding="utf-8", errors="replace")[-EVIDENCE_CHARS:]
            self.evidence.append(
                f"exit code {code}, other or missing {wrong}, left {left} after kills of "
                f"{'; '.join(map(str, moments))}. It said: {said}"
            )


@dataclass(frozen=True)
class Running:
    """A command under way, the first process of a group of its own."""

    process: int
    server: IO[bytes]

    def wait(self, seconds: float) -> int | None:
        """Its exit code, or None if it goes on for longer."""
        ready, _, _ = select.select([self.server], [], [], max(0.0, seconds))
        return int(self.server.readline()) if ready else None

    def kill(self, *, leader_only: bool) -> None:
        with suppress(ProcessLookupError):  # it may end at that moment
            (os.kill if leader_only else os.killpg)(self.process, signal.SIGKILL)

    def orphans(self) -> list[str]:
        """Processes of its group that live on for long; they are killed."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while others := _group(self.process):
            if time.monotonic() > deadline:
                self.kill(leader_only=False)
                return others
            time.sleep(0.02)
        return []


class CommandServer:
    """A process that has imported the package and forks for each command; see its module.

    Args:
        temporary: what commands find in ``TMPDIR``.
    """

    def __init__(self, temporary: Path) -> None:
        self.temporary = temporary
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from command_server import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # what was read ahead could not be waited for
            env=os.environ
            | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        if self._line(START_SECONDS) != READY:
            self.close()
            raise RuntimeError("the server of commands does not start; its error stands above")

    def start(
        self,
        job: Job,
        folder: Path,
        beside: Path,
        *,
        moment: Moment | None = None,
        notes: Path | None = None,
    ) -> Running:
        """Start the command; its output goes to the folder ``beside``."""
        request = {
            "words": job.words_for(folder),
            "target": str(folder),
            "log": str(beside / LOG),
            "temporary": str(self.temporary),
            "notes": str(notes) if notes else None,
            "trigger": moment.trigger if moment else None,
        }
        assert self._process.stdin
        assert self._process.stdout
        while self._line(0):  # the exit code of a command that a test gave up waiting for
            pass
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        return Running(int(self._line(START_SECONDS)), self._process.stdout)

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()

    def _line(self, seconds: float) -> str:
        assert self._process.stdout
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        return self._process.stdout.readline().decode().strip() if ready else ""


class Moments:
    """Half of all kills by the clock, half at a change on disk.

    Every kind of change has its turn before one comes again. Most kinds come once in a run, at its
    end: a result renamed, what it was made of removed.
    """

    def __init__(self, undisturbed: Undisturbed, rng: np.random.Generator) -> None:
        self._undisturbed = undisturbed
        self._rng = rng
        self._counts = Counter(undisturbed.changes)
        self._kinds: dict[str, list[str]] = {}
        for change in self._counts:
            self._kinds.setdefault(_kind(change), []).append(change)
        self._turns: deque[str] = deque()

    def draw(self) -> Moment:
        rng = self._rng
        if not self._kinds or rng.random() < 0.5:
            seconds = float(rng.uniform(self._undisturbed.begins, self._undisturbed.seconds))
            return Moment(seconds, leader_only=bool(rng.random() < LEADER_ALONE))
        if not self._turns:
            self._turns.extend(map(str, rng.permutation(list(self._kinds))))
        change = str(rng.choice(self._kinds[self._turns.popleft()]))
        occurrence = int(rng.integers(1, self._counts[change], endpoint=True))
        delay = float(rng.uniform(0, LONGEST_DELAY)) if rng.random() < 0.5 else 0.0
        return Moment(None, change, occurrence, delay)

    def missed(self, moment: Moment) -> None:
        """The command ended before: its kind of change, if it was one, has its turn again."""
        if moment.seconds is None:
            self._turns.append(_kind(moment.change))


def _kind(change: str) -> str:
    return NUMBERED.sub("*", change)


def run_undisturbed(server: CommandServer, job: Job, work: Path) -> Undisturbed:
    """Run a command once in a folder of its own.

    Raises:
        RuntimeError: if it fails.
    """
    folder, beside = _fresh(work, "undisturbed")
    notes = beside / "changes.txt"
    began = time.monotonic()
    running = server.start(job, folder, beside, notes=notes)
    begins, code = 0.0, None
    while code is None:
        code = running.wait(FIRST_SIGN if not begins else START_SECONDS)
        if not begins and any(folder.glob(job.begins)):
            begins = time.monotonic() - began
    seconds = time.monotonic() - began
    if code:
        raise RuntimeError(f"{job.name}: {(beside / 'log.txt').read_text()}")
    return Undisturbed(content(folder), seconds, begins, tuple(notes.read_text().splitlines()))


def soak(
    server: CommandServer,
    job: Job,
    undisturbed: Undisturbed,
    work: Path,
    *,
    kills: int,
    kills_per_finish: int,
    rng: np.random.Generator,
    until: float = float("inf"),
    progress: Callable[[int], object] = lambda _: None,
) -> Survived:
    """Kill a command until it has survived ``kills``, or until the monotonic clock says ``until``.

    It is let alone after every ``kills_per_finish`` kills of one target, and often ends by itself
    before; the next kills are of a fresh target.
    """
    began = time.monotonic()
    drawn = Moments(undisturbed, rng)
    found = Survived(undisturbed_seconds=undisturbed.seconds)
    while found.kills < kills and time.monotonic() < until:
        folder, beside = _fresh(work, "killed")
        wanted = min(kills_per_finish, kills - found.kills)
        moments: list[Moment] = []
        code: int | None = KILLED
        while code == KILLED:
            more = len(moments) < wanted and time.monotonic() < until
            moment = drawn.draw() if more else None
            running = server.start(job, folder, beside, moment=moment)
            code = _exit_code(running, moment, undisturbed.seconds)
            if orphans := running.orphans():
                found.orphans += 1
                found.evidence.append(f"{moment or 'its end'}: {orphans} lived on")
            if code == KILLED and moment:
                moments.append(moment)
                found.count(moment)
                progress(found.kills)
            elif moment:
                drawn.missed(moment)
        found.judge(code, content(folder), undisturbed.content, moments, beside / LOG)
        shutil.rmtree(folder)
        shutil.rmtree(beside)
    found.temporary_files = _emptied(server.temporary)
    found.out_of_time = found.kills < kills
    found.seconds = time.monotonic() - began
    return found


def content(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below, and ``folder`` for each folder; dates of the day left out."""
    return {
        str(path.relative_to(folder)): "folder" if path.is_dir() else _digest(path)
        for path in sorted(folder.rglob("*"))
    }


def _digest(path: Path) -> str:
    written = path.read_bytes()
    return hashlib.sha256(UNDATED.sub(b"", written)).hexdigest()


def _exit_code(running: Running, moment: Moment | None, undisturbed_seconds: float) -> int | None:
    """Of a command that is killed at the moment, if there is one; None if it would not end."""
    patience = max(HANGS_AFTER * undisturbed_seconds, PATIENCE)
    if moment is None or moment.seconds is None:
        code = running.wait(patience)
        if code is None:
            running.kill(leader_only=False)
            running.wait(START_SECONDS)
        return code
    code = running.wait(moment.seconds)
    if code is None:
        running.kill(leader_only=moment.leader_only)
        code = running.wait(START_SECONDS)
    return code


def _fresh(work: Path, name: str) -> tuple[Path, Path]:
    """A folder to write into, and one beside it for what else there is."""
    folder, beside = work / name, work / f"{name} beside"
    folder.mkdir(parents=True)
    beside.mkdir()
    return folder, beside


def _emptied(folder: Path) -> dict[str, int]:
    """Remove all in a folder; how many of each kind, by the first letters of its name."""
    kinds: Counter[str] = Counter()
    for path in folder.iterdir():
        kinds[path.name[:3]] += 1
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return dict(kinds)


def _group(leader: int) -> list[str]:
    """The living processes of a group, as ``ps`` shows them."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return []
    shown = subprocess.run(
        ["ps", "-A", "-o", "pgid=,pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    fields = [line.split(maxsplit=3) for line in shown.stdout.splitlines()]
    return [" ".join(rest) for group, *rest in fields if int(group) == leader and rest[1][0] != "Z"]
