"""``Job``: the unfinished work of one target, and what makes two calls the same job.

A job owns the folder ``<target>.unfinished``:

| in it | what |
|---|---|
| ``job.json`` | the identity: every setting and content hash that the result depends on |
| ``steps/`` | one file or folder for each finished step, put there by a rename |
| ``checkpoints/`` | the state of a step under way, replaced by a rename |
| ``result`` | the target while it is written |

Each of these files is complete at any moment. ``publishing`` renames the result to the target and
removes the rest. A target that is a folder keeps ``job.json``, so a later call knows what made it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ppi_ratio.errors import InputError, InUseError, OutputError, ProvenanceError
from ppi_ratio.io.atomic import (
    check_no_link,
    naming_full_disk,
    put_folder_in_place,
    remove,
    replacing,
    restore_folder,
)
from ppi_ratio.io.lock import lock_file, locked, make_parent

UNFINISHED = ".unfinished"
JOB_FILE, STEPS, CHECKPOINTS, RESULT = "job.json", "steps", "checkpoints", "result"
REMOVED = "removed"  # the steps of a finished job, on their way out
FORMAT, VERSION = "ppi_ratio.job", 1
LONGEST_SHOWN = 60  # characters of a differing value in a message

Identity = Mapping[str, object]


class Job:
    """Long work on one target: a lock, finished steps, checkpoints, and one rename at the end.

    The processes of a distributed job share it. Only the leading process locks and writes. Every
    process may ask whether the job is finished.

    Args:
        target: the file or folder that the job makes.
        identity: settings and content hashes as JSON values. Two calls with equal
            identities are the same job.
        leads: whether this process may write.
    """

    def __init__(self, target: Path, identity: Identity, *, leads: bool = True) -> None:
        self.target = target
        self.identity = json.loads(json.dumps(identity, default=str))
        self.leads = leads
        self.folder = target.with_name(target.name + UNFINISHED)

    def is_finished(self) -> bool:
        """Whether the target folder is there already, made by this job.

        Unfinished work that a kill left just after the publication is removed.

        Raises:
            ProvenanceError: if another job made the folder; names the key that differs.
            InputError: if no job made it.
        """
        if not self.target.exists() or _is_empty_folder(self.target):
            return False
        made_by = _read_identity(self.target / JOB_FILE)
        if made_by is None:
            raise InputError(
                f"{self.target}: exists, and no job of this release made it; choose another name, "
                "or move it away"
            )
        self._check_same(made_by, f"{self.target}: holds the result of", "choose another name")
        if self.leads and (self.folder.exists() or lock_file(self.target).exists()):
            with suppress(InUseError, OutputError), self.open():
                self.forget()
        return True

    @contextmanager
    def open(self) -> Iterator["Job"]:
        """Lock the target and resume the unfinished work of this job, if there is any.

        Raises:
            InUseError: if another process works on the target.
            ProvenanceError: if the unfinished work is another job's; names the key that differs.
            InputError: if the folder of unfinished work is a link.
            OutputError: if the target cannot be written, or the disk is full.
        """
        if not self.leads:
            yield self
            return
        with locked(self.target, work=self.folder), naming_full_disk(self.target):
            restore_folder(self.target)
            self._check_unfinished()
            yield self

    def __contains__(self, step: str) -> bool:
        return self._step(step).exists()

    @property
    def steps(self) -> list[Path]:
        """The files of all finished steps, sorted by name."""
        return sorted(path for path in (self.folder / STEPS).glob("*") if _is_whole(path))

    def read(self, step: str) -> Path:
        """The file of a finished step."""
        return self._step(step)

    @contextmanager
    def add(self, step: str) -> Iterator[Path]:
        """Yield a temporary path to write a step to.

        The step is finished when the block ends without an error.
        """
        self._begin()
        with replacing(self._step(step)) as partial:
            yield partial

    def folder_of(self, step: str) -> Path:
        """The path of a step that is a folder; the caller must put the folder there by a rename."""
        self._begin()
        return self._step(step)

    def checkpoint(self, name: str) -> Path:
        """The path of a checkpoint: the state of an unfinished step. The file may not exist."""
        return self.folder / CHECKPOINTS / name

    @contextmanager
    def save_checkpoint(self, name: str) -> Iterator[Path]:
        """Yield a temporary path to write the state to; a rename then replaces the old state."""
        self._begin()
        with replacing(self.checkpoint(name)) as partial:
            yield partial

    def scratch(self, name: str) -> Path:
        """The path of a temporary file, which no later call reads."""
        self._begin()
        return self.folder / name

    @contextmanager
    def publishing(self, shard_of: Identity | None = None) -> Iterator[Path]:
        """Yield a path to write the target to, a file or a folder.

        When the block ends without an error, a rename puts the result in the place of the target.
        Then the unfinished work is removed.

        Args:
            shard_of: identity of the whole job, if the target is the file of one of its shards. It
                is kept beside the file, for ``check_shards``.
        """
        self._begin()
        result = self.folder / (RESULT + self.target.suffix)
        remove(result)  # a killed process may have left a part of it
        yield result
        if result.is_dir():
            _write_identity(result / JOB_FILE, self.identity)
            put_folder_in_place(result, self.target)
        else:
            if shard_of is not None:
                _write_identity(record_of(self.target), shard_of)
            result.replace(self.target)
        self.forget()

    def forget(self) -> None:
        """Remove the unfinished work.

        One rename takes all steps away: a kill must not leave some of them, because a step may
        rely on another. ``job.json`` is removed last: after a kill, the folder still says whose
        work it holds.
        """
        if not self.folder.exists():
            return
        steps, removed = self.folder / STEPS, self.folder / REMOVED
        remove(removed)
        if steps.exists():
            steps.replace(removed)
        for path in self.folder.iterdir():
            if path.name != JOB_FILE:
                remove(path)
        remove(self.folder)

    def _step(self, step: str) -> Path:
        return self.folder / STEPS / step

    def _begin(self) -> None:
        """Write ``job.json`` first, so that the folder always says whose work it holds."""
        if self.leads and not (self.folder / JOB_FILE).exists():
            _write_identity(self.folder / JOB_FILE, self.identity)

    def _check_unfinished(self) -> None:
        check_no_link(self.folder)
        if self.folder.is_dir() and not any(_is_whole(path) for path in self.folder.iterdir()):
            remove(self.folder)  # killed before the identity was written
        if not self.folder.exists():
            return
        begun = _read_identity(self.folder / JOB_FILE)
        if begun is None:
            raise ProvenanceError(
                f"{self.folder}: holds unfinished work that this release cannot resume; finish it "
                "with the release that began it, or delete the folder"
            )
        self._check_same(
            begun,
            f"{self.folder}: holds the unfinished work of",
            "finish that job with its own settings",
        )

    def _check_same(self, made_by: Identity, what: str, remedy: str) -> None:
        difference = first_difference(made_by, self.identity)
        if difference:
            raise ProvenanceError(
                f"{what} another job ({difference}); {remedy}, or delete the folder"
            )


def record_of(shard: Path) -> Path:
    """The file that says which job the file of a shard belongs to."""
    return shard.with_name(f"{shard.name}.{JOB_FILE}")


def check_shards(shards: Sequence[Path]) -> list[Path]:
    """Refuse shards of different jobs.

    Returns:
        The files that say which job each shard belongs to; none if an earlier release made them.

    Raises:
        ProvenanceError: if the jobs differ; names the key that differs.
        InputError: if a shard does not say which job it belongs to, and others do.
    """
    records = [record_of(shard) for shard in shards]
    identities = [_read_identity(record) for record in records]
    if not any(identities):
        return []
    for shard, record, identity in zip(shards, records, identities, strict=True):
        if identity is None:
            raise InputError(f"{record}: is missing or damaged; make {shard} again")
        if difference := first_difference(identities[0], identity):
            raise ProvenanceError(
                f"{shard}: is a shard of another job than {shards[0]} ({difference}); make one of "
                "them again, with the settings and inputs of the other"
            )
    return records


def _write_identity(path: Path, identity: Identity) -> None:
    content = {"format": FORMAT, "version": VERSION, "identity": identity}
    make_parent(path)
    with replacing(path) as partial:
        partial.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")


def first_difference(before: object, now: object, key: str = "") -> str:
    """The first key whose values differ, in the order of ``now``, with both values; else ""."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in (*now, *sorted(before.keys() - now.keys())):
            place = f"{key}.{name}" if key else name
            found = first_difference(before.get(name), now.get(name), place)
            if found:
                return found
        return ""
    return "" if before == now else f"{key} was {_shown(before)}, now {_shown(now)}"


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


def _read_identity(path: Path) -> dict[str, object] | None:
    """The identity in ``job.json``; None if the file is missing or damaged."""
    with suppress(OSError, ValueError, RecursionError):
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and content.get("format") == FORMAT:
            identity = content.get("identity")
            return identity if isinstance(identity, dict) else None
    return None


def _is_whole(path: Path) -> bool:
    """Whether a file is complete, and not a lock."""
    return not path.name.endswith(".partial") and not path.name.endswith(".lock")


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
