"""Proteins -> ``SequenceClusters`` by whichever tool is there; which proteins have relatives."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from rich.console import Console

from ppi_ratio.errors import ConfigError
from ppi_ratio.sequences.clusters.mmseqs import find_mmseqs, mmseqs_clusters, mmseqs_version
from ppi_ratio.sequences.clusters.words import word_clusters
from ppi_ratio.sequences.proteins import Proteins

Method = Literal["auto", "mmseqs2", "words"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SequenceClusters(Mapping[str, int]):
    """Number of the cluster of each protein, by id.

    Attributes:
        numbers: from 0, in the order of the clusters' first members.
        made_by: the tool and its settings, for messages and files.
    """

    numbers: Mapping[str, int] = field(repr=False)
    made_by: str

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)


def sequence_clusters(
    proteins: Proteins,
    *,
    min_identity: float = 0.4,
    method: Method = "auto",
    threads: int | None = None,
    progress: bool = True,
) -> SequenceClusters:
    """Group proteins so that relatives share a cluster.

    ``mmseqs2`` asks for the MMseqs2 program, ``words`` for nothing; ``auto`` takes the first if it
    is installed, and logs which it took. Proteins with equal sequences always share a cluster.

    Args:
        proteins: what to group.
        min_identity: share of equal residues, over 80 % of the shorter protein, from which two
            are joined; ``words`` needs at least 0.4.
        method: the tool.
        threads: of MMseqs2; all cores if not given.
        progress: show on standard error, if it is a terminal, what goes on.

    Raises:
        ConfigError: if ``mmseqs2`` is asked for and not installed.
        ChildProcessError: if MMseqs2 fails, with its last lines.
        ValueError: if the method is unknown, or ``min_identity`` out of its range.
    """
    if method not in get_args(Method):
        raise ValueError(f"no clustering method {method!r}; known: {', '.join(get_args(Method))}")
    if not 0 < min_identity <= 1:
        raise ConfigError(f"min_identity must lie between 0 and 1, got {min_identity}")
    executable = None if method == "words" else find_mmseqs()
    if executable is not None:
        return _by_mmseqs(executable, proteins, min_identity, threads, progress=progress)
    if method == "mmseqs2":
        raise ConfigError(
            "no mmseqs executable on PATH; install MMseqs2 (pip install 'ppi-ratio[mmseqs]', "
            "apt install mmseqs2 or conda install -c bioconda mmseqs2), or cluster by words"
        )
    if method == "auto":
        logger.warning(
            "clustering by shared words, which finds fewer distant relatives than MMseqs2; "
            "pip install 'ppi-ratio[mmseqs]' to have it"
        )
    numbers = word_clusters(proteins, min_identity=min_identity, progress=progress)
    return SequenceClusters(numbers, f"shared words, identity {min_identity:g}")


def homologs_between(
    known: Proteins,
    judged: Proteins,
    *,
    min_identity: float = 0.4,
    method: Method = "auto",
    progress: bool = True,
) -> tuple[str, ...]:
    """Ids of the judged proteins that share a cluster with a known one.

    An id may stand in both, with the same sequence or another.
    """
    sides = [list(proteins.sequences.items()) for proteins in (known, judged)]
    together = Proteins(
        {f"{side} {name}": residues for side, items in enumerate(sides) for name, residues in items}
    )
    clusters = sequence_clusters(
        together, min_identity=min_identity, method=method, progress=progress
    )
    met = {clusters[f"0 {name}"] for name in known.ids}
    return tuple(name for name in judged.ids if clusters[f"1 {name}"] in met)


def _by_mmseqs(
    executable: Path,
    proteins: Proteins,
    min_identity: float,
    threads: int | None,
    *,
    progress: bool,
) -> SequenceClusters:
    version = mmseqs_version(executable)
    logger.info("clustering %d sequences with %s (%s)", len(proteins), executable, version)
    console = Console(stderr=True, quiet=not progress)
    with console.status(f"clustering {len(proteins):,} sequences with MMseqs2"):
        numbers = mmseqs_clusters(
            proteins, executable=executable, min_identity=min_identity, threads=threads
        )
    return SequenceClusters(numbers, f"MMseqs2 {version}, identity {min_identity:g}")
