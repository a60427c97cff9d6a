"""Labelled training pairs -> scores of a neural network that classifies both vectors."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass

from ppi_ratio.critics import MLP
from ppi_ratio.critics.products import Share
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, known_rows
from ppi_ratio.evaluation.baselines.training_pairs import held_out, labelled_training
from ppi_ratio.objectives import BCE
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.training.settings import TrainerSettings

BATCH_SIZE = 64  # interactions, and as many non-pairs


@dataclass(frozen=True, config=STRICT)
class BCENetwork:
    """Logit of a network on the concatenated vectors, trained on interactions and non-pairs.

    This is the usual classifier of the field: two hidden layers of 64 units, dropout 0.1 and
    binary cross-entropy. It follows the ESM2-MLP that TUnA was compared with (Ko, Parkinson, Liu &
    Wang 2024, Briefings in Bioinformatics 25, bbae359). A model and this baseline read the same
    vectors, so the difference of their AUROCs shows the value of learning a ratio.

    Early stopping looks at a tenth of the training pairs. If most candidates have unseen proteins,
    it looks at the pairs of a tenth of the proteins. If pairs have no direction, the score is the
    mean over both orders.

    Attributes:
        hidden: width of both hidden layers.
        dropout: share of hidden units left out in training.
        learning_rate: learning rate of AdamW.
        max_epochs: largest number of passes over the training pairs.
        patience: epochs in a row without a lower held-out loss before training stops.
        seed: seed of weights, batches, dropout, drawn non-pairs and held-out pairs.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING, Need.NON_PAIRS})
    name: Literal["bce_network"] = "bce_network"
    hidden: PositiveInt = 64
    dropout: Share = 0.1
    learning_rate: PositiveFloat = 3e-4
    max_epochs: PositiveInt = 20
    patience: PositiveInt = 3
    seed: int = 0

    def score(self, task: BaselineTask) -> np.ndarray:
        from ppi_ratio.model.fitting import fit  # imports Lightning, which is slow

        table = labelled_training(task, self, seed=self.seed)
        vectors, candidates = task.vectors, task.candidates
        assert vectors is not None
        rows = [known_rows(vectors, side) for side in (candidates.left, candidates.right)]
        stopping = held_out(table, candidates, seed=self.seed)
        kept, held = table.select(~stopping), table.select(stopping)
        critic = MLP(
            hidden=self.hidden, layers=2, dropout=self.dropout, symmetric=not table.directed
        )
        trainer = TrainerSettings(
            max_epochs=self.max_epochs,
            batch_size=min(BATCH_SIZE, len(kept.joint)),
            learning_rate=self.learning_rate,
            patience=self.patience,
            accelerator="cpu",
        )
        model = fit(
            kept,
            vectors,
            validation=held,
            critic=critic,
            objective=BCE(),
            trainer=trainer,
            seed=self.seed,
            progress=False,
        )
        return model.scorer.score_rows(vectors, *rows).astype(float)
