"""Labelled training pairs -> scikit-learn classifiers on features of both proteins -> scores."""

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

from ppi_ratio.evaluation.baselines.pair_features import PairFeatures, RowPairs
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, blocks
from ppi_ratio.evaluation.baselines.training_pairs import is_joint, labelled_training
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.pairs import PairTable

MAX_ITERATIONS = 1000


@dataclass(frozen=True, config=STRICT)
class Logistic:
    """Logistic regression on both proteins' principal components and their products.

    The principal components are those of the standardised training vectors. The regression
    recognises sticky proteins and roles. Of how two proteins match it sees only one weight per
    component, for the product. A network that does not beat its AUROC is not worth training.

    Attributes:
        n_components: principal components per protein.
        inverse_penalty: C of the regression.
        max_rows: largest number of training pairs; a larger table is sampled at random.
        seed: seed of the components, the drawn non-pairs and the sample.
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
    """Share of interactions in the leaves of a random forest, on the features of ``Logistic``.

    The forest shows what a general classifier finds: combinations of stickiness, role and
    similarity. Random forests on principal components, or on vectors of language models, are the
    classical reference of Bernett, Blumenthal & List (2024), Briefings in Bioinformatics 25,
    bbae076.

    Attributes:
        n_components: principal components per protein.
        n_trees: trees in the forest.
        max_depth: largest number of splits between root and leaf.
        min_leaf: smallest number of training pairs in a leaf.
        max_rows: largest number of training pairs; a larger table is sampled at random.
        seed: seed of the trees, the components, the drawn non-pairs and the sample.
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
        # Several threads would add the trees' votes in a varying order and round differently.
        forest.set_params(n_jobs=1)
        return problem.scores(lambda features: np.asarray(forest.predict_proba(features))[:, 1])


@dataclasses.dataclass(frozen=True, eq=False)
class _Problem:
    """Labelled training pairs and candidates, described by principal components."""

    components: np.ndarray
    labels: np.ndarray
    features: PairFeatures

    @classmethod
    def of(
        cls, task: BaselineTask, table: PairTable, n_components: int, *, seed: int
    ) -> "_Problem":
        features = PairFeatures.of(task, table)
        return cls(features.components(n_components, seed=seed), is_joint(table), features)

    def examples(self, max_rows: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Features and labels of the training pairs, at most ``max_rows`` of them at random."""
        rows = np.arange(len(self.labels))
        if len(rows) > max_rows:
            kept, _ = train_test_split(
                rows, train_size=max_rows, stratify=self.labels, random_state=seed
            )
            rows = np.asarray(kept)
        return self._features(self.features.training, rows), self.labels[rows]

    def scores(self, predict: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Apply ``predict`` to the features of every candidate; shape ``(pair,)``."""
        candidates = self.features.candidates
        rows = np.arange(len(candidates.left))
        parts = [predict(self._features(candidates, rows[block])) for block in blocks(len(rows))]
        return np.concatenate([np.empty(0), *parts])

    def _features(self, pairs: RowPairs, rows: np.ndarray) -> np.ndarray:
        """Features of the pairs, ``(row, 3 components)``; symmetric if pairs have no direction."""
        left, right = (self.components[side[rows]] for side in pairs)
        either = [left, right] if self.features.directed else [left + right, abs(left - right)]
        return np.hstack([*either, left * right])
