"""Losses over the columns and over the rows of a large batch, from one set of exponentials.

Where an objective needs no more of a column than its joint score and the log-sum-exp of its
noise, both directions together need each exponential once, and no mask as large as the matrix:
hardly an entry is no noise, so these are listed.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import BackwardCFunction, FunctionCtx, once_differentiable

from ppi_ratio.objectives.log_sums import ABSENT
from ppi_ratio.objectives.scores import SumObjective, Sums
from ppi_ratio.threads import blocks_of, in_threads

ROWS_OF_A_TASK = 128
SMALLEST_SUM = 1e-30  # of exponentials; below, single precision may have lost entries
NONE = -1


@dataclass(frozen=True)
class Listed:
    """Entries of a matrix, row by row.

    Attributes:
        starts: where those of each row begin, ``(row + 1,)``.
        columns: their columns.
    """

    starts: np.ndarray
    columns: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, columns: np.ndarray, n_rows: int) -> "Listed":
        order = np.argsort(rows, kind="stable")
        starts = np.searchsorted(rows[order], np.arange(n_rows + 1))
        return cls(starts, columns[order])

    def part(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """Of some rows, as the compiled loops take them."""
        return self.starts[rows.start : rows.stop + 1], self.columns


@dataclass(frozen=True)
class Layout:
    """Which entries of a batch are noise, and which of these a sum leaves out.

    Attributes:
        excluded: entries that are no noise: the diagonal, and proteins beside themselves.
        below: the noise row that each column's sum leaves out, -1 for none; see
            ``scoring_rules.column_losses``.
        beside: the noise column that each row's sum leaves out.
        below_by_row: entries of ``below``.
        n_noise: noise entries of each column, and of each row.
    """

    excluded: Listed
    below: np.ndarray
    beside: np.ndarray
    below_by_row: Listed
    n_noise: tuple[Tensor, Tensor]

    @classmethod
    def of(
        cls, n_pairs: int, ids: tuple[np.ndarray, np.ndarray] | None, *, drops_one: bool
    ) -> "Layout | None":
        """Of a batch of lefts and rights with these numbers; None if one of them has no noise."""
        everyone = np.arange(n_pairs)
        left, right = ids or (everyone, everyone)
        same_rows, same_columns = _equal(left, right)
        others = same_rows != same_columns
        rows = np.concatenate([everyone, same_rows[others]])
        columns = np.concatenate([everyone, same_columns[others]])
        of_columns, of_rows = (
            torch.from_numpy(n_pairs - np.bincount(each, minlength=n_pairs))
            for each in (columns, rows)
        )
        if min(int(of_columns.min()), int(of_rows.min())) < 1:
            return None
        below = beside = np.full(n_pairs, NONE)
        kept_out = Listed.of(everyone[:0], everyone[:0], n_pairs)
        if drops_one:
            below, beside = _next_noise(right, left), _next_noise(left, right)
            kept_out = Listed.of(below, everyone, n_pairs)
        excluded = Listed.of(rows, columns, n_pairs)
        return cls(excluded, below, beside, kept_out, (of_columns, of_rows))

    @property
    def drops_one(self) -> bool:
        """Does each sum leave one noise entry out?"""
        return len(self.below_by_row.columns) > 0

    def pick_below(self, matrix: Tensor) -> Tensor:
        """The score that each column's sum leaves out, ``ABSENT`` if none."""
        if not self.drops_one:
            return matrix.new_full((len(matrix),), ABSENT)
        return matrix[torch.from_numpy(self.below), torch.arange(len(matrix))]

    def pick_beside(self, matrix: Tensor) -> Tensor:
        """The same of each row."""
        if not self.drops_one:
            return matrix.new_full((len(matrix),), ABSENT)
        return matrix[torch.arange(len(matrix)), torch.from_numpy(self.beside)]


