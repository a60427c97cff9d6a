"""A table of pairs, with sequences, a training table and scores if given -> its ``Audit``."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from ppi_ratio.auditing.predictions import coverage_checks, match, read_scores, score_checks
from ppi_ratio.auditing.results import Audit, Check
from ppi_ratio.auditing.rows import degree_checks, label_checks, row_checks, sequence_checks
from ppi_ratio.auditing.shortcuts import shortcut_checks
from ppi_ratio.auditing.training import TestedAndTraining, leak_checks, relative_checks
from ppi_ratio.auditing.verdict import verdict
from ppi_ratio.pairs import PairTable
from ppi_ratio.sequences import Proteins


def audit(
    pairs: PairTable,
    *,
    proteins: Proteins | None = None,
    training: PairTable | None = None,
    scores: pd.DataFrame | Path | str | None = None,
    clusters: Mapping[str, int] | None = None,
    seed: int = 0,
) -> Audit:
    """Check a table of pairs for faults and leaks that make a metric look better than it is.

    The checks count dropped rows, conflicting labels, hubs, and proteins that have one label
    only. They also measure how well labels are predicted without looking at the pair: by how often
    each protein interacts, and by its degree.

    Args:
        pairs: the table by which a model is judged; ``pairs.drops`` is counted too.
        proteins: sequences; they show proteins without a sequence, and relatives in training.
        training: the table that the model learned from; it shows shared pairs and proteins.
        scores: scores of the pairs, as a frame or a file with a row per pair: two ids and a score.
        clusters: sequence cluster by protein id. Without it, shared words cluster the sequences,
            if ``proteins`` and ``training`` are given.
        seed: seed of the folds in which interactions are counted.

    Returns:
        The checks with their counts, and a verdict in a few sentences.

    Raises:
        InputError: if the scores cannot be read, no score is of a pair of the table, or only one
            of the tables is directed.

    Examples:
        Half of these test pairs were in training:

        >>> import numpy as np
        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> test = pr.split_by_pair(pairs, test_fraction=0.5, seed=0).test
        >>> half = test.select(np.arange(len(test) // 2))
        >>> found = pr.audit(test, training=half)
        >>> found["training_pairs"].severity.value, round(found["training_pairs"].share, 1)
        ('warning', 0.5)
        >>> "remove them before you judge a model" in found.verdict
        True
    """
    checks = tuple(_checks(pairs, proteins, training, clusters, seed=seed))
    if scores is not None:
        matched = match(pairs, read_scores(scores))
        checks += (*coverage_checks(matched), *score_checks(matched))
    return Audit(pairs.name, pairs.directed, checks, verdict(checks))


def _checks(
    pairs: PairTable,
    proteins: Proteins | None,
    training: PairTable | None,
    clusters: Mapping[str, int] | None,
    *,
    seed: int,
) -> Iterator[Check]:
    yield from row_checks(pairs)
    yield from label_checks(pairs)
    yield from degree_checks(pairs)
    if proteins is not None:
        yield from sequence_checks(pairs, proteins)
    if training is not None:
        tables = TestedAndTraining(pairs, training, proteins)
        yield from leak_checks(tables)
        if clusters is None and proteins is not None:
            clusters = tables.clusters()
        if clusters is not None:
            yield from relative_checks(tables, clusters)
    yield from shortcut_checks(pairs, training, seed=seed)
