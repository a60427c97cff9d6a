"""The loss over columns and over rows of a large batch, fused: each exponential is computed once.

It serves objectives that need two numbers of a column: its joint score and the log-sum-exp of its
noise. Almost every entry is noise, so the other entries are listed and no mask is as large as the
matrix. A matrix that is too large for memory is computed in stripes of rows. A stripe holds whole
rows, so the sum of a row is complete. The sums of a column are added over the stripes.

The plain form is ``objective.loss`` of the whole matrix, or ``loss_in_tiles``. This module stands
here, not in ``runtime/kernels``, because it needs the interface of objectives. Its compiled loops
stand there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import BackwardCFunction, FunctionCtx, once_differentiable
from torch.utils.checkpoint import checkpoint

from ppi_ratio.objectives.log_sums import LOG_ZERO
from ppi_ratio.objectives.scores import SumObjective, Sums
from ppi_ratio.objectives.tiles import ProjectedBatch
from ppi_ratio.runtime.kernels import compiled_in_use
from ppi_ratio.runtime.threads import row_blocks, run_in_threads

ROWS_OF_A_TASK = 128
# Outside these bounds, entries of a float32 sum of exponentials may have under- or overflowed.
SMALLEST_SUM, LARGEST_SUM = 1e-30, 1e26
NO_COLUMN = -1


@dataclass(frozen=True)
class EntriesByRow:
    """Some entries of a matrix, row by row (compressed sparse rows without values).

    Attributes:
        starts: position in ``columns`` of each row's first entry, ``(row + 1,)``.
        columns: column of each entry.
    """

    starts: np.ndarray
    columns: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, columns: np.ndarray, n_rows: int) -> "EntriesByRow":
        """From the row and the column of each entry, in any order."""
        order = np.argsort(rows, kind="stable")
        starts = np.searchsorted(rows[order], np.arange(n_rows + 1))
        return cls(starts, columns[order])

    def part(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """Starts of some rows, and all columns, as the compiled loops take them."""
        return self.starts[rows.start : rows.stop + 1], self.columns


@dataclass(frozen=True)
class NoiseLayout:
    """Which entries of a batch are noise, and which noise entries a sum leaves out.

    Attributes:
        excluded: entries that are not noise: the diagonal, and pairs of a protein with itself.
        dropped_of_row: the noise column that each row's sum leaves out, -1 for none; see
            ``scoring_rules.column_losses``.
        dropped_of_columns: the noise entries that the columns' sums leave out.
        n_noise: number of noise entries of each column, and of each row.
    """

    excluded: EntriesByRow
    dropped_of_row: np.ndarray
    dropped_of_columns: EntriesByRow
    n_noise: tuple[Tensor, Tensor]

    @classmethod
    def of(
        cls, n_pairs: int, ids: tuple[np.ndarray, np.ndarray] | None, *, drops_one: bool
    ) -> "NoiseLayout | None":
        """Layout of a batch with these protein numbers; None if a row or column has no noise."""
        diagonal = np.arange(n_pairs)
        left, right = ids or (diagonal, diagonal)
        same_rows, same_columns = _equal(left, right)
        others = same_rows != same_columns
        rows = np.concatenate([diagonal, same_rows[others]])
        columns = np.concatenate([diagonal, same_columns[others]])
        n_of_columns, n_of_rows = (
            torch.from_numpy(n_pairs - np.bincount(each, minlength=n_pairs))
            for each in (columns, rows)
        )
        if min(int(n_of_columns.min()), int(n_of_rows.min())) < 1:
            return None
        of_row = np.full(n_pairs, NO_COLUMN)
        of_column = EntriesByRow.of(diagonal[:0], diagonal[:0], n_pairs)
        if drops_one:
            of_row = _next_noise(left, right)
            of_column = EntriesByRow.of(_next_noise(right, left), diagonal, n_pairs)
        excluded = EntriesByRow.of(rows, columns, n_pairs)
        return cls(excluded, of_row, of_column, (n_of_columns, n_of_rows))

    @property
    def drops_one(self) -> bool:
        """Whether each sum leaves one noise entry out."""
        return len(self.dropped_of_columns.columns) > 0

    def dropped_by_columns(self, first: int, n_rows: int) -> tuple[Tensor, Tensor]:
        """Entries that the columns of a stripe leave out: row within the stripe, and column."""
        starts, columns = self.dropped_of_columns.part(slice(first, first + n_rows))
        rows = np.repeat(np.arange(n_rows), np.diff(starts))
        return torch.from_numpy(rows), torch.from_numpy(columns[starts[0] : starts[-1]])

    def dropped_by_rows(self, first: int, n_rows: int) -> tuple[Tensor, Tensor]:
        """Entries that the rows of a stripe leave out: row within the stripe, and column."""
        n_dropped = n_rows if self.drops_one else 0
        columns = self.dropped_of_row[first : first + n_dropped]
        return torch.arange(n_dropped), torch.from_numpy(columns)


def fused_bidirectional_loss(
    objective: SumObjective, batch: ProjectedBatch, *, rows: int, offset: Tensor | None = None
) -> Float[Tensor, ""] | None:
    """``objective.loss`` of the whole matrix, or None if the fused form cannot compute the loss.

    The result is None in three cases: compiled forms are turned off, a column or row has no noise,
    or scores are so far apart that float32 cannot hold all their exponentials.

    Args:
        objective: an objective in both directions.
        batch: projections, float32 on the CPU. The matrix that ``batch.interact`` returns is
            overwritten.
        rows: rows of a stripe, which are in memory at once. If the matrix has more rows, only the
            sums of each stripe are kept, and the gradient computes the stripe again.
        offset: scalar to add to every score. It is added to the sums, which costs nothing.
    """
    if not compiled_in_use():
        return None
    n_pairs = len(batch.left)
    numbers = None if batch.ids is None else (batch.ids[0].numpy(), batch.ids[1].numpy())
    layout = NoiseLayout.of(n_pairs, numbers, drops_one=objective.drops_one)
    if layout is None:
        return None

    def of_stripe(left: Tensor, right: Tensor, first: int) -> tuple[Tensor, ...]:
        return _Stripe.apply(batch.interact(left, right), layout, first)

    if rows >= n_pairs:
        stripes = [of_stripe(batch.left, batch.right, 0)]
    else:
        stripes = [
            checkpoint(of_stripe, batch.left[block], batch.right, block.start, use_reentrant=False)
            for block in row_blocks(n_pairs, rows)
        ]
    return _loss(objective, layout, stripes, batch.left.new_zeros(()) if offset is None else offset)


def _loss(
    objective: SumObjective,
    layout: NoiseLayout,
    stripes: Sequence[tuple[Tensor, ...]],
    offset: Tensor,
) -> Tensor | None:
    joint, column_dropped, column_logs, row_dropped, row_logs = zip(*stripes, strict=True)
    log_sums = torch.stack(column_logs).logsumexp(0), torch.cat(row_logs)
    if any(bool(each.isnan().any()) for each in log_sums):
        return None
    dropped = torch.stack(column_dropped).sum(0), torch.cat(row_dropped)
    losses = []
    for last, log_sum, n_noise in zip(dropped, log_sums, layout.n_noise, strict=True):
        n_summed = n_noise - int(layout.drops_one)
        sums = Sums(
            torch.cat(joint) + offset,
            last + offset if layout.drops_one else torch.full_like(log_sum, LOG_ZERO),
            torch.where(n_summed > 0, log_sum + offset, LOG_ZERO),
            n_noise.to(log_sum.dtype),
        )
        losses.append(objective.losses_from_sums(sums).mean())
    return (losses[0] + losses[1]) / 2


class _Stripe(torch.autograd.Function):
    """A stripe of rows -> five vectors, from which the loss follows.

    The vectors are: joint scores; dropped entry and log-sum of each column; dropped entry and
    log-sum of each row. Those of a column count the stripe only: 0 if the dropped entry is in
    another stripe, and ``LOG_ZERO`` if the stripe has no noise of the column.
    Exponentials overwrite the scores, and the gradient overwrites the exponentials: allocating
    another large matrix takes as long as filling it.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, matrix: Tensor, layout: NoiseLayout, first: int
    ) -> tuple[Tensor, ...]:
        matrix = matrix.detach()
        n_rows, n_columns = matrix.shape
        joint = matrix.diagonal(first).clone()
        # The highest joint score is close to the highest score of all, and costs no pass over
        # the matrix.
        shift = joint.max()
        dropped_rows, dropped_columns = layout.dropped_by_columns(first, n_rows)
        of_column = matrix.new_zeros(n_columns)
        of_column[dropped_columns] = matrix[dropped_rows, dropped_columns]
        of_row = matrix[layout.dropped_by_rows(first, n_rows)]
        blocks = row_blocks(n_rows, ROWS_OF_A_TASK)
        row_sums = matrix.new_empty(n_rows)
        column_sums = matrix.new_zeros(len(blocks), n_columns)

        def sum_block(rows: slice) -> None:
            from ppi_ratio.runtime.kernels.compiled import exponentials_and_sums

            in_matrix = slice(first + rows.start, first + rows.stop)
            exponentials_and_sums(
                matrix.numpy()[rows],
                np.float32(shift.item()),
                layout.excluded.part(in_matrix),
                layout.dropped_of_row[in_matrix],
                layout.dropped_of_columns.part(in_matrix),
                row_sums.numpy()[rows],
                column_sums.numpy()[rows.start // ROWS_OF_A_TASK],
            )

        run_in_threads(sum_block, blocks)
        totals = column_sums.sum(0)
        ctx.save_for_backward(matrix, totals, row_sums)
        ctx.place = layout, first  # pyright: ignore[reportAttributeAccessIssue]
        column_logs, row_logs = (_log_sums(each, shift) for each in (totals, row_sums))
        return joint, of_column, column_logs, of_row, row_logs

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride] (the decorator changes the type)
        ctx: BackwardCFunction, *grad_outputs: Tensor
    ) -> tuple[Tensor, None, None]:
        of_joint, of_column_dropped, of_columns, of_row_dropped, of_rows = grad_outputs
        gradient, column_sums, row_sums = tuple[Tensor, ...](ctx.saved_tensors)
        layout, first = ctx.place  # pyright: ignore[reportAttributeAccessIssue]
        per_row, per_column = (
            torch.where(total > 0, each / total, 0.0)
            for each, total in ((of_rows, row_sums), (of_columns, column_sums))
        )

        def fill_block(rows: slice) -> None:
            from ppi_ratio.runtime.kernels.compiled import gradients_of_sums

            in_matrix = slice(first + rows.start, first + rows.stop)
            gradients_of_sums(
                gradient.numpy()[rows],
                per_row.numpy()[rows],
                per_column.numpy(),
                layout.dropped_of_row[in_matrix],
                layout.dropped_of_columns.part(in_matrix),
            )

        run_in_threads(fill_block, row_blocks(len(gradient), ROWS_OF_A_TASK))
        gradient.diagonal(first).add_(of_joint)
        dropped_rows, dropped_columns = layout.dropped_by_columns(first, len(gradient))
        gradient[dropped_rows, dropped_columns] += of_column_dropped[dropped_columns]
        gradient[layout.dropped_by_rows(first, len(gradient))] += of_row_dropped
        return gradient, None, None


def _log_sums(totals: Tensor, shift: Tensor) -> Tensor:
    """Log of each sum: ``LOG_ZERO`` of an empty sum, NaN where float32 cannot hold the sum."""
    held = (totals >= SMALLEST_SUM) & (totals <= LARGEST_SUM)
    return torch.where(totals == 0, LOG_ZERO, torch.where(held, shift + totals.log(), torch.nan))


def _equal(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of all entries whose left and right have equal numbers."""
    order = np.argsort(right, kind="stable")
    first, last = (np.searchsorted(right[order], left, side=side) for side in ("left", "right"))
    counts = last - first
    rows = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, order[np.repeat(first, counts) + within]


def _next_noise(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each protein, the position of the next other that is noise, wrapping at the end."""
    partners = np.arange(len(own))
    positions = (partners + 1) % len(own)
    while True:
        not_noise = (others[positions] == own) | (positions == partners)
        if not not_noise.any():
            return positions
        positions = np.where(not_noise, (positions + 1) % len(own), positions)
