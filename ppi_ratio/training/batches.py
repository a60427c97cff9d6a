"""Row numbers of joint pairs -> batches of row numbers, the same for the same seed and epoch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from ppi_ratio.runtime.distributed import n_ranks, own_rank
from ppi_ratio.runtime.seeds import derived_seed


class Batch(NamedTuple):
    """Row numbers of the left and of the right proteins of joint pairs, ``(batch,)`` each.

    An objective that learns from labelled non-pairs gets some of them too, ``(non_pair,)`` each.
    """

    left: Tensor
    right: Tensor
    non_left: Tensor | None = None
    non_right: Tensor | None = None

    def part(self, number: int, count: int) -> "Batch":
        """One of ``count`` consecutive parts of equal size."""
        own = [None if each is None else each.chunk(count)[number] for each in self]
        return self._make(own)

    def first(self, n_pairs: int) -> "Batch":
        """Its first pairs, and its first labelled non-pairs if it has some."""
        return self._make(None if each is None else each[:n_pairs] for each in self)


@dataclass(frozen=True)
class PairRows:
    """Pairs as rows of one vector matrix.

    Attributes:
        left: row of each left protein, ``(pair,)`` int64.
        right: row of each right protein.
        flip: pairs have no direction: exchange the sides of each at random whenever it is drawn,
            so that both sides have the same marginal.
        non_pairs: labelled non-pairs of which every batch gets as many as it has joint pairs.
        blocks: numbers of the pairs of each block, none if all are one. A batch is of one block:
            where blocks share no protein because somebody divided the proteins, that two of
            different blocks are never together is his doing, and they are no noise.
    """

    left: Tensor
    right: Tensor
    flip: bool
    non_pairs: "PairRows | None" = None
    blocks: tuple[Tensor, ...] = ()

    def __len__(self) -> int:
        return len(self.left)

    def sample(self, n_pairs: int, generator: torch.Generator) -> Tensor:
        """Numbers of pairs of one block, drawn with replacement; blocks come by their sizes."""
        if not self.blocks:
            return torch.randint(len(self), (n_pairs,), generator=generator)
        sizes = torch.tensor([len(block) for block in self.blocks], dtype=torch.float64)
        block = self.blocks[int(torch.multinomial(sizes, 1, generator=generator))]
        return block[torch.randint(len(block), (n_pairs,), generator=generator)]

    def draw(self, index: Tensor, generator: torch.Generator) -> Batch:
        left, right = self.left[index], self.right[index]
        if self.flip:
            exchanged = torch.rand(len(index), generator=generator) < 0.5
            left, right = torch.where(exchanged, right, left), torch.where(exchanged, left, right)
        if self.non_pairs is None:
            return Batch(left, right)
        chosen = torch.randint(len(self.non_pairs), (len(index),), generator=generator)
        others = self.non_pairs.draw(chosen, generator)
        return Batch(left, right, others.left, others.right)


class PairBatches(LightningDataModule):
    """Training and validation batches of joint pairs.

    Where several processes train together, each has its part of every training batch, and all of
    the validation batches.

    Training batches are independent draws with replacement, as many as cover the pairs once in
    expectation. Then an entry off the diagonal is exactly a draw from the product of the
    marginals; a shuffled pass over a finite list would never show a pair as noise beside itself,
    and the ratio of two proteins with one partner each would have no finite optimum.
    """

    def __init__(
        self, training: PairRows, validation: PairRows, *, batch_size: int, seed: int
    ) -> None:
        super().__init__()
        self.training = training
        self.validation = validation
        self.batch_size = min(batch_size, len(training))
        self.seed = seed

    def train_dataloader(self) -> DataLoader:
        epoch = self.trainer.current_epoch if self.trainer else 0
        return _loader(_Drawn(self.training, self.batch_size, seed=self.seed, epoch=epoch))

    def val_dataloader(self) -> DataLoader:
        return _loader(_OnePass(self.validation, self.batch_size, seed=self.seed))


class _Drawn(IterableDataset):
    def __init__(self, rows: PairRows, batch_size: int, *, seed: int, epoch: int) -> None:
        self.rows = rows
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        generator = torch.Generator().manual_seed(derived_seed(self.seed, self.epoch))
        rank, count = own_rank(), n_ranks()
        size = self.batch_size // count * count  # every rank has as many pairs of a batch
        for _ in range(len(self)):
            index = self.rows.sample(size, generator)
            yield self.rows.draw(index, generator).part(rank, count)


class _OnePass(IterableDataset):
    """The same batches of every pair at each pass, of nearly equal size."""

    def __init__(self, rows: PairRows, batch_size: int, *, seed: int) -> None:
        self.rows = rows
        self.n_batches = -(-len(rows) // batch_size)
        self.seed = seed

    def __len__(self) -> int:
        return self.n_batches

    def __iter__(self) -> Iterator[Batch]:
        generator = torch.Generator().manual_seed(self.seed)
        order = torch.randperm(len(self.rows), generator=generator)
        for index in order.tensor_split(self.n_batches):
            yield self.rows.draw(index, generator)


def _loader(batches: IterableDataset) -> DataLoader:
    return DataLoader(batches, batch_size=None, pin_memory=torch.cuda.is_available())
