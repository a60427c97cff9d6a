"""Proteins -> clusters of related sequences: with MMseqs2, or by shared words without it."""

from ppi_ratio.sequences.clusters.clustering import (
    Method,
    SequenceClusters,
    homologs_between,
    sequence_clusters,
)
from ppi_ratio.sequences.clusters.mmseqs import find_mmseqs, mmseqs_clusters
from ppi_ratio.sequences.clusters.words import word_clusters

__all__ = [
    "Method",
    "SequenceClusters",
    "find_mmseqs",
    "homologs_between",
    "mmseqs_clusters",
    "sequence_clusters",
    "word_clusters",
]
