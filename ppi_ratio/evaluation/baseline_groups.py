"""A baseline and labelled groups of test pairs -> scores of each group."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines import BASELINES, BaselineTask, IdPairs, Need, applicable
from ppi_ratio.evaluation.baselines.task import MIN_INTERACTIONS
from ppi_ratio.evaluation.groups import DEGREE_MATCHED, NOISE_LAW_OF, LabelledPairs, NoiseDraws
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
    """Scores of every group by one of ``BASELINES``; None where the baseline does not apply.

    A baseline that learns from training pairs is fitted once for all groups. If the baseline draws
    its own non-pairs, it is fitted once for each noise law, so that training and test agree.

    A baseline that reads labels is fitted on each group alone. It has no scores of degree-matched
    groups. There each protein has as many interactions as non-pairs, so the counts without a pair
    reveal the label of that pair.
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
            law=NOISE_LAW_OF.get(chosen[0].non_pairs, BaselineTask.law),
            held_apart=held_apart,
        )

    scores: dict[int, np.ndarray] = {}
    for numbers in _groups_of_one_task(BASELINES[name].needs, groups, task_of):
        chosen = [groups[number] for number in numbers]
        task = task_of(chosen)
        baseline = applicable(task).get(name)
        if baseline is not None:
            ends = np.cumsum([len(group.frame) for group in chosen])[:-1]
            scores |= zip(numbers, np.split(baseline.score(task), ends), strict=True)
    return [scores.get(number) for number in range(len(groups))]


def too_few_to_learn(names: Iterable[str], training: PairTable, vectors: Embeddings) -> str:
    """Which baselines are left out because training is too small, in words; empty if none is."""
    learning = [name for name in names if Need.TRAINING in BASELINES[name].needs]
    n_joint = len(training.joint.restrict_to(vectors.index)[0])
    if not learning or n_joint >= MIN_INTERACTIONS:
        return ""
    return (
        f"{training.name}: baselines left out: {', '.join(learning)}; these learn from at least "
        f"{MIN_INTERACTIONS} training interactions with vectors, and there are {n_joint}"
    )


def _groups_of_one_task(
    needs: frozenset[Need],
    groups: Sequence[Group],
    task_of: Callable[[Sequence[Group]], BaselineTask],
) -> list[list[int]]:
    """Numbers of the groups that each task scores together; other groups get no scores."""
    numbers = range(len(groups))
    if Need.LABELS in needs:
        return [[number] for number in numbers if groups[number].non_pairs != DEGREE_MATCHED]
    if groups and Need.NON_PAIRS in needs and task_of(groups).draws_non_pairs:
        laws = defaultdict(list)
        for number in numbers:
            laws[NOISE_LAW_OF.get(groups[number].non_pairs)].append(number)
        return list(laws.values())
    return [list(numbers)] if groups else []
