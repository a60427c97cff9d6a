"""Proteins -> ``SequenceClusters``, by MMseqs2 if it is installed; relatives between two sets."""

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
    """A mapping from each protein id to the number of its cluster.

    Attributes:
        numbers: cluster number by id; clusters are numbered from 0, in the order of their first
            members.
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

    Two proteins are relatives if enough of their aligned residues are equal. Clusters are the
    connected components: a relative of a relative is in the same cluster. Proteins with equal
    sequences always share a cluster.

    Args:
        proteins: the proteins to group.
        min_identity: lowest share of equal residues, 0 to 1, over 80 % of the shorter protein;
            ``words`` needs at least 0.4.
        method: ``mmseqs2`` runs the MMseqs2 program; ``words`` counts shared words of residues
            and needs no program; ``auto`` takes MMseqs2 if it is installed, and logs its choice.
        threads: number of threads of MMseqs2; all cores by default.
        progress: show progress on standard error, if that is a terminal.

    Returns:
        Cluster number by protein id; ``made_by`` names the tool and its settings.

    Raises:
        ConfigError: if ``mmseqs2`` is asked for and not installed, or if ``min_identity`` is out
            of its range.
        ChildProcessError: if MMseqs2 fails; the message has its last lines.
        ValueError: if the method is unknown.

    Examples:
        ``P2`` is ``P1`` with two residues replaced; ``P3`` is no relative of them.

        >>> import ppi_ratio as pr
        >>> first = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSG"
        >>> second = first.replace("FSRQ", "FARE")
        >>> other = "MGDVEKGKKIFVQKCAQCHTVEKGGKHKTGPNLHGLFGRKTGQAPGFTYT"
        >>> proteins = pr.Proteins({"P1": first, "P2": second, "P3": other})
        >>> dict(pr.sequence_clusters(proteins, method="words"))
        {'P1': 0, 'P2': 0, 'P3': 1}
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
    """Which proteins of one set share a sequence cluster with a protein of another set.

    Use it to see which test proteins have relatives among the training proteins. Both sets are
    clustered together; they may share ids, with equal or different sequences.

    Args:
        known: the proteins to compare with, such as those of the training pairs.
        judged: the proteins to look up, such as those of the test pairs.
        min_identity: lowest share of equal residues, as in ``sequence_clusters``.
        method: the tool, as in ``sequence_clusters``.
        progress: show progress on standard error, if that is a terminal.

    Returns:
        Ids of ``judged``, in their order.

    Raises:
        ConfigError, ChildProcessError, ValueError: as in ``sequence_clusters``.

    Examples:
        >>> import ppi_ratio as pr
        >>> training = pr.Proteins({"P1": "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSG"})
        >>> near = "MKTAYIAKQRQISFVKSHFARELEERLGLIEVQAPILSRVGDGTQDNLSG"
        >>> far = "MGDVEKGKKIFVQKCAQCHTVEKGGKHKTGPNLHGLFGRKTGQAPGFTYT"
        >>> test = pr.Proteins({"near": near, "far": far})
        >>> pr.homologs_between(training, test, method="words")
        ('near',)
    """
    sides = [list(proteins.sequences.items()) for proteins in (known, judged)]
    together = Proteins(
        {f"{side} {name}": residues for side, items in enumerate(sides) for name, residues in items}
    )
    clusters = sequence_clusters(
        together, min_identity=min_identity, method=method, progress=progress
    )
    of_known = {clusters[f"0 {name}"] for name in known.ids}
    return tuple(name for name in judged.ids if clusters[f"1 {name}"] in of_known)


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
