"""Interactions of training -> autoencoder codes -> pointwise mutual information of candidates."""

from typing import ClassVar, Literal

import numpy as np
import torch
from pydantic import PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass

from ppi_ratio.evaluation.baselines.autoencoders import (
    CrossAutoencoders,
    Schedule,
    train_autoencoders,
)
from ppi_ratio.evaluation.baselines.neighbour_information import pointwise_information
from ppi_ratio.evaluation.baselines.pair_features import PairFeatures
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need
from ppi_ratio.evaluation.baselines.training_pairs import held_out, joint_training
from ppi_ratio.objectives.scores import STRICT

N_INPUTS = 256  # principal components that the autoencoders read


@dataclass(frozen=True, config=STRICT)
class LMI:
    """Pointwise mutual information of autoencoder codes, learned without non-pairs.

    This is the latent mutual information of Gowri, Lun, Klein & Yin (2024), NeurIPS, arXiv
    2409.02732. A code must reconstruct its own vector and predict the vector of the partner. A
    pair scores the estimate of Kraskov et al. at its two codes, with the interactions of training
    as the sample. The baseline shows how good a ratio is whose codes are learned without non-pairs.

    Four things differ from the authors' code:

    1. Candidates take no part in training, in counting neighbours or in scaling.
    2. The networks read principal components and are a quarter as wide, so that many pairs take
       minutes on a CPU.
    3. Codes end in a linear layer.
    4. For undirected pairs both sides share one encoder, and the sample holds both orders.

    Attributes:
        n_dims: length of a code.
        n_neighbours: k of the estimator.
        learning_rate: learning rate of Adam.
        max_steps: largest number of batches of 512 pairs.
        patience: checks in a row without a lower held-out loss before training stops; there is
            one check in 20 batches.
        max_reference: largest number of pairs in the sample; a larger table is sampled at random.
        seed: seed of weights, batches, dropout, held-out pairs and the sample.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING})
    name: Literal["lmi"] = "lmi"
    n_dims: PositiveInt = 8
    n_neighbours: PositiveInt = 3
    learning_rate: PositiveFloat = 1e-3
    max_steps: PositiveInt = 2000
    patience: PositiveInt = 10
    max_reference: PositiveInt = 20_000
    seed: int = 0

    def score(self, task: BaselineTask) -> np.ndarray:
        table = joint_training(task, self)
        features = PairFeatures.of(task, table)
        pairs = np.stack(features.training)
        stopping = held_out(table, task.candidates, seed=self.seed)
        chosen = np.random.default_rng(self.seed).permutation(pairs.shape[1])
        chosen = chosen[: self.max_reference // (1 if table.directed else 2)]
        sample = pairs[:, chosen]
        if not table.directed:
            pairs, sample = (np.hstack([each, each[::-1]]) for each in (pairs, sample))
            stopping = np.tile(stopping, 2)
        left, right = self._codes(features, pairs, stopping)
        candidates = features.candidates
        return pointwise_information(
            (left[sample[0]], right[sample[1]]),
            (left[candidates.left], right[candidates.right]),
            n_neighbours=self.n_neighbours,
        )

    def _codes(
        self, features: PairFeatures, pairs: np.ndarray, stopping: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Codes of every protein as left and as right, ``(protein, n_dims)`` each."""
        inputs = torch.from_numpy(features.components(N_INPUTS, seed=self.seed))
        inputs = inputs / inputs[features.trained].std()
        schedule = Schedule(self.learning_rate, self.max_steps, self.patience)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            networks = CrossAutoencoders(inputs.shape[1], self.n_dims, tied=not features.directed)
            train_autoencoders(
                networks,
                inputs,
                torch.from_numpy(pairs),
                torch.from_numpy(stopping),
                schedule,
            )
        with torch.inference_mode():
            left, right = (networks.codes(inputs, side).double().numpy() for side in (0, 1))
        return left, right
