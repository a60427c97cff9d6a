"""``PairTable`` -> ``Split``, by what is held out: pairs, proteins, sequence clusters, species.

By pair every test protein may be known from training; by protein each test pair has at least
one protein that training never saw; by cluster training saw neither of the two proteins nor a
relative of theirs; by species the test is another organism.
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
from ppi_ratio.sequences import IdIndex

TRAIN, VALIDATION, TEST = range(3)
BETWEEN = "between test and validation proteins"
BETWEEN_SPECIES = "between a test species and another"

# which sides of its two proteins, the later first, leave a pair out, and for what reason
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
    """Divide the pairs at random; proteins are on all sides.

    This measures how well a table is filled in, not how well new proteins are met. The
    parts depend on the pairs and the seed, not on the order of rows.
    """
    pairs = pairs.sorted()
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
    """Hold proteins out: a test pair touches a test protein, a training pair no held-out one.

    Fractions are of the proteins, so about 1 - (1 - test_fraction)² of the pairs are tested.
    Pairs of a test and a validation protein are in no part: look at ``Split.dropped``. The
    parts depend on the pairs and the seed, not on the order of rows.

    With ``disjoint`` no protein is in two parts: pairs across parts are dropped, all test pairs
    are C3, and about test_fraction² of the pairs are tested.
    """
    pairs = pairs.sorted()
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
    """Divide pairs so that no sequence cluster, and so no protein, is on two sides.

    A pair whose two proteins fall on different sides belongs to neither and is dropped; with
    three equal parts that is about two pairs in three, so look at ``Split.dropped``. Fractions
    are of the proteins: clusters come in random order, and one that no longer fits into the test
    or the validation goes to training, as the largest mostly do. The parts depend on the pairs,
    the seed and on who shares a cluster, not on the numbers of clusters or the order of rows.

    Raises:
        ValueError: if a protein of ``pairs`` has no cluster.
    """
    pairs = pairs.sorted()
    groups, _ = pd.factorize(np.array(_looked_up(pairs, clusters, "cluster")))
    n_test, n_validation = _counts(len(groups), test_fraction, validation_fraction)
    room = {TEST: n_test, VALIDATION: n_validation, TRAIN: len(groups)}
    sizes = np.bincount(groups).tolist()
    side_of_group = np.full(len(sizes), TRAIN)
    for group in np.random.default_rng(seed).permutation(len(sizes)):
        side = next(side for side, left in room.items() if sizes[group] <= left)
        side_of_group[group] = side
        room[side] -= sizes[group]
    from ppi_ratio.sequences.clusters import (
        SequenceClusters,  # loads much of scipy, for this one split
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
    """Test on the pairs within some species, learn from those of all others.

    Pairs of a test species and another are dropped. The validation is as in ``split_by_protein``:
    its pairs touch a held-out protein, and the fraction is of the other species' proteins.

    Args:
        pairs: interactions of several species.
        species: of each protein, by id; ``species_of_prefix`` reads it off some kinds of id.
        test: the species to hold out.
        validation_fraction: share of the other species' proteins.
        seed: of the validation; the test is not drawn.

    Raises:
        ValueError: if a protein has no species, or no protein is of one of the test species.
    """
    pairs = pairs.sorted()
    species_of = np.array(_looked_up(pairs, species, "species"))
    _check_species(pairs, species_of, test)
    others = ~np.isin(species_of, sorted(test))
    side_of_protein = np.full(len(others), TEST)
    n_others = int(others.sum())
    _, n_validation = _counts(n_others, None, validation_fraction)
    side_of_protein[others] = _by_lot(n_others, 0, n_validation, seed)
    kind = f"by species, {', '.join(sorted(test))} held out"
    return _split_by_sides(pairs, side_of_protein, OTHER_SPECIES, kind, seed)


def species_of_prefix(ids: Iterable[str]) -> dict[str, str]:
    """Species by id: ``4932`` of ``4932.YAL001C`` (STRING), ``YEAST`` of ``sp|P34111|TFC3_YEAST``.

    Ids of neither form are not in the answer.
    """
    matches = {name: SPECIES_IN_ID.match(name) for name in ids}
    return {name: match["taxon"] or match["mnemonic"] for name, match in matches.items() if match}


def _drawn_sides(
    n_units: int, test_fraction: float, validation_fraction: float, seed: int
) -> np.ndarray:
    """TRAIN, VALIDATION or TEST for each unit (pairs or proteins), by lot."""
    return _by_lot(n_units, *_counts(n_units, test_fraction, validation_fraction), seed)


def _counts(
    n_units: int, test_fraction: float | None, validation_fraction: float
) -> tuple[int, int]:
    """How many units are for the test (0 without a fraction) and for the validation."""
    for name, fraction in (("test", test_fraction), ("validation", validation_fraction)):
        if fraction is not None and not 0 < fraction < 1:
            raise ConfigError(f"{name}_fraction must lie between 0 and 1, got {fraction}")
    if (test_fraction or 0) + validation_fraction >= 1:
        raise ConfigError(
            f"test_fraction {test_fraction} and validation_fraction {validation_fraction} "
            "leave nothing to train on"
        )
    return round((test_fraction or 0) * n_units), round(validation_fraction * n_units)


def _by_lot(n_units: int, n_test: int, n_validation: int, seed: int) -> np.ndarray:
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
