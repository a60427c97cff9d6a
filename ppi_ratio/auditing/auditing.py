"""A table of pairs, perhaps sequences, a training table and scores -> its ``Audit``."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from ppi_ratio.auditing.predictions import coverage_checks, match, read_scores, score_checks
from ppi_ratio.auditing.results import Audit, Check
from ppi_ratio.auditing.rows import degree_checks, label_checks, row_checks, sequence_checks
from ppi_ratio.auditing.shortcuts import shortcut_checks
from ppi_ratio.auditing.training import Against, leak_checks, relative_checks
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
    """Look for what makes numbers on a table of pairs mean less than they seem to.

    Args:
        pairs: the table that a model is, or is to be, judged by; its ``drops`` are counted.
        proteins: sequences, to tell which proteins have none and which have relatives in training.
        training: the table that the model learned from.
        scores: a model's, as ``read_scores`` takes them.
        clusters: of the sequences by id; ``word_clusters`` makes them if ``proteins`` and
            ``training`` are given and these are not.
        seed: of the folds in which identity and degree are counted.

    Raises:
        InputError: if the scores cannot be read, or are of none of the pairs.
        ValueError: if one table is directed and the other not.
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
        both = Against(pairs, training, proteins)
        yield from leak_checks(both)
        if clusters is None and proteins is not None:
            clusters = both.clusters()
        if clusters is not None:
            yield from relative_checks(both, clusters)
    yield from shortcut_checks(pairs, training, seed=seed)
