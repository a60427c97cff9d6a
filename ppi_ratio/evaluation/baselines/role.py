"""The side on which each protein usually stands -> scores that ignore the partner."""

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

MIN_ROLE_PROBABILITY = 0.01  # keeps the logarithms finite
MAX_ITERATIONS = 1000


@dataclass(frozen=True, config=STRICT)
class Role:
    """log p(left role | left) + log p(right role | right), for directed pairs.

    Undirected pairs have roles if each has one protein of two kinds (``pairs.kinds``). Their score
    is log of p(left role | x) p(right role | y) + p(right role | x) p(left role | y).

    For a training protein, p is the share of its training pairs in which it has the role. For any
    other protein, a logistic regression on the vectors of training proteins predicts p. The AUROC
    shows how far it helps to know ligands from receptors, without knowing which ligand fits which
    receptor. On ligand-receptor pairs it is about 0.81 against non-pairs of any two proteins.
    Against role-matched non-pairs it is near 1/2; the rest comes from proteins with both roles.

    Attributes:
        inverse_penalty: C of the regression.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.ROLES, Need.VECTORS})
    name: Literal["role"] = "role"
    inverse_penalty: PositiveFloat = 0.01

    def score(self, task: BaselineTask) -> np.ndarray:
        task.check(self)
        assert task.vectors is not None
        shares = self._shares(task)
        codes, ids = pd.factorize(np.concatenate([task.candidates.left, task.candidates.right]))
        rows = TrainingProteins(task.degrees.loc[shares.index]).rows(ids, task.vectors)
        left_share = np.append(shares.to_numpy(dtype=float), np.nan)[rows]
        new = np.isnan(left_share)
        left_share[new] = self._predicted(shares, task.vectors, np.asarray(ids)[new])
        p_left = left_share.clip(MIN_ROLE_PROBABILITY, 1 - MIN_ROLE_PROBABILITY)
        left_codes, right_codes = np.split(codes, 2)
        as_given = np.log(p_left[left_codes]) + np.log1p(-p_left[right_codes])
        if task.directed:
            return as_given
        return np.logaddexp(as_given, np.log1p(-p_left[left_codes]) + np.log(p_left[right_codes]))

    def _shares(self, task: BaselineTask) -> pd.Series:
        """Share of the pairs of each training protein in which it has the left role."""
        if not task.directed:
            assert task.kinds is not None
            ids = task.degrees.index
            first = ~task.kinds.are_second(ids.to_numpy())
            return pd.Series(first.astype(float), ids)
        left, right = (task.degrees[side].to_numpy() for side in (LEFT_DEGREE, RIGHT_DEGREE))
        has_pairs = left + right > 0
        left_shares = (left / (left + right).clip(min=1))[has_pairs]
        return pd.Series(left_shares, task.degrees.index[has_pairs])

    def _predicted(self, shares: pd.Series, vectors: Embeddings, ids: np.ndarray) -> np.ndarray:
        """Probability that each protein of ``ids`` stands on the left, by its vector."""
        new_rows = known_rows(vectors, ids)
        rows = vectors.rows(shares.index)
        share = shares.to_numpy(dtype=float)[rows >= 0]
        if not len(ids) or not (share.any() and (share < 1).any()):
            return np.full(len(ids), shares.mean() if len(shares) else 0.5)
        trained = torch.from_numpy(vectors.matrix(rows[rows >= 0]))
        standardise = Standardisation.of(trained)
        features = standardise(trained).numpy()
        # Each protein is one example of either role, weighted by the share of its pairs with it.
        examples, weights = np.concatenate([features, features]), np.concatenate([share, 1 - share])
        roles = np.repeat([True, False], len(features))
        model = LogisticRegression(C=self.inverse_penalty, max_iter=MAX_ITERATIONS)
        model.fit(examples[weights > 0], roles[weights > 0], sample_weight=weights[weights > 0])
        new_features = standardise(torch.from_numpy(vectors.matrix(new_rows))).numpy()
        return model.predict_proba(new_features)[:, 1]
