"""Losses over the columns and over the rows of a large batch, from one set of exponentials.

Where an objective needs no more of a column than its joint score and the log-sum-exp of its
noise, both directions together need each exponential once, and no mask as large as the matrix:
hardly an entry is no noise, so these are listed. A matrix too large for memory is taken in stripes
of rows: the sums of a stripe's rows are whole, those of its columns are added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import BackwardCFunction, FunctionCtx, once_differentiable
from torch.utils.checkpoint import checkpoint

from ppi_ratio.objectives.log_sums import ABSENT
from ppi_ratio.objectives.scores import SumObjective, Sums
from ppi_ratio.objectives.tiles import ProjectedBatch
from ppi_ratio.runtime.threads import blocks_of, in_threads

ROWS_OF_A_TASK = 128
# of exponentials; outside, single precision may have lost entries, or cut them off
SMALLEST_SUM, LARGEST_SUM = 1e-30, 1e26
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
        beside: the noise column that each row's sum leaves out, -1 for none; see
            ``scoring_rules.column_losses``.
        below_by_row: the noise entries that the columns' sums leave out.
        n_noise: noise entries of each column, and of each row.
    """

    excluded: Listed
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
        beside = np.full(n_pairs, NONE)
        kept_out = Listed.of(everyone[:0], everyone[:0], n_pairs)
        if drops_one:
            beside = _next_noise(left, right)
            kept_out = Listed.of(_next_noise(right, left), everyone, n_pairs)
        excluded = Listed.of(rows, columns, n_pairs)
        return cls(excluded, beside, kept_out, (of_columns, of_rows))

    @property
    def drops_one(self) -> bool:
        """Does each sum leave one noise entry out?"""
        return len(self.below_by_row.columns) > 0

    def below_within(self, first: int, n_rows: int) -> tuple[Tensor, Tensor]:
        """Entries that columns leave out, in a stripe: its rows from ``first`` on, and columns."""
        starts, columns = self.below_by_row.part(slice(first, first + n_rows))
        rows = np.repeat(np.arange(n_rows), np.diff(starts))
        return torch.from_numpy(rows), torch.from_numpy(columns[starts[0] : starts[-1]])

    def beside_within(self, first: int, n_rows: int) -> tuple[Tensor, Tensor]:
        """Those that the stripe's rows leave out."""
        n_kept_out = n_rows if self.drops_one else 0
        columns = self.beside[first : first + n_kept_out]
        return torch.arange(n_kept_out), torch.from_numpy(columns)


def loss_both_ways(
    objective: SumObjective, batch: ProjectedBatch, *, rows: int, offset: Tensor | None = None
) -> Float[Tensor, ""] | None:
    """What ``objective.loss`` is of the whole matrix, or None where this way does not serve.

    That is where a column or row has no noise, or where scores are so far apart that single
    precision cannot hold the exponentials of all.

    Args:
        objective: in both directions.
        batch: projections, float32 on the CPU. What ``batch.interact`` returns is overwritten.
        rows: of the matrix, to be held at once. If these are not all, only the sums of each
            stripe are kept, and its gradient computes it once more.
        offset: scalar to add to every score. Added to the sums, it costs nothing.
    """
    n_pairs = len(batch.left)
    numbers = None if batch.ids is None else (batch.ids[0].numpy(), batch.ids[1].numpy())
    layout = Layout.of(n_pairs, numbers, drops_one=objective.drops_one)
    if layout is None:
        return None

    def of_stripe(left: Tensor, right: Tensor, first: int) -> tuple[Tensor, ...]:
        return _Stripe.apply(batch.interact(left, right), layout, first)

    if rows >= n_pairs:
        stripes = [of_stripe(batch.left, batch.right, 0)]
    else:
        stripes = [
            checkpoint(of_stripe, batch.left[block], batch.right, block.start, use_reentrant=False)
            for block in blocks_of(n_pairs, rows)
        ]
    return _loss(objective, layout, stripes, batch.left.new_zeros(()) if offset is None else offset)


