"""Splits by sequence cluster and by species."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from ppi_ratio.pairs import (
    PairTable,
    Split,
    pair_classes,
    species_of_prefix,
    split_by_cluster,
    split_by_species,
)
from ppi_ratio.pairs.dividing import BETWEEN_SPECIES
from ppi_ratio.sequences.clusters import SequenceClusters

NUMBERS = st.integers(0, 39)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=30, max_size=300)
CLUSTERS = st.lists(st.integers(0, 15), min_size=40, max_size=40)
FRACTION = st.floats(0.1, 0.45)
SPECIES = {str(number): "ABC"[number % 3] for number in range(60)}


def made(rows: list[tuple[int, int]], *, directed: bool = False) -> PairTable:
    frame = pd.DataFrame(rows, columns=["left", "right"]).astype(str)
    return PairTable.from_rows(frame, directed=directed, name="made")


def random_pairs(n_proteins: int = 60, n: int = 1500) -> PairTable:
    ends = np.random.default_rng(0).integers(n_proteins, size=(n, 2))
    return made([(int(left), int(right)) for left, right in ends])


def ids(part: PairTable) -> set[str]:
    return set(part.ids)


@given(
    rows=ROWS,
    numbers=CLUSTERS,
    directed=st.booleans(),
    test=FRACTION,
    validation=FRACTION,
    seed=st.integers(0, 2**32),
)
def test_no_cluster_is_on_two_sides_and_every_pair_is_in_one_or_counted(
    rows: list[tuple[int, int]],
    numbers: list[int],
    directed: bool,
    test: float,
    validation: float,
    seed: int,
) -> None:
    pairs = made(rows, directed=directed)
    clusters = {str(protein): number for protein, number in enumerate(numbers)}
    fractions = {"test_fraction": test, "validation_fraction": validation}
    try:
        split = split_by_cluster(pairs, clusters, seed=seed, **fractions)
    except ValueError as error:
        if "no interaction in the" not in str(error):
            raise
        reject()
    sides = [{clusters[name] for name in part.ids} for part in split.parts.values()]
    assert sum(map(len, sides)) == len(set.union(*sides))
    assert sum(map(len, split.parts.values())) + sum(split.dropped.values()) == len(pairs)
    assert split.leaks(clusters) == []
    assert len(split.test.ids) <= round(test * len(pairs.ids))
    assert len(split.validation.ids) <= round(validation * len(pairs.ids))


@given(
    rows=ROWS,
    kinds=CLUSTERS,
    held_out=st.sets(st.integers(0, 15), min_size=1, max_size=8),
    directed=st.booleans(),
    validation=FRACTION,
    seed=st.integers(0, 2**32),
)
def test_no_species_is_on_two_sides_and_every_pair_is_in_one_or_counted(
    rows: list[tuple[int, int]],
    kinds: list[int],
    held_out: set[int],
    directed: bool,
    validation: float,
    seed: int,
) -> None:
    pairs = made(rows, directed=directed)
    species = {str(protein): f"S{kind}" for protein, kind in enumerate(kinds)}
    test = {f"S{kind}" for kind in held_out} & {species[name] for name in pairs.ids}
    if not test:
        reject()
    try:
        split = split_by_species(
            pairs, species, test=test, validation_fraction=validation, seed=seed
        )
    except ValueError as error:
        if "no interaction in the" not in str(error):
            raise
        reject()
    assert {species[name] for name in split.test.ids} <= test
    others = [name for name in pairs.ids if species[name] not in test]
    for part in (split.train, split.validation):
        assert set(part.ids) <= set(others)
    assert sum(map(len, split.parts.values())) + sum(split.dropped.values()) == len(pairs)
    assert len(split.train.ids) <= len(others) - round(validation * len(others))


def split_into_fives(pairs: PairTable, factor: int = 1, seed: int = 0) -> Split:
    clusters = {name: int(name) // 5 * factor for name in pairs.ids}
    return split_by_cluster(pairs, clusters, test_fraction=0.3, validation_fraction=0.2, seed=seed)


def test_the_parts_hang_on_who_shares_a_cluster_and_on_the_seed_alone() -> None:
    pairs = random_pairs()
    shuffled = pairs.select(np.random.default_rng(1).permutation(len(pairs)))
    one = split_into_fives(pairs)
    assert split_into_fives(shuffled, factor=-7).content_hash() == one.content_hash()
    assert split_into_fives(pairs, seed=1).content_hash() != one.content_hash()


def test_fractions_by_cluster_are_of_the_proteins_in_whole_clusters() -> None:
    split = split_into_fives(random_pairs())
    assert [len(part.ids) for part in split.parts.values()] == [35, 10, 15]


def test_a_cluster_that_does_not_fit_goes_to_training() -> None:
    clusters = {str(number): number if number > 30 else 0 for number in range(60)}
    for seed in range(5):
        split = split_by_cluster(
            random_pairs(), clusters, test_fraction=0.2, validation_fraction=0.2, seed=seed
        )
        assert {str(number) for number in range(31)} <= ids(split.train)
        assert len(split.test.ids) == 12


def test_three_equal_parts_drop_two_pairs_in_three() -> None:
    pairs = random_pairs(n_proteins=300, n=6000)
    clusters = {name: int(name) for name in pairs.ids}
    third = {"test_fraction": 1 / 3, "validation_fraction": 1 / 3}
    split = split_by_cluster(pairs, clusters, seed=0, **third)
    assert sum(split.dropped.values()) / len(pairs) == pytest.approx(2 / 3, abs=0.02)


def test_the_kind_says_how_clusters_were_made() -> None:
    pairs = random_pairs()
    numbers = {name: int(name) for name in pairs.ids}
    clusters = SequenceClusters(numbers, "MMseqs2 18, identity 0.3")
    assert split_by_cluster(pairs, numbers, seed=0).kind == "by cluster"
    assert split_by_cluster(pairs, clusters, seed=0).kind == (
        "by cluster (MMseqs2 18, identity 0.3)"
    )


def test_a_protein_without_a_cluster_is_named() -> None:
    with pytest.raises(ValueError, match=r"2 of 3 proteins of made have no cluster, e\.g\. 1;"):
        split_by_cluster(made([(0, 1), (1, 2)]), {"0": 0}, seed=0)


def test_the_test_is_all_of_a_species_and_training_has_none_of_it() -> None:
    pairs = random_pairs()
    split = split_by_species(pairs, SPECIES, test=["B"], seed=0)
    parts = {name: {SPECIES[each] for each in part.ids} for name, part in split.parts.items()}
    assert parts == {"train": {"A", "C"}, "validation": {"A", "C"}, "test": {"B"}}
    assert set(pair_classes(split.train, split.test)) == {"C3"}
    assert set(pair_classes(split.train, split.validation)) <= {"C2", "C3"}
    assert split.kind == "by species, B held out"
    within = [{SPECIES[left], SPECIES[right]} for left, right in pairs.frame.to_numpy()]
    assert len(split.test) == within.count({"B"})
    assert dict(split.dropped) == {
        BETWEEN_SPECIES: within.count({"A", "B"}) + within.count({"B", "C"})
    }


def test_the_seed_draws_the_validation_and_not_the_test() -> None:
    one, other = (split_by_species(random_pairs(), SPECIES, test=["A"], seed=s) for s in (0, 1))
    assert one.test.content_hash() == other.test.content_hash()
    assert one.validation.content_hash() != other.validation.content_hash()


def test_the_validation_fraction_is_of_the_other_species() -> None:
    split = split_by_species(random_pairs(), SPECIES, test=["A"], validation_fraction=0.25, seed=0)
    assert len(ids(split.validation) - ids(split.train)) == 10


@pytest.mark.parametrize(
    ("test", "message"),
    [
        (["Z", "A"], "made: no protein is of species Z; there are A, B, C"),
        ([], "at least one species"),
    ],
)
def test_a_species_that_is_not_there_is_named(test: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split_by_species(random_pairs(), SPECIES, test=test, seed=0)


def test_a_protein_without_a_species_is_named() -> None:
    with pytest.raises(ValueError, match=r"1 of 2 proteins of made have no species, e\.g\. 1;"):
        split_by_species(made([(0, 1)]), {"0": "A"}, test=["A"], seed=0)


def test_species_are_read_off_string_and_uniprot_ids() -> None:
    known = {
        "4932.YAL001C": "4932",
        "9606.ENSP00000000233": "9606",
        "sp|P34111|TFC3_YEAST": "YEAST",
        "tr|A0A024R1R8|A0A024R1R8_HUMAN": "HUMAN",
    }
    unknown = ("P34111", "NP_001.2", "YAL001C", "4932.", "ENSP00000000233.1")
    assert species_of_prefix([*known, *unknown]) == known
