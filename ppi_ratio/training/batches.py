"""Row numbers of interactions -> batches of row numbers, which the seed and the epoch determine."""

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
    """Row numbers of the left and of the right proteins of interactions, ``(batch,)`` each.

    For an objective that learns from labelled non-pairs, ``non_left`` and ``non_right`` are the row
    numbers of some non-pairs, ``(non_pair,)`` each.
    """

    left: Tensor
    right: Tensor
    non_left: Tensor | None = None
    non_right: Tensor | None = None

    def part(self, number: int, count: int) -> "Batch":
        """One of ``count`` consecutive parts of equal size."""
        parts = [None if each is None else each.chunk(count)[number] for each in self]
        return self._make(parts)

    def first(self, n_pairs: int) -> "Batch":
        """The first ``n_pairs`` pairs, and as many labelled non-pairs if the batch has some."""
        return self._make(None if each is None else each[:n_pairs] for each in self)


@dataclass(frozen=True)
class PairRows:
    """Pairs as rows of one vector matrix.

    Attributes:
        left: row of each left protein, ``(pair,)`` int64.
        right: row of each right protein.
        flip: True if pairs have no direction. The sides of a pair are then exchanged at random
            whenever the pair is drawn, so that both sides have the same marginal.
        non_pairs: labelled non-pairs; every batch gets as many of them as it has interactions.
        blocks: numbers of the pairs of each block; empty if all pairs are one block. A batch holds
            pairs of one block. If a split separated the proteins of two blocks, never seeing these
            proteins together is no evidence, so pairs between blocks must not be noise.
    """

    left: Tensor
    right: Tensor
    flip: bool
    non_pairs: "PairRows | None" = None
    blocks: tuple[Tensor, ...] = ()

    def __len__(self) -> int:
        return len(self.left)

    def sample(self, n_pairs: int, generator: torch.Generator) -> Tensor:
        """Numbers of pairs of one block, drawn with replacement.

        The probability of a block is proportional to its number of pairs.
        """
        if not self.blocks:
            return torch.randint(len(self), (n_pairs,), generator=generator)
        sizes = torch.tensor([len(block) for block in self.blocks], dtype=torch.float64)
        block = self.blocks[int(torch.multinomial(sizes, 1, generator=generator))]
        return block[torch.randint(len(block), (n_pairs,), generator=generator)]

    def draw(self, index: Tensor, generator: torch.Generator) -> Batch:
        """The batch of the pairs with these numbers."""
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
    """Training and validation batches of interactions.

    If several processes train together, each gets its part of every training batch, and all
    validation batches.

    Pairs of a training batch are drawn independently and with replacement. An epoch draws as many
    pairs as there are. An entry off the diagonal is then exactly a draw from the product of the
    marginals. In a shuffled pass over a finite list, a pair would never be its own noise. The
    ratio of two proteins that have only each other as partners would then have no finite optimum.
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
        size = self.batch_size // count * count  # so that all ranks get equally many pairs
        for _ in range(len(self)):
            index = self.rows.sample(size, generator)
            yield self.rows.draw(index, generator).part(rank, count)


class _OnePass(IterableDataset):
    """Each pair once, in batches of nearly equal size; every pass gives the same batches."""

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
