"""Pairs of vectors -> short codes that reconstruct their own vector and predict the partner's."""

import copy
import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (256, 128, 64)
SLOPE = 0.2  # of the leaky ReLUs at inputs below zero
CROSS_DROPOUT = 0.5
BATCH_SIZE = 512
STEPS_PER_CHECK = 20  # batches between two checks of the held-out loss
MAX_HELD_OUT = 4096  # pairs in that check


class CrossAutoencoders(nn.Module):
    """Each side has an encoder, a decoder to its own vector and a predictor of the other vector.

    These are the paired autoencoders with cross-predictive regularisation of Gowri, Lun, Klein &
    Yin (2024), arXiv 2409.02732. If ``tied``, both sides share the three networks.
    """

    def __init__(self, dim: int, n_dims: int, *, tied: bool) -> None:
        super().__init__()
        sides = 1 if tied else 2
        narrowing, widening = (dim, *WIDTHS, n_dims), (n_dims, *WIDTHS[::-1], dim)
        self.encoders = nn.ModuleList(_network(narrowing) for _ in range(sides))
        self.decoders = nn.ModuleList(_network(widening) for _ in range(sides))
        self.predictors = nn.ModuleList(
            _network(widening, dropout=CROSS_DROPOUT) for _ in range(sides)
        )

    def codes(self, vectors: Float[Tensor, "protein dim"], side: int) -> Float[Tensor, "protein k"]:
        """Codes of proteins that stand on the left (side 0) or the right (side 1)."""
        return self.encoders[side % len(self.encoders)](vectors)

    def loss(
        self, left: Float[Tensor, "pair dim"], right: Float[Tensor, "pair dim"]
    ) -> Float[Tensor, ""]:
        """Sum of four mean squared errors: two reconstructions and two partner predictions."""
        losses = []
        for side, (own, other) in enumerate(((left, right), (right, left))):
            code, networks = self.codes(own, side), side % len(self.encoders)
            losses.append(functional.mse_loss(self.decoders[networks](code), own))
            losses.append(functional.mse_loss(self.predictors[networks](code), other))
        return torch.stack(losses).sum()


@dataclass(frozen=True)
class Schedule:
    """Learning rate and stopping rule.

    Attributes:
        learning_rate: learning rate of Adam.
        max_steps: largest number of batches.
        patience: checks in a row without a lower held-out loss before training stops.
    """

    learning_rate: float
    max_steps: int
    patience: int


def train_autoencoders(
    networks: CrossAutoencoders,
    vectors: Float[Tensor, "protein dim"],
    pairs: Int[Tensor, "2 pair"],
    held_out: Bool[Tensor, " pair"],
    schedule: Schedule,
) -> None:
    """Train the networks in place and keep the weights with the lowest held-out loss.

    Batches and dropout draw from torch's global generator.

    Args:
        networks: trained in place.
        vectors: one row per protein.
        pairs: interactions, as rows of ``vectors``.
        held_out: True for the pairs that only early stopping looks at.
        schedule: learning rate and stopping rule.
    """
    optimiser = torch.optim.Adam(networks.parameters(), lr=schedule.learning_rate)
    seen, held = pairs[:, ~held_out], pairs[:, held_out]
    held = held[:, torch.randperm(held.shape[1])[:MAX_HELD_OUT]]
    best_loss, best, idle = math.inf, networks.state_dict(), 0
    for step in range(1, schedule.max_steps + 1):
        left, right = seen[:, torch.randint(seen.shape[1], (BATCH_SIZE,))]
        loss = networks.train().loss(vectors[left], vectors[right])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % STEPS_PER_CHECK:
            continue
        with torch.no_grad():
            held_loss = float(networks.eval().loss(vectors[held[0]], vectors[held[1]]))
        idle += 1
        if held_loss < best_loss:
            best_loss, best, idle = held_loss, copy.deepcopy(networks.state_dict()), 0
        if idle >= schedule.patience:
            break
    networks.load_state_dict(best)
    networks.eval()


def _network(widths: tuple[int, ...], *, dropout: float = 0.0) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width, following in pairwise(widths):
        layers += [nn.Dropout(dropout), nn.Linear(width, following), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers[:-1])
