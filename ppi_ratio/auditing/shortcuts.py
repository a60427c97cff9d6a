"""Labelled pairs -> checks of how well labels are told without asking whether two proteins fit."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold

from ppi_ratio.auditing.results import Check, Severity
from ppi_ratio.evaluation.baselines import BaselineTask, Degree, Identity, IdPairs
from ppi_ratio.evaluation.metrics import auroc
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairTable

MIN_OF_EACH = 10  # joint pairs and non-pairs below which an AUROC is noise
N_FOLDS = 5
WEAK, STRONG = 0.05, 0.1  # above 1/2: an AUROC to be noted, and one to be warned of
STANDARD_ERRORS = 3  # it must be above 1/2 by


def has_enough(labels: np.ndarray) -> bool:
    """Whether an AUROC of these pairs says anything."""
    n_joint = int(labels.sum())
    return min(n_joint, len(labels) - n_joint) >= MIN_OF_EACH


def shortcut_checks(pairs: PairTable, training: PairTable | None, *, seed: int) -> Iterator[Check]:
    """Identity-only and degree-only AUROC; none where labels are too few.

    Degrees are counted in the training table; without one, in the joint pairs of the other folds
    of the table itself.
    """
    if not pairs.is_labelled or not has_enough(labels := pairs.frame[LABEL].to_numpy()):
        return
    task = _task(pairs, degree_table(pairs.select(np.array([], dtype=int))))
    identity = auroc(labels, Identity(n_folds=N_FOLDS, seed=seed).score(task))
    yield Check(
        "identity_auroc",
        above_chance(identity, labels),
        "AUROC of how often each protein is joint in the other four fifths of this table, the "
        "pair itself unseen; far above 0.5 an AUROC says which proteins are sticky, not which "
        "pairs fit",
        value=identity,
    )
    if training is None:
        source = "the joint pairs of the other four fifths of this table"
        scores = _fold_degrees(pairs, seed=seed)
    else:
        source = "the training table"
        scores = Degree().score(_task(pairs, degree_table(training)))
    degree = auroc(labels, scores)
    yield Check(
        "degree_auroc",
        above_chance(degree, labels),
        f"AUROC of the degrees of the two proteins, counted in {source}",
        value=degree,
    )


def above_chance(value: float, labels: np.ndarray) -> Severity:
    """How far above 1/2 the AUROC of a score that should tell nothing is."""
    n_joint = int(labels.sum())
    n_non_pairs = len(labels) - n_joint
    error = math.sqrt((len(labels) + 1) / (12 * n_joint * n_non_pairs))  # of Mann & Whitney's U
    excess = value - 0.5
    if excess < max(WEAK, STANDARD_ERRORS * error):
        return Severity.OK
    return Severity.WARNING if excess >= STRONG else Severity.NOTE


def _fold_degrees(pairs: PairTable, *, seed: int) -> np.ndarray:
    scores = np.empty(len(pairs))
    folds = KFold(N_FOLDS, shuffle=True, random_state=seed)
    for counted, scored in folds.split(scores):
        task = _task(pairs.select(scored), degree_table(pairs.select(counted)))
        scores[scored] = Degree().score(task)
    return scores


def _task(pairs: PairTable, degrees: pd.DataFrame) -> BaselineTask:
    frame = pairs.frame
    candidates = IdPairs(frame[LEFT].to_numpy(), frame[RIGHT].to_numpy())
    return BaselineTask(degrees, candidates, pairs.directed, labels=frame[LABEL].to_numpy())
