"""Labelled training pairs -> the field's usual classifier, a network on both vectors."""

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

BATCH_SIZE = 64  # joint pairs, and as many non-pairs


@dataclass(frozen=True, config=STRICT)
class BCENetwork:
    """Logit of a network on the concatenated vectors, trained to tell joint pairs from non-pairs.

    What the field does: two hidden layers of 64, dropout 0.1, binary cross-entropy, as the
    ESM2-MLP that TUnA (Ko, Parkinson, Liu & Wang 2024, Briefings in Bioinformatics 25, bbae359)
    was compared with. Beside a ratio learned by contrast its AUROC says what that objective is
    worth on equal vectors. Stopped by a tenth of the training pairs (or, for candidates with
    unseen proteins, those of a tenth of the proteins); if pairs have no direction it scores the
    mean of both orders.

    Attributes:
        hidden: width of both hidden layers.
        dropout: share of hidden units left out in training.
        learning_rate: of AdamW.
        max_epochs: passes over the training pairs, at most.
        patience: epochs without a lower held-out loss before it stops.
        seed: of weights, batches and dropout, of drawn non-pairs and of what is held out.
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
        from ppi_ratio.model.fitting import fit  # loads Lightning, which the others do not need

        table = labelled_training(task, self, seed=self.seed)
        vectors, candidates = task.vectors, task.candidates
        assert vectors is not None
        asked = [known_rows(vectors, side) for side in (candidates.left, candidates.right)]
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
        return model.scorer.score_rows(vectors, *asked).astype(float)
