"""A baseline on labelled groups of test pairs -> its scores of each."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines import BASELINES, BaselineTask, IdPairs, Need, applicable
from ppi_ratio.evaluation.groups import DEGREE_MATCHED, LAWS, LabelledPairs, NoiseDraws
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairTable

Group = LabelledPairs | NoiseDraws


def baseline_scores(
    name: str,
    groups: Sequence[Group],
    *,
    degrees: pd.DataFrame,
    directed: bool,
    vectors: Embeddings,
    training: PairTable | None = None,
    held_apart: frozenset[str] = frozenset(),
) -> list[np.ndarray | None]:
    """Scores of every group by one of ``BASELINES``; None where it does not apply.

    A baseline that learns from the training pairs does so once for all groups, but once for each
    law of non-pairs if it has to draw its own: it is judged by what it was trained for. One that
    reads labels has those of each group alone, and none of degree-matched ones: they even out
    exactly, and what is left out of a count tells them apart.
    """

    def task_of(chosen: Sequence[Group]) -> BaselineTask:
        frame = pd.concat([group.frame for group in chosen])
        return BaselineTask(
            degrees=degrees,
            candidates=IdPairs(frame[LEFT].to_numpy(), frame[RIGHT].to_numpy()),
            directed=directed,
            labels=frame[LABEL].to_numpy(),
            vectors=vectors,
            training=training,
            law=LAWS.get(chosen[0].non_pairs, BaselineTask.law),
            held_apart=held_apart,
        )

    scores: dict[int, np.ndarray] = {}
    for numbers in _scored_together(BASELINES[name].needs, groups, task_of):
        chosen = [groups[number] for number in numbers]
        task = task_of(chosen)
        baseline = applicable(task).get(name)
        if baseline is not None:
            ends = np.cumsum([len(group.frame) for group in chosen])[:-1]
            scores |= zip(numbers, np.split(baseline.score(task), ends), strict=True)
    return [scores.get(number) for number in range(len(groups))]


def _scored_together(
    needs: frozenset[Need],
    groups: Sequence[Group],
    task_of: Callable[[Sequence[Group]], BaselineTask],
) -> list[list[int]]:
    """Numbers of the groups that one task can hold; those that cannot be scored are left out."""
    numbers = range(len(groups))
    if Need.LABELS in needs:
        return [[number] for number in numbers if groups[number].non_pairs != DEGREE_MATCHED]
    if groups and Need.NON_PAIRS in needs and task_of(groups).draws_non_pairs:
        laws = defaultdict(list)
        for number in numbers:
            laws[LAWS.get(groups[number].non_pairs)].append(number)
        return list(laws.values())
    return [list(numbers)] if groups else []
