"""A baseline task -> labelled pairs for training, and pairs for early stopping."""

import numpy as np
from sklearn.model_selection import train_test_split

from ppi_ratio.errors import InputError
from ppi_ratio.evaluation.baselines.task import MIN_NON_PAIRS, Baseline, BaselineTask, IdPairs
from ppi_ratio.pairs import LABEL, PairTable, draw_non_pairs, labelled_table
from ppi_ratio.pairs.table import union
from ppi_ratio.sequences import IdIndex

HELD_OUT = 0.1  # share of the training pairs, or of their proteins, held out for early stopping


def joint_training(task: BaselineTask, baseline: Baseline) -> PairTable:
    """The interactions of the training pairs whose two proteins have vectors.

    Raises:
        InputError: if there are fewer than ``MIN_INTERACTIONS``.
    """
    task.check(baseline)
    assert task.learnable is not None
    return task.learnable.joint


def labelled_training(task: BaselineTask, baseline: Baseline, *, seed: int) -> PairTable:
    """The interactions and non-pairs of training whose proteins have vectors.

    Where training has too few labelled non-pairs, one per interaction is drawn by ``task.law``.

    Raises:
        InputError: if there are too few interactions, or too few non-pairs can be drawn.
    """
    joint = joint_training(task, baseline)
    assert task.learnable is not None
    if not task.draws_non_pairs:
        return task.learnable
    drawn = union(
        [
            draw_non_pairs(joint.select(rows), law=task.law, per_joint=1, known=None, seed=seed)
            for rows in task.parts(joint)
        ],
        name=joint.name,
    )
    if len(drawn) < MIN_NON_PAIRS:
        raise InputError(
            f"{joint.name}: nearly every pair of its proteins is an interaction, so only "
            f"{len(drawn)} non-pairs can be drawn and the {baseline.name} baseline needs "
            f"{MIN_NON_PAIRS}; add labelled non-pairs to the training pairs"
        )
    return labelled_table(joint, drawn)


def is_joint(table: PairTable) -> np.ndarray:
    """True where a pair of the table is an interaction; shape ``(pair,)``."""
    if not table.is_labelled:
        return np.ones(len(table), dtype=bool)
    return table.frame[LABEL].to_numpy() == 1


def held_out(table: PairTable, candidates: IdPairs, *, seed: int) -> np.ndarray:
    """Choose the training pairs that early stopping looks at; True where held out, ``(pair,)``.

    Held-out pairs resemble the candidates. If most candidates have two training proteins, a tenth
    of the pairs is held out. Otherwise all pairs of a tenth of the proteins are held out. Early
    stopping on pairs of training proteins would reward a network that memorises proteins.
    """
    left, right, ids = table.coded
    labels = is_joint(table)
    index = IdIndex(ids)
    known = [index.rows(side) >= 0 for side in (candidates.left, candidates.right)]
    n_known = np.logical_and(*known).sum()
    if n_known <= len(candidates) / 2:
        new = np.random.default_rng(seed).random(len(ids)) < HELD_OUT
        chosen = new[left] | new[right]
        if chosen.mean() < 1 / 2 and _all_labels(labels, chosen) and _all_labels(labels, ~chosen):
            return chosen
    rows = np.arange(len(table))
    _, stopping = train_test_split(rows, test_size=HELD_OUT, stratify=labels, random_state=seed)
    return np.isin(rows, stopping)


def _all_labels(labels: np.ndarray, chosen: np.ndarray) -> bool:
    return set(labels[chosen].tolist()) == set(labels.tolist())
