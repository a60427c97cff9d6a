"""Tables of interactions: read, normalised and split, and non-pairs drawn for them."""

from ppi_ratio.pairs.columns import PairColumns
from ppi_ratio.pairs.dividing import (
    species_of_prefix,
    split_by_cluster,
    split_by_pair,
    split_by_protein,
    split_by_species,
)
from ppi_ratio.pairs.leakage import CLASSES, class_names, classes_of, pair_classes
from ppi_ratio.pairs.noise import (
    NOISE_LAWS,
    draw_non_pairs,
    draw_non_pairs_within_classes,
    shares_of_interactions,
)
from ppi_ratio.pairs.reading import read_candidates, read_pair_sequences, read_pairs
from ppi_ratio.pairs.rows import LABEL, LEFT, NOTE, RIGHT, Drop
from ppi_ratio.pairs.split_files import read_split, write_split
from ppi_ratio.pairs.splits import Split
from ppi_ratio.pairs.table import PairTable, labelled_table

__all__ = [
    "CLASSES",
    "LABEL",
    "LEFT",
    "NOISE_LAWS",
    "NOTE",
    "RIGHT",
    "Drop",
    "PairColumns",
    "PairTable",
    "Split",
    "class_names",
    "classes_of",
    "draw_non_pairs",
    "draw_non_pairs_within_classes",
    "labelled_table",
    "pair_classes",
    "read_candidates",
    "read_pair_sequences",
    "read_pairs",
    "read_split",
    "shares_of_interactions",
    "species_of_prefix",
    "split_by_cluster",
    "split_by_pair",
    "split_by_protein",
    "split_by_species",
    "write_split",
]
