"""Clusters by shared words and by MMseqs2 -> how many relatives both methods join.

Two proteins are put together if they share a cluster. Seconds are of processor time, on one
thread.

    python benchmarks/sequence_clusters.py --results benchmarks/results/sequence_clusters.tsv \
        --fasta human=data/human/proteome.fasta.gz
"""

import resource
import time
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from ppi_ratio.examples import YEAST_FASTA
from ppi_ratio.io.tables import write_table
from ppi_ratio.sequences import Proteins, read_fasta
from ppi_ratio.sequences.clusters import Method, SequenceClusters, sequence_clusters


def main(
    results: Annotated[Path, typer.Option(help="Table to write.")],
    fasta: Annotated[
        list[str] | None, typer.Option(metavar="NAME=FILE", help="Further proteins.")
    ] = None,
    min_identity: Annotated[float, typer.Option(help="Of both.")] = 0.4,
) -> None:
    """Cluster every file by both methods; write and print the table."""
    given = dict(each.split("=", 1) for each in fasta or [])
    rows = []
    for name, path in {"yeast": YEAST_FASTA, **given}.items():
        proteins = read_fasta(path)
        by_words, seconds = _timed(proteins, min_identity, "words")
        by_mmseqs, mmseqs_seconds = _timed(proteins, min_identity, "mmseqs2")
        expected, found = _put_together(by_mmseqs), _put_together(by_words)
        both = len(expected & found)
        shared = {"proteins": name, "n": len(proteins), "min_identity": min_identity}
        rows += [
            shared | _row(by_words, len(found), both / len(expected), seconds),
            shared | _row(by_mmseqs, len(expected), 1.0, mmseqs_seconds),
        ]
    table = pd.DataFrame(rows)
    write_table(table, results)
    Console().print(table.to_string(index=False, float_format="%.3f"))


def _timed(
    proteins: Proteins, min_identity: float, method: Method
) -> tuple[SequenceClusters, float]:
    began = _processor_seconds()
    clusters = sequence_clusters(
        proteins, min_identity=min_identity, method=method, threads=1, progress=False
    )
    return clusters, _processor_seconds() - began


def _processor_seconds() -> float:
    """Peak memory of this process and of the programs that it ran."""
    return time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def _put_together(clusters: Mapping[str, int]) -> set[tuple[str, str]]:
    members: dict[int, list[str]] = {}
    for name, number in clusters.items():
        members.setdefault(number, []).append(name)
    return {pair for names in members.values() for pair in combinations(names, 2)}


def _row(
    clusters: SequenceClusters, n_pairs: int, share: float, seconds: float
) -> dict[str, object]:
    sizes = pd.Series(clusters.numbers).value_counts()
    return {
        "made_by": clusters.made_by,
        "clusters": len(sizes),
        "largest": sizes.max(),
        "pairs_together": n_pairs,
        "share_of_mmseqs2": share,
        "seconds": seconds,
    }


if __name__ == "__main__":
    typer.run(main)
