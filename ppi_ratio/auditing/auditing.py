"""A table of pairs, with sequences, a training table and scores if given -> its ``Audit``."""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from pathlib import Path

import pandas as pd

from ppi_ratio.auditing.id_checks import with_matched_ids
from ppi_ratio.auditing.predictions import column_checks, coverage_checks, match, score_checks
from ppi_ratio.auditing.results import Audit, Check
from ppi_ratio.auditing.rows import (
    degree_checks,
    kind_checks,
    label_checks,
    limit_checks,
    row_checks,
    sequence_checks,
)
from ppi_ratio.auditing.score_files import read_score_column
from ppi_ratio.auditing.shortcuts import shortcut_checks
from ppi_ratio.auditing.training import TestedAndTraining, leak_checks, relative_checks
from ppi_ratio.auditing.verdict import verdict
from ppi_ratio.pairs import PairTable
from ppi_ratio.sequences import IdIndex, Proteins

SCORE_CHECKS = (coverage_checks, column_checks, score_checks)


def audit(
    pairs: PairTable,
    *,
    proteins: Proteins | None = None,
    training: PairTable | None = None,
    scores: pd.DataFrame | Path | str | None = None,
    score_column: str | int | None = None,
    lower_is_better: bool = False,
    clusters: Mapping[str, int] | None = None,
    match_ids: Collection[str] = (),
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
        score_column: column of the scores: its name, or its position from 0. Without it, the
            column is found by its name, or is the third one.
        lower_is_better: whether interactions have low scores, as with a distance. The sign of
            the scores is turned.
        clusters: sequence cluster by protein id. Without it, shared words cluster the sequences,
            if ``proteins`` and ``training`` are given.
        match_ids: differences in spelling that do not count: ``version``, ``prefix``, ``case`` and
            ``isoform``. Without them, such ids are counted and not matched.
        seed: seed of the folds in which interactions are counted.

    Returns:
        The checks with their counts, and a verdict in a few sentences.

    Raises:
        InputError: if the scores cannot be read, are the labels, or are of no pair of the table;
            if only one of the tables is directed; or if a matched id may be two proteins.
        ConfigError: if ``match_ids`` holds an unknown kind of difference.

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
    pairs, training = with_matched_ids(pairs, proteins, training, match_ids)
    checks = tuple(_checks(pairs, proteins, training, clusters, seed=seed))
    title = ""
    if scores is not None:
        column = read_score_column(scores, score_column)
        if match_ids:
            column = column.named_as(IdIndex(pairs.ids, match=match_ids))
        matched = match(pairs, column.turned if lower_is_better else column)
        checks += tuple(chain(*(make(matched) for make in SCORE_CHECKS)))
        title = column.title
    return Audit(pairs.name, pairs.directed, checks, verdict(checks, title))


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
    yield from limit_checks(pairs)
    yield from kind_checks(pairs, training)
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
