"""A baseline on labelled groups of test pairs -> its scores of each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines import BASELINES, BaselineTask, IdPairs, Need, applicable
from ppi_ratio.evaluation.groups import DEGREE_MATCHED, LabelledPairs
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairTable


def baseline_scores(
    name: str,
    groups: Sequence[LabelledPairs],
    *,
    degrees: pd.DataFrame,
    directed: bool,
    vectors: Embeddings,
    training: PairTable | None = None,
) -> list[np.ndarray | None]:
    """Scores of every group by one of ``BASELINES``; None where it does not apply.

    A baseline that learns from the training pairs does so once for all groups. One that reads
    labels has those of each group alone, and none of degree-matched ones: they even out exactly,
    and what is left out of a count tells them apart.
    """

    def score(chosen: Sequence[LabelledPairs]) -> list[np.ndarray | None]:
        frame = pd.concat([group.table.frame for group in chosen])
        task = BaselineTask(
            degrees=degrees,
            candidates=IdPairs(frame[LEFT].to_numpy(), frame[RIGHT].to_numpy()),
            directed=directed,
            labels=frame[LABEL].to_numpy(),
            vectors=vectors,
            training=training,
        )
        baseline = applicable(task).get(name)
        if baseline is None:
            return [None] * len(chosen)
        scores = baseline.score(task)
        return list(np.split(scores, np.cumsum([len(group.table) for group in chosen])[:-1]))

    if not groups:
        return []
    if Need.LABELS in BASELINES[name].needs:
        return [
            None if group.non_pairs == DEGREE_MATCHED else score([group])[0] for group in groups
        ]
    return score(groups)
