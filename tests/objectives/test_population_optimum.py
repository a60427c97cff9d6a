"""Every objective's minimiser over tables of a discrete law is what its optimum declares."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ppi_ratio.objectives import InfoNCEAnchor, Objective, Optimum, PairScores

# exact expectations over batches need a loss that is linear in means over the batch
NOT_LINEAR_IN_BATCH_MEANS = ("donsker_varadhan", "kliep", "mine", "balanced_nce")
COUNTS = torch.tensor([[6, 1], [2, 11]])
JOINT = COUNTS.double() / COUNTS.sum()
LOG_RATIO = (JOINT / (JOINT.sum(1, keepdim=True) * JOINT.sum(0, keepdim=True))).log()


def minimised(loss: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The table of scores with the least loss; a second table serves as helper."""
    tables = [torch.zeros(2, 2, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    optimizer = torch.optim.LBFGS(
        tables,
        max_iter=200,
        max_eval=400,
        history_size=20,
        tolerance_grad=1e-12,
        tolerance_change=1e-16,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss(*tables)
        value.backward()
        return value

    for _ in range(2):
        optimizer.step(closure)
    return tables[0].detach()


def over_all_batches(objective: Objective) -> Callable[[Tensor, Tensor], Tensor]:
    """The exact expectation of the loss over every batch of three."""
    left, right = torch.tensor(list(itertools.product(range(2), repeat=2))).T
    batches, times = torch.unique(
        # a batch and its rotations have the same loss
        torch.tensor(
            [
                min(batch, batch[1:] + batch[:1], batch[2:] + batch[:2])
                for batch in itertools.product(range(4), repeat=3)
            ]
        ),
        dim=0,
        return_counts=True,
    )
    left, right = left[batches], right[batches]
    weights = times * JOINT[left, right].prod(1)

    def loss(table: Tensor, helper: Tensor) -> Tensor:
        losses = []
        for i, j in zip(left, right, strict=True):
            scores = PairScores.in_batch(table[i[:, None], j[None, :]])
            losses.append(objective.loss(replace(scores, helper=helper[i[:, None], j[None, :]])))
        return (weights * torch.stack(losses)).sum()

    return loss


def over_the_population(objective: Objective) -> Callable[[Tensor, Tensor], Tensor]:
    """One batch that holds the law exactly: noise is taken between two copies of all pairs."""
    cells = COUNTS.nonzero().repeat_interleave(COUNTS.flatten(), dim=0)
    left, right = torch.cat([cells, cells]).T
    copy = torch.arange(len(left)) < len(cells)
    noise = copy[:, None] & ~copy[None, :]

    def loss(table: Tensor, helper: Tensor) -> Tensor:
        return objective.loss(PairScores(table[left[:, None], right[None, :]], noise))

    return loss


def without_freedom(table: Tensor, optimum: Optimum) -> Tensor:
    if optimum is Optimum.LOG_RATIO:
        return table
    return table - (table.mean(0) if optimum is Optimum.UP_TO_RIGHT_TERM else table.mean())


@pytest.mark.slow
def test_optimum_is_the_declared_one(objective: Objective) -> None:
    if objective.optimum.is_skewed:
        pytest.skip(f"the optimum of {objective.name} is {objective.optimum.value}")
    exact = over_the_population if objective.name in NOT_LINEAR_IN_BATCH_MEANS else over_all_batches
    found = minimised(exact(objective))
    torch.testing.assert_close(
        without_freedom(found, objective.optimum),
        without_freedom(LOG_RATIO, objective.optimum),
        atol=1e-6,
        rtol=0,
    )


@pytest.mark.slow
@pytest.mark.parametrize("nu", [0.25, 5.0])
def test_optimum_of_the_anchor_does_not_depend_on_its_weight(nu: float) -> None:
    found = minimised(over_all_batches(InfoNCEAnchor(nu=nu)))
    torch.testing.assert_close(found, LOG_RATIO, atol=1e-6, rtol=0)