def _loss(
    objective: SumObjective,
    layout: Layout,
    stripes: Sequence[tuple[Tensor, ...]],
    offset: Tensor,
) -> Tensor | None:
    joint, below, of_columns, beside, of_rows = zip(*stripes, strict=True)
    log_sums = torch.stack(of_columns).logsumexp(0), torch.cat(of_rows)
    if any(bool(each.isnan().any()) for each in log_sums):
        return None
    left_out = torch.stack(below).sum(0), torch.cat(beside)
    losses = []
    for last, log_sum, n_noise in zip(left_out, log_sums, layout.n_noise, strict=True):
        n_summed = n_noise - int(layout.drops_one)
        sums = Sums(
            torch.cat(joint) + offset,
            last + offset if layout.drops_one else torch.full_like(log_sum, ABSENT),
            torch.where(n_summed > 0, log_sum + offset, ABSENT),
            n_noise.to(log_sum.dtype),
        )
        losses.append(objective.losses_from_sums(sums).mean())
    return (losses[0] + losses[1]) / 2


class _Stripe(torch.autograd.Function):
    """Of some rows: joint scores; of columns, then of the rows, what a sum leaves out, its log.

    Those of a column are of the stripe alone: 0 and ``ABSENT`` where it has nothing there. The
    scores are overwritten by their exponentials, and these by the gradient: of a large matrix a
    new one costs as long as filling it.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, matrix: Tensor, layout: Layout, first: int) -> tuple[Tensor, ...]:
        matrix = matrix.detach()
        n_rows, n_columns = matrix.shape
        joint = matrix.diagonal(first).clone()
        shift = joint.max()  # noise is hardly above it, and no pass over the matrix is needed
        below_rows, below_columns = layout.below_within(first, n_rows)
        below = matrix.new_zeros(n_columns)
        below[below_columns] = matrix[below_rows, below_columns]
        beside = matrix[layout.beside_within(first, n_rows)]
        blocks = blocks_of(n_rows, ROWS_OF_A_TASK)
        row_sums = matrix.new_empty(n_rows)
        column_sums = matrix.new_zeros(len(blocks), n_columns)

        def sum_block(rows: slice) -> None:
            from ppi_ratio.runtime.kernels import exponentials_and_sums

            everywhere = slice(first + rows.start, first + rows.stop)
            exponentials_and_sums(
                matrix.numpy()[rows],
                np.float32(shift.item()),
                layout.excluded.part(everywhere),
                layout.beside[everywhere],
                layout.below_by_row.part(everywhere),
                row_sums.numpy()[rows],
                column_sums.numpy()[rows.start // ROWS_OF_A_TASK],
            )

        in_threads(sum_block, blocks)
        totals = column_sums.sum(0)
        ctx.save_for_backward(matrix, totals, row_sums)
        ctx.place = layout, first  # pyright: ignore[reportAttributeAccessIssue]
        of_columns, of_rows = (_log_sums(each, shift) for each in (totals, row_sums))
        return joint, below, of_columns, beside, of_rows

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] (the decorator's doing)
        ctx: BackwardCFunction, *grad_outputs: Tensor
    ) -> tuple[Tensor, None, None]:
        of_joint, of_below, of_columns, of_beside, of_rows = grad_outputs
        gradient, column_sums, row_sums = tuple[Tensor, ...](ctx.saved_tensors)
        layout, first = ctx.place  # pyright: ignore[reportAttributeAccessIssue]
        per_row, per_column = (
            torch.where(total > 0, each / total, 0.0)
            for each, total in ((of_rows, row_sums), (of_columns, column_sums))
        )

        def fill_block(rows: slice) -> None:
            from ppi_ratio.runtime.kernels import gradients_of_sums

            everywhere = slice(first + rows.start, first + rows.stop)
            gradients_of_sums(
                gradient.numpy()[rows],
                per_row.numpy()[rows],
                per_column.numpy(),
                layout.beside[everywhere],
                layout.below_by_row.part(everywhere),
            )

        in_threads(fill_block, blocks_of(len(gradient), ROWS_OF_A_TASK))
        gradient.diagonal(first).add_(of_joint)
        below_rows, below_columns = layout.below_within(first, len(gradient))
        gradient[below_rows, below_columns] += of_below[below_columns]
        gradient[layout.beside_within(first, len(gradient))] += of_beside
        return gradient, None, None


def _log_sums(totals: Tensor, shift: Tensor) -> Tensor:
    """``ABSENT`` of no entry, no number where the entries are too far from the joint ones."""
    held = (totals >= SMALLEST_SUM) & (totals <= LARGEST_SUM)
    return torch.where(totals == 0, ABSENT, torch.where(held, shift + totals.log(), torch.nan))


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
