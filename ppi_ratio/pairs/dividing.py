"""``PairTable`` -> ``Split``, by what is held out: pairs, proteins, sequence clusters, species.

- By pair: the training pairs may hold every test protein.
- By protein: each test pair has at least one protein that no training pair has.
- By cluster: training pairs hold neither of the two proteins nor a relative of them.
- By species: the test pairs are of other organisms.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import pandas as pd

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.pairs.splits import PARTS, Split
from ppi_ratio.pairs.table import PairTable
from ppi_ratio.runtime.seeds import checked_seed
from ppi_ratio.sequences import IdIndex

TRAIN, VALIDATION, TEST = range(3)
BETWEEN = "between test and validation proteins"
BETWEEN_SPECIES = "between a test species and another"

# Pairs that are left out: the parts of their two proteins, the later part first, and the reason
HELD_OUT = {(TEST, VALIDATION): BETWEEN}
DISJOINT = {
    (TEST, TRAIN): "between test and train proteins",
    (TEST, VALIDATION): BETWEEN,
    (VALIDATION, TRAIN): "between validation and train proteins",
}
OTHER_SPECIES = {(TEST, TRAIN): BETWEEN_SPECIES, (TEST, VALIDATION): BETWEEN_SPECIES}
SPECIES_IN_ID = re.compile(
    r"(?P<taxon>\d+)\.\S|(?:sp|tr)\|[^|]*\|[A-Z0-9]+_(?P<mnemonic>[A-Z0-9]{1,5})$"
)
SPECIES_NAMED = 10

Value = TypeVar("Value")


def split_by_pair(
    pairs: PairTable, *, test_fraction: float = 0.2, validation_fraction: float = 0.1, seed: int
) -> Split:
    """Split pairs at random; most proteins are then in all parts.

    Such a test says how well a model completes a known network. It says little about proteins
    that the model has not seen. The parts depend on the pairs and the seed, not on the order of
    rows.

    Args:
        pairs: the pairs to split.
        test_fraction: share of the pairs in the test part.
        validation_fraction: share of the pairs in the validation part.
        seed: seed of the draw.

    Raises:
        ConfigError: if a fraction is not between 0 and 1, or nothing is left to train on.
        InputError: if a part has no interaction.

    Examples:
        Almost every test pair is of class C1: training has seen both proteins.

        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> split = pr.split_by_pair(pairs, seed=0)
        >>> bool(split.summary().loc["test", "C1"] > 0.9 * len(split.test))
        True
    """
    pairs = pairs.sorted()
    seed = checked_seed(seed)
    sides = _drawn_sides(len(pairs), test_fraction, validation_fraction, seed)
    return _split(pairs, sides, "by pair", seed)


def split_by_protein(
    pairs: PairTable,
    *,
    test_fraction: float = 0.2,
    validation_fraction: float = 0.1,
    seed: int,
    disjoint: bool = False,
) -> Split:
    """Hold out some proteins: each test pair has a test protein, and no training pair has one.

    Pairs between a test protein and a validation protein are in no part; ``Split.dropped`` counts
    them. The parts depend on the pairs and the seed, not on the order of rows.

    Args:
        pairs: the pairs to split.
        test_fraction: share of the proteins held out for the test. About
            1 - (1 - test_fraction)² of the pairs become test pairs.
        validation_fraction: share of the proteins held out for the validation.
        seed: seed of the draw.
        disjoint: whether each protein is in one part only. Pairs across parts are then dropped,
            all test pairs are of class C3, and about test_fraction² of the pairs are test pairs.

    Raises:
        ConfigError: if a fraction is not between 0 and 1, or nothing is left to train on.
        InputError: if a part has no interaction.

    Examples:
        No test pair is of class C1: training has seen one of its proteins (C2) or none (C3).

        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> split = pr.split_by_protein(pairs, seed=0)
        >>> test = split.summary().loc["test"]
        >>> int(test["C1"]), bool(test["C2"] > test["C3"])
        (0, True)
    """
    pairs = pairs.sorted()
    seed = checked_seed(seed)
    side_of_protein = _drawn_sides(len(pairs.ids), test_fraction, validation_fraction, seed)
    if disjoint:
        return _split_by_sides(pairs, side_of_protein, DISJOINT, "by protein, disjoint", seed)
    return _split_by_sides(pairs, side_of_protein, HELD_OUT, "by protein", seed)


def split_by_cluster(
    pairs: PairTable,
    clusters: Mapping[str, int],
    *,
    test_fraction: float = 0.2,
    validation_fraction: float = 0.1,
    seed: int,
) -> Split:
    """Split pairs so that no sequence cluster, and so no protein, is in two parts.

    A pair whose proteins are in different parts is dropped. With three equal parts that is about
    two pairs in three: look at ``Split.dropped``. Clusters are drawn in random order; a cluster
    that no longer fits into the test or the validation goes to training, as most large clusters
    do. The parts depend on the pairs, the seed and which proteins share a cluster. They do not
    depend on the numbers of the clusters or the order of rows.

    Args:
        pairs: the pairs to split.
        clusters: cluster number by protein id, for instance from ``sequence_clusters``.
        test_fraction: share of the proteins in the test part.
        validation_fraction: share of the proteins in the validation part.
        seed: seed of the draw.

    Raises:
        ConfigError: if a fraction is not between 0 and 1, or nothing is left to train on.
        InputError: if a protein has no cluster, or a part has no interaction.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> clusters = {name: number // 3 for number, name in enumerate(pairs.ids)}
        >>> split = pr.split_by_cluster(pairs, clusters, seed=0)
        >>> in_test = {clusters[name] for name in split.test.ids}
        >>> in_test & {clusters[name] for name in split.train.ids}
        set()
    """
    pairs = pairs.sorted()
    groups, _ = pd.factorize(np.array(_looked_up(pairs, clusters, "cluster")))
    n_test, n_validation = _counts(len(groups), test_fraction, validation_fraction)
    capacity = {TEST: n_test, VALIDATION: n_validation, TRAIN: len(groups)}
    sizes = np.bincount(groups).tolist()
    side_of_group = np.full(len(sizes), TRAIN)
    for group in np.random.default_rng(checked_seed(seed)).permutation(len(sizes)):
        side = next(side for side, left in capacity.items() if sizes[group] <= left)
        side_of_group[group] = side
        capacity[side] -= sizes[group]
    from ppi_ratio.sequences.clusters import (
        SequenceClusters,  # loads much of scipy, which only this split needs
    )

    made_by = f" ({clusters.made_by})" if isinstance(clusters, SequenceClusters) else ""
    return _split_by_sides(pairs, side_of_group[groups], DISJOINT, f"by cluster{made_by}", seed)


def split_by_species(
    pairs: PairTable,
    species: Mapping[str, str],
    *,
    test: Collection[str],
    validation_fraction: float = 0.1,
    seed: int,
) -> Split:
    """Hold out the pairs of some species for the test, and train on the other species.

    Pairs between a test species and another species are dropped. The validation part is drawn as
    in ``split_by_protein``: each validation pair has a held-out protein.

    Args:
        pairs: interactions of several species.
        species: species by protein id; ``pairs.species_of_prefix`` reads it from ids of STRING
            and UniProt.
        test: the species to hold out.
        validation_fraction: share of the other species' proteins held out for the validation.
        seed: seed of the validation; nothing is drawn for the test.

    Raises:
        ConfigError: if ``test`` names no species, or the fraction is not between 0 and 1.
        InputError: if a protein has no species, no protein is of a test species, or a part has
            no interaction.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> species = {name: "yeast" if name < "P045" else "human" for name in pairs.ids}
        >>> split = pr.split_by_species(pairs, species, test=["human"], seed=0)
        >>> {species[name] for name in split.test.ids}
        {'human'}
        >>> dict(split.dropped)
        {'between a test species and another': ...}
    """
    pairs = pairs.sorted()
    species_of = np.array(_looked_up(pairs, species, "species"))
    _check_species(pairs, species_of, test)
    others = ~np.isin(species_of, sorted(test))
    side_of_protein = np.full(len(others), TEST)
    n_others = int(others.sum())
    _, n_validation = _counts(n_others, None, validation_fraction)
    seed = checked_seed(seed)
    side_of_protein[others] = _shuffled_sides(n_others, 0, n_validation, seed)
    kind = f"by species, {', '.join(sorted(test))} held out"
    return _split_by_sides(pairs, side_of_protein, OTHER_SPECIES, kind, seed)


def species_of_prefix(ids: Iterable[str]) -> dict[str, str]:
    """Species by id, read from ids of STRING (``4932.YAL001C``) or UniProt (``sp|P1|TFC3_YEAST``).

    Returns:
        The taxon (``4932``) or the mnemonic (``YEAST``) of each id; ids of other forms are left
        out.
    """
    matches = {name: SPECIES_IN_ID.match(name) for name in ids}
    return {name: match["taxon"] or match["mnemonic"] for name, match in matches.items() if match}


def _drawn_sides(
    n_units: int, test_fraction: float, validation_fraction: float, seed: int
) -> np.ndarray:
    """TRAIN, VALIDATION or TEST for each unit (a pair or a protein), drawn at random."""
    return _shuffled_sides(n_units, *_counts(n_units, test_fraction, validation_fraction), seed)


def _counts(
    n_units: int, test_fraction: float | None, validation_fraction: float
) -> tuple[int, int]:
    """The number of units for the test (0 without a fraction) and for the validation."""
    for name, fraction in (("test", test_fraction), ("validation", validation_fraction)):
        if fraction is not None and not 0 < fraction < 1:
            raise ConfigError(f"{name}_fraction must lie between 0 and 1, got {fraction}")
    if (test_fraction or 0) + validation_fraction >= 1:
        raise ConfigError(
            f"test_fraction {test_fraction} and validation_fraction {validation_fraction} "
            "leave nothing to train on"
        )
    return round((test_fraction or 0) * n_units), round(validation_fraction * n_units)


def _shuffled_sides(n_units: int, n_test: int, n_validation: int, seed: int) -> np.ndarray:
    sides = np.full(n_units, TRAIN)
    sides[:n_test] = TEST
    sides[n_test : n_test + n_validation] = VALIDATION
    return np.random.default_rng(seed).permutation(sides)


def _looked_up(pairs: PairTable, values: Mapping[str, Value], what: str) -> list[Value]:
    """The value of each protein, in the order of ``pairs.ids``."""
    keys = list(values)
    index = IdIndex(keys)
    rows = index.rows(pairs.ids)
    missing = [name for name, row in zip(pairs.ids, rows, strict=True) if row < 0]
    if missing:
        raise InputError(
            f"{len(missing):,} of {len(pairs.ids):,} proteins of {pairs.name} have no {what}, "
            f"e.g. {index.example(missing)}; add them, or leave their pairs out "
            "(PairTable.restrict_to)"
        )
    return [values[keys[row]] for row in rows]


def _check_species(pairs: PairTable, species_of: np.ndarray, test: Collection[str]) -> None:
    if not test:
        raise ConfigError("name at least one species to test on")
    known = sorted({*species_of.tolist()})
    absent = sorted({*test} - {*known})
    if absent:
        more = ", ..." if len(known) > SPECIES_NAMED else ""
        raise InputError(
            f"{pairs.name}: no protein is of species {', '.join(absent)}; there are "
            f"{', '.join(known[:SPECIES_NAMED])}{more}"
        )


def _split_by_sides(
    pairs: PairTable,
    side_of_protein: np.ndarray,
    apart: Mapping[tuple[int, int], str],
    kind: str,
    seed: int,
) -> Split:
    left, right, _ = pairs.coded
    # TEST > VALIDATION > TRAIN, so a pair belongs to the stricter of its two sides
    later = np.maximum(side_of_protein[left], side_of_protein[right])
    earlier = np.minimum(side_of_protein[left], side_of_protein[right])
    kept = np.ones(len(pairs), dtype=bool)
    dropped: Counter[str] = Counter()
    for (one, other), reason in apart.items():
        between = (later == one) & (earlier == other)
        kept &= ~between
        dropped[reason] += int(between.sum())
    return _split(pairs.select(kept), later[kept], kind, seed, dropped)


def _split(
    pairs: PairTable,
    sides: np.ndarray,
    kind: str,
    seed: int,
    dropped: Mapping[str, int] = MappingProxyType({}),
) -> Split:
    train, validation, test = (
        replace(pairs.select(sides == side), name=f"{pairs.name} ({part})")
        for side, part in enumerate(PARTS)
    )
    left_out = {reason: count for reason, count in dropped.items() if count}
    return Split(train, validation, test, kind, seed, MappingProxyType(left_out))
