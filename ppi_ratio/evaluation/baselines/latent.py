"""Joint training pairs -> codes by autoencoders -> pointwise information of the candidates."""

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
from ppi_ratio.evaluation.baselines.material import Material, held_out, joint_training
from ppi_ratio.evaluation.baselines.neighbour_information import pointwise_information
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need
from ppi_ratio.objectives.scores import STRICT

N_INPUTS = 256  # principal components that the autoencoders read


@dataclass(frozen=True, config=STRICT)
class LMI:
    """Pointwise mutual information of codes that autoencoders learn: no contrast at all.

    Latent mutual information of Gowri, Lun, Klein & Yin (2024), NeurIPS, arXiv 2409.02732. A
    code must restore its own vector and foretell that of the partner; the score of a pair is the
    estimate of Kraskov et al. at its codes, the joint training pairs being the sample. It tells
    what a ratio is worth whose codes are learned without ever seeing what does not fit.

    Unlike the authors' code: candidates are neither learned from nor counted nor scaled by;
    the networks read principal components and are a quarter as wide, so that many pairs take
    minutes on a processor; codes end in a linear layer; pairs without a direction have one
    encoder for both sides, and stand in the sample in both orders.

    Attributes:
        n_dims: length of a code.
        n_neighbours: k of the estimator.
        learning_rate: of Adam.
        max_steps: batches of 512 pairs, at most.
        patience: looks at held-out pairs, one in 20 steps, without a lower loss.
        max_reference: pairs in the sample, at most; of more a random part is taken.
        seed: of weights, batches, dropout, the pairs held out and the sample.
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
        material = Material.of(task, table)
        pairs = np.stack(material.training)
        stopping = held_out(table, task.candidates, seed=self.seed)
        chosen = np.random.default_rng(self.seed).permutation(pairs.shape[1])
        chosen = chosen[: self.max_reference // (1 if table.directed else 2)]
        sample = pairs[:, chosen]
        if not table.directed:
            pairs, sample = (np.hstack([each, each[::-1]]) for each in (pairs, sample))
            stopping = np.tile(stopping, 2)
        left, right = self._codes(material, pairs, stopping)
        asked = material.candidates
        return pointwise_information(
            (left[sample[0]], right[sample[1]]),
            (left[asked.left], right[asked.right]),
            n_neighbours=self.n_neighbours,
        )

    def _codes(
        self, material: Material, pairs: np.ndarray, stopping: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of every protein as left and as right, ``(protein, n_dims)``."""
        inputs = torch.from_numpy(material.components(N_INPUTS, seed=self.seed))
        inputs = inputs / inputs[material.trained].std()
        schedule = Schedule(self.learning_rate, self.max_steps, self.patience)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            networks = CrossAutoencoders(inputs.shape[1], self.n_dims, tied=not material.directed)
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
