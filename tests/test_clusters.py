"""Sequence clusters by shared words."""

import numpy as np
import pytest

from ppi_ratio.clusters import word_clusters
from ppi_ratio.sequences import STANDARD_RESIDUES, Proteins

LETTERS = np.array(list(STANDARD_RESIDUES))


def random_residues(length: int, seed: int) -> str:
    return "".join(np.random.default_rng(seed).choice(LETTERS, length))


def mutated(residues: str, share: float, seed: int) -> str:
    generator = np.random.default_rng(seed)
    changed = generator.random(len(residues)) < share
    return "".join(np.where(changed, generator.choice(LETTERS, len(residues)), list(residues)))


def test_close_relatives_share_a_cluster_and_strangers_do_not() -> None:
    family = random_residues(300, seed=0)
    proteins = {f"kin{seed}": mutated(family, 0.15, seed) for seed in range(4)}
    strangers = {f"alone{seed}": random_residues(300, seed) for seed in range(100, 106)}
    clusters = word_clusters(Proteins(proteins | strangers))
    assert len({clusters[name] for name in proteins}) == 1
    assert len({clusters[name] for name in strangers}) == 6
    assert len(set(clusters.values())) == 7


def test_fragment_joins_its_whole_protein() -> None:
    whole = random_residues(800, seed=1)
    clusters = word_clusters(Proteins({"whole": whole, "part": whole[200:320]}))
    assert clusters["whole"] == clusters["part"]


def test_peptides_shorter_than_a_word_stand_alone() -> None:
    clusters = word_clusters(Proteins({"a": "MKV", "b": "MKV", "c": "MKVLAAGGWW"}))
    assert len(set(clusters.values())) == 3


def test_single_protein_and_none_have_one_cluster_and_none() -> None:
    assert word_clusters(Proteins({"a": "MKVLAAGGWW"})) == {"a": 0}
    assert word_clusters(Proteins({})) == {}


@pytest.mark.parametrize("seed", range(3))
def test_grouping_does_not_depend_on_the_order_of_proteins(seed: int) -> None:
    families = [random_residues(120, seed=root) for root in range(5)]
    proteins = {
        f"{root}-{copy}": mutated(family, 0.1, seed=10 * root + copy)
        for root, family in enumerate(families)
        for copy in range(3)
    }
    names = np.random.default_rng(seed).permutation(list(proteins)).tolist()

    def groups(clusters: dict[str, int]) -> set[frozenset[str]]:
        return {
            frozenset(name for name in clusters if clusters[name] == label)
            for label in set(clusters.values())
        }

    shuffled = word_clusters(Proteins({name: proteins[name] for name in names}))
    assert groups(shuffled) == groups(word_clusters(Proteins(proteins)))