def loss_both_ways(
    objective: SumObjective,
    matrix: Float[Tensor, "batch batch"],
    ids: tuple[Int[Tensor, " batch"], Int[Tensor, " batch"]] | None,
) -> Float[Tensor, ""] | None:
    """What ``objective.loss`` is, or None where this way does not serve.

    That is where a column or row has no noise, or where scores are so far apart that single
    precision cannot hold the exponentials of all.

    Args:
        objective: in both directions.
        matrix: scores of every left against every right, float32 on the CPU.
        ids: as of ``PairScores.in_batch``.
    """
    numbers = None if ids is None else (ids[0].numpy(), ids[1].numpy())
    layout = Layout.of(len(matrix), numbers, drops_one=objective.drops_one)
    if layout is None:
        return None
    joint, *sums = _BothWays.apply(matrix, layout)
    if bool(torch.stack([each.isnan().any() for each in sums]).any()):
        return None
    losses = [
        objective.losses_from_sums(Sums(joint, last, log_sum, n_noise.to(matrix.dtype))).mean()
        for last, log_sum, n_noise in zip(sums[::2], sums[1::2], layout.n_noise, strict=True)
    ]
    return (losses[0] + losses[1]) / 2


class _BothWays(torch.autograd.Function):
    """Of columns, then of rows: the score that a sum leaves out, and the log of the sum."""

    @staticmethod
    def forward(ctx: FunctionCtx, matrix: Tensor, layout: Layout) -> tuple[Tensor, ...]:
        shift = matrix.max()
        exponentials = torch.empty_like(matrix)
        blocks = blocks_of(len(matrix), ROWS_OF_A_TASK)
        row_sums = matrix.new_empty(len(matrix))
        column_sums = matrix.new_zeros(len(blocks), len(matrix))
        values = matrix.numpy()

        def sum_block(rows: slice) -> None:
            from ppi_ratio.compiled import exponentials_and_sums

            exponentials_and_sums(
                values[rows],
                np.float32(shift.item()),
                layout.excluded.part(rows),
                layout.beside[rows],
                layout.below_by_row.part(rows),
                exponentials.numpy()[rows],
                row_sums.numpy()[rows],
                column_sums.numpy()[rows.start // ROWS_OF_A_TASK],
            )

        in_threads(sum_block, blocks)
        ctx.save_for_backward(exponentials, totals := column_sums.sum(0), row_sums)
        ctx.layout = layout  # pyright: ignore[reportAttributeAccessIssue]
        results = [matrix.diagonal().clone()]
        for picked, total, n_noise in (
            (layout.pick_below(matrix), totals, layout.n_noise[0]),
            (layout.pick_beside(matrix), row_sums, layout.n_noise[1]),
        ):
            n_summed = n_noise - int(layout.drops_one)
            log_sum = torch.where(total >= SMALLEST_SUM, shift + total.log(), torch.nan)
            results += [picked, torch.where(n_summed > 0, log_sum, ABSENT)]
        return tuple(results)

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] (the decorator's doing)
        ctx: BackwardCFunction, *grad_outputs: Tensor
    ) -> tuple[Tensor, None]:
        of_joint, of_below, of_columns, of_beside, of_rows = grad_outputs
        exponentials, column_sums, row_sums = tuple[Tensor, ...](ctx.saved_tensors)
        layout: Layout = ctx.layout  # pyright: ignore[reportAttributeAccessIssue]
        per_row, per_column = (
            torch.where(total > 0, each / total, 0.0)
            for each, total in ((of_rows, row_sums), (of_columns, column_sums))
        )
        gradient = torch.empty_like(exponentials)

        def fill_block(rows: slice) -> None:
            from ppi_ratio.compiled import fill_gradients

            fill_gradients(
                exponentials.numpy()[rows],
                per_row.numpy()[rows],
                per_column.numpy(),
                layout.beside[rows],
                layout.below_by_row.part(rows),
                gradient.numpy()[rows],
            )

        in_threads(fill_block, blocks_of(len(gradient), ROWS_OF_A_TASK))
        gradient.diagonal().add_(of_joint)
        if layout.drops_one:
            everyone = torch.arange(len(gradient))
            below, beside = torch.from_numpy(layout.below), torch.from_numpy(layout.beside)
            gradient[below, everyone] += of_below
            gradient[everyone, beside] += of_beside
        return gradient, None


def _equal(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of all entries whose left and right have the same number."""
    order = np.argsort(right, kind="stable")
    first, last = (np.searchsorted(right[order], left, side=side) for side in ("left", "right"))
    counts = last - first
    rows = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, order[np.repeat(first, counts) + within]


def _next_noise(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each protein the place of the first other behind it that is noise, going round."""
    everyone = np.arange(len(own))
    places = (everyone + 1) % len(own)
    while True:
        passed = (others[places] == own) | (places == everyone)
        if not passed.any():
            return places
        places = np.where(passed, (places + 1) % len(own), places)
