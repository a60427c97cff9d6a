"""Labelled training pairs -> classifiers of scikit-learn on features of the pair -> scores."""

import dataclasses
from collections.abc import Callable
from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ppi_ratio.evaluation.baselines.material import (
    Material,
    RowPairs,
    is_joint,
    labelled_training,
)
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, blocks
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.pairs import PairTable

MAX_ITERATIONS = 1000


@dataclass(frozen=True, config=STRICT)
class Logistic:
    """Logistic regression on both proteins' principal components and their products.

    The components are of the standardised training vectors. Being linear in the vectors of
    either side, it tells sticky proteins and roles; of which fits which it sees as much as one
    weight per component says. So its AUROC is what a model must beat to be worth a network.

    Attributes:
        n_components: of each protein.
        inverse_penalty: C of the regression.
        max_rows: training pairs, at most; of more a random sample is taken.
        seed: of the components, of drawn non-pairs and of the sample.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING, Need.NON_PAIRS})
    name: Literal["logistic"] = "logistic"
    n_components: PositiveInt = 64
    inverse_penalty: PositiveFloat = 0.01
    max_rows: PositiveInt = 200_000
    seed: int = 0

    def score(self, task: BaselineTask) -> np.ndarray:
        table = labelled_training(task, self, seed=self.seed)
        problem = _Problem.of(task, table, self.n_components, seed=self.seed)
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=self.inverse_penalty, max_iter=MAX_ITERATIONS)
        )
        model.fit(*problem.examples(self.max_rows, seed=self.seed))
        return problem.scores(model.decision_function)


@dataclass(frozen=True, config=STRICT)
class RandomForest:
    """Share of joint pairs in the leaves of a random forest on the features of ``Logistic``.

    What a classifier without any notion of interaction finds: combinations of sticky proteins,
    roles and likeness. Random forests on principal components, or on vectors of language models,
    are the classical reference of Bernett, Blumenthal & List (2024), Briefings in Bioinformatics
    25, bbae076.

    Attributes:
        n_components: of each protein.
        n_trees: trees in the forest.
        max_depth: splits between root and leaf, at most.
        min_leaf: training pairs in each leaf, at least.
        max_rows: training pairs, at most; of more a random sample is taken.
        seed: of the trees, of the components, of drawn non-pairs and of the sample.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING, Need.NON_PAIRS})
    name: Literal["random_forest"] = "random_forest"
    n_components: PositiveInt = 16
    n_trees: PositiveInt = 200
    max_depth: PositiveInt = 12
    min_leaf: PositiveInt = 5
    max_rows: PositiveInt = 40_000
    seed: int = 0

    def score(self, task: BaselineTask) -> np.ndarray:
        table = labelled_training(task, self, seed=self.seed)
        problem = _Problem.of(task, table, self.n_components, seed=self.seed)
        forest = RandomForestClassifier(
            self.n_trees,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_leaf,
            n_jobs=-1,
            random_state=self.seed,
        )
        forest.fit(*problem.examples(self.max_rows, seed=self.seed))
        # several threads would add the trees' votes in another order each time
        forest.set_params(n_jobs=1)
        return problem.scores(lambda features: np.asarray(forest.predict_proba(features))[:, 1])


@dataclasses.dataclass(frozen=True, eq=False)
class _Problem:
    """Labelled training pairs and candidates, as pairs of rows of principal components."""

    components: np.ndarray
    labels: np.ndarray
    material: Material

    @classmethod
    def of(
        cls, task: BaselineTask, table: PairTable, n_components: int, *, seed: int
    ) -> "_Problem":
        material = Material.of(task, table)
        return cls(material.components(n_components, seed=seed), is_joint(table), material)

    def examples(self, max_rows: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Features and labels of the training pairs, or of so many of them drawn at random."""
        rows = np.arange(len(self.labels))
        if len(rows) > max_rows:
            kept, _ = train_test_split(
                rows, train_size=max_rows, stratify=self.labels, random_state=seed
            )
            rows = np.asarray(kept)
        return self._features(self.material.training, rows), self.labels[rows]

    def scores(self, predict: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """What ``predict`` makes of the features of each candidate, ``(pair,)``."""
        asked = self.material.candidates
        rows = np.arange(len(asked.left))
        parts = [predict(self._features(asked, rows[block])) for block in blocks(len(rows))]
        return np.concatenate([np.empty(0), *parts])

    def _features(self, pairs: RowPairs, rows: np.ndarray) -> np.ndarray:
        """Of each pair, ``(row, 3 components)``; without a direction alike for both orders."""
        left, right = (self.components[side[rows]] for side in pairs)
        either = [left, right] if self.material.directed else [left + right, abs(left - right)]
        return np.hstack([*either, left * right])
