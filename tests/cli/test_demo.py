"""The pairs, sequences and encoder of the package, which the demo uses."""

import numpy as np

import ppi_ratio as pr
from ppi_ratio.examples import YEAST_FASTA, YEAST_PAIRS


def test_the_shipped_pairs_are_the_benchmark_with_its_self_pairs_and_contradictory_labels() -> None:
    pairs = pr.read_pairs(YEAST_PAIRS, directed=False)
    assert (len(pairs.joint), len(pairs.non_pairs)) == (5000, 49_963)
    counts = {drop.reason: drop.count for drop in pairs.drops}
    assert counts["self pairs"] == 5
    assert counts["with both labels (kept as interactions)"] == 4


def test_every_protein_of_the_shipped_pairs_has_a_sequence() -> None:
    pairs = pr.read_pairs(YEAST_PAIRS, directed=False)
    proteins = pr.read_fasta(YEAST_FASTA)
    assert len(proteins) == 5664
    assert set(pairs.ids) <= set(proteins.ids)


def test_the_bundled_encoder_gives_each_protein_a_vector_of_its_own() -> None:
    proteins = pr.read_fasta(YEAST_FASTA)
    few = proteins.select(proteins.ids[:5])
    vectors = pr.embed(few, encoder="esm2_bundled", progress=False).matrix()
    assert len(np.unique(vectors.round(3), axis=0)) == 5
