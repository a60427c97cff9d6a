"""Which side a protein stands on -> a score; what partners it has there does not enter."""

from typing import ClassVar, Literal

import numpy as np
import pandas as pd
import torch
from pydantic import PositiveFloat
from pydantic.dataclasses import dataclass
from sklearn.linear_model import LogisticRegression

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, known_rows
from ppi_ratio.model.scoring import Standardisation
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.model.training_proteins import TrainingProteins
from ppi_ratio.objectives.scores import STRICT

MIN_ROLE_PROBABILITY = 0.01  # no role is ever certain
MAX_ITERATIONS = 1000


@dataclass(frozen=True, config=STRICT)
class Role:
    """log p(left role | left) + log p(right role | right).

    For a training protein p is the share of its training pairs in which it has the role. For any
    other a logistic regression tells it from the vector, learned on the training proteins. The
    AUROC is what it is worth to know a ligand from a receptor, with no idea of which fits which:
    about 0.81 on ligand-receptor pairs against non-pairs of any two proteins. Against
    role-matched ones it is near 1/2; what is left there comes of proteins with both roles.

    Attributes:
        inverse_penalty: C of the regression.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.DIRECTION, Need.VECTORS})
    name: Literal["role"] = "role"
    inverse_penalty: PositiveFloat = 0.01

    def score(self, task: BaselineTask) -> np.ndarray:
        task.check(self)
        assert task.vectors is not None
        left, right = (task.degrees[side].to_numpy() for side in (LEFT_DEGREE, RIGHT_DEGREE))
        stands = left + right > 0
        shares = pd.Series((left / (left + right).clip(min=1))[stands], task.degrees.index[stands])
        codes, ids = pd.factorize(np.concatenate([task.candidates.left, task.candidates.right]))
        rows = TrainingProteins(task.degrees.loc[stands]).rows(ids, task.vectors)
        known = np.append(shares.to_numpy(dtype=float), np.nan)[rows]
        new = np.isnan(known)
        known[new] = self._told(shares, task.vectors, np.asarray(ids)[new])
        as_left = known.clip(MIN_ROLE_PROBABILITY, 1 - MIN_ROLE_PROBABILITY)
        left_codes, right_codes = np.split(codes, 2)
        return np.log(as_left[left_codes]) + np.log1p(-as_left[right_codes])

    def _told(self, shares: pd.Series, vectors: Embeddings, ids: np.ndarray) -> np.ndarray:
        """Probability that each protein stands on the left, by its vector."""
        asked = known_rows(vectors, ids)
        rows = vectors.rows(shares.index)
        share = shares.to_numpy(dtype=float)[rows >= 0]
        if not len(ids) or not (share.any() and (share < 1).any()):
            return np.full(len(ids), shares.mean() if len(shares) else 0.5)
        trained = torch.from_numpy(vectors.matrix(rows[rows >= 0]))
        standardise = Standardisation.of(trained)
        once = standardise(trained).numpy()
        # a protein with both roles is an example of either, weighing what share it has
        examples, weights = np.concatenate([once, once]), np.concatenate([share, 1 - share])
        roles = np.repeat([True, False], len(once))
        model = LogisticRegression(C=self.inverse_penalty, max_iter=MAX_ITERATIONS)
        model.fit(examples[weights > 0], roles[weights > 0], sample_weight=weights[weights > 0])
        told = standardise(torch.from_numpy(vectors.matrix(asked))).numpy()
        return model.predict_proba(told)[:, 1]
