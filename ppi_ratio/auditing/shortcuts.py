"""Labelled pairs -> checks of how well each protein alone predicts the labels."""

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

MIN_OF_EACH = 10  # interactions and non-pairs below which an AUROC is too uncertain
N_FOLDS = 5
WEAK, STRONG = 0.05, 0.1  # excess of an AUROC above 1/2 that makes a note, and a warning
STANDARD_ERRORS = 3  # the least excess that makes a note, in standard errors


def has_enough(labels: np.ndarray) -> bool:
    """Whether both labels are common enough for an AUROC."""
    n_joint = int(labels.sum())
    return min(n_joint, len(labels) - n_joint) >= MIN_OF_EACH


def shortcut_checks(pairs: PairTable, training: PairTable | None, *, seed: int) -> Iterator[Check]:
    """AUROC of protein identity alone and of degree alone; no checks if labels are too few.

    Degrees are counted in the training table. Without a training table, they are counted in the
    interactions of the other folds of the table itself.
    """
    if not pairs.is_labelled or not has_enough(labels := pairs.frame[LABEL].to_numpy()):
        return
    task = _task(pairs, degree_table(pairs.select(np.array([], dtype=int))))
    identity = auroc(labels, Identity(n_folds=N_FOLDS, seed=seed).score(task))
    yield Check(
        "identity_auroc",
        above_chance(identity, labels),
        "AUROC of how often each protein interacts in the other four fifths of this table, without "
        "the pair itself; if it is far above 0.5, a high AUROC of a model shows which proteins "
        "interact often, not which pairs interact",
        value=identity,
    )
    if training is None:
        source = "the interactions of the other four fifths of this table"
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
    """How severe it is that a score which should carry no information has this AUROC."""
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
