"""One job on several machines: the share of this process, and where its results are written."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ppi_ratio.errors import ConfigError, InputError

# environment variables that torchrun, and srun of SLURM, set for each process
LAUNCHERS = (("RANK", "WORLD_SIZE"), ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"))
LOCAL_SIZE, SLURM_NODES = "LOCAL_WORLD_SIZE", "SLURM_STEP_NUM_NODES"
SHARD_NAME = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<suffix>\.[^.]+)")


@dataclass(frozen=True)
class Ranks:
    """The number of processes that work together, and the rank of this process.

    Attributes:
        number: rank of this process, counted from 0.
        count: number of processes.
        nodes: number of machines; each runs equally many processes.
    """

    number: int = 0
    count: int = 1
    nodes: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and prints."""
        return self.number == 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Ranks":
        """The ranks that ``torchrun`` or ``srun`` set; one process if no launcher started it.

        Raises:
            ConfigError: if a launcher's variables are not numbers.
        """
        for rank, size in LAUNCHERS:
            if rank in environment and size in environment:
                try:
                    number, count = int(environment[rank]), int(environment[size])
                    if not 0 <= number < count:
                        raise ValueError("no rank of so many processes")
                    return cls(number, count, _n_nodes(environment, count))
                except ValueError as error:
                    raise ConfigError(
                        f"{rank}={environment[rank]!r}, {size}={environment[size]!r}: a launcher "
                        "must set both to whole numbers, the first from 0 to one less than the "
                        "second; unset both to run the whole job here"
                    ) from error
        return cls()


ONE_PROCESS = Ranks()


@dataclass(frozen=True)
class Shard:
    """Part ``number`` of ``count`` of a job, counted from 0; each part can run on another machine.

    Raises:
        ConfigError: if ``number`` is not from 0 to ``count - 1``.

    Examples:
        >>> import ppi_ratio as pr
        >>> second = pr.Shard(1, 4)
        >>> second.bounds(10)  # items 2 to 4 of ten
        range(2, 5)
        >>> pr.Shard.parse("1/4") == second
        True
    """

    number: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.number < self.count:
            raise ConfigError(
                f"shard {self.number} of {self.count}: shards are numbered from 0 to one less than "
                "their count"
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Shard":
        """The shard of this process's rank; the whole job if no launcher started it.

        Raises:
            ConfigError: as ``Ranks.from_environment``.
        """
        ranks = Ranks.from_environment(environment)
        return cls(ranks.number, ranks.count)

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard that a text such as ``0/4`` names.

        Raises:
            ConfigError: if the text is not ``number/count``.
        """
        number, _, count = text.partition("/")
        if not (number.isdecimal() and count.isdecimal()):
            raise ConfigError(f"shard {text}: write it as 0/4, the first of four")
        return cls(int(number), int(count))

    def path(self, path: Path) -> Path:
        """File of this shard's results, beside ``path``; ``path`` itself if there is one shard."""
        if self.count == 1:
            return path
        return path.with_name(f"{path.stem}-{self.number:05d}-of-{self.count:05d}{path.suffix}")

    def bounds(self, n_items: int) -> range:
        """The consecutive items of this shard; sizes of shards differ by at most one item."""
        return range(n_items * self.number // self.count, n_items * (self.number + 1) // self.count)


def shard_paths(path: Path) -> list[Path]:
    """The files of all shards of ``path``, in order.

    Raises:
        InputError: if there are no shards, if one is missing, or if shards of several jobs differ
            in their count.
    """
    counts: dict[int, dict[int, Path]] = {}
    for other in path.parent.glob(f"{path.stem}-*-of-*{path.suffix}"):
        name = SHARD_NAME.fullmatch(other.name)
        if name and name["stem"] == path.stem:
            counts.setdefault(int(name["count"]), {})[int(name["number"])] = other
    if not counts:
        raise InputError(
            f"{path}: no shards beside it; their names are {Shard(0, 2).path(path).name} and so on"
        )
    if len(counts) > 1:
        found = " and of ".join(map(str, sorted(counts)))
        raise InputError(
            f"{path}: beside it are shards of {found}; remove the shards of the old job"
        )
    count, shards = counts.popitem()
    missing = [number for number in range(count) if number not in shards]
    if missing:
        raise InputError(
            f"{Shard(missing[0], count).path(path)}: missing, {len(missing)} of {count} shards; "
            "run the command of each missing shard again, which resumes it"
        )
    return [shards[number] for number in range(count)]


def _n_nodes(environment: Mapping[str, str], count: int) -> int:
    if LOCAL_SIZE in environment:
        return max(1, count // int(environment[LOCAL_SIZE]))
    return int(environment.get(SLURM_NODES, "1")) if count > 1 else 1
