import torch

from ppi_ratio.training.batches import PairBatches, PairRows

LEFT = torch.tensor([0, 0, 1, 2])
RIGHT = torch.tensor([5, 6, 7, 8])


def batches(*, flip: bool, seed: int = 0, batch_size: int = 4) -> PairBatches:
    rows = PairRows(LEFT, RIGHT, flip=flip)
    return PairBatches(rows, rows, batch_size=batch_size, seed=seed)


def test_training_batches_are_the_same_for_the_same_seed() -> None:
    first, second, other = (
        next(iter(batches(flip=True, seed=seed, batch_size=100).train_dataloader()))
        for seed in (3, 3, 4)
    )
    assert torch.equal(torch.stack(first[:2]), torch.stack(second[:2]))
    assert not torch.equal(torch.stack(first[:2]), torch.stack(other[:2]))


def test_off_diagonal_entries_follow_the_product_of_the_marginals() -> None:
    generator = torch.Generator().manual_seed(0)
    rows = PairRows(LEFT, RIGHT, flip=False)
    index = torch.randint(len(rows), (20_000, 2), generator=generator)
    left = rows.draw(index[:, 0], generator).left
    right = rows.draw(index[:, 1], generator).right
    share = ((left == 0) & (right == 5)).float().mean().item()
    assert abs(share - 0.5 * 0.25) < 0.01


def test_drawing_with_replacement_shows_a_pair_as_noise_beside_itself() -> None:
    index = torch.cat(
        [batch[1] for _ in range(3) for batch in batches(flip=False).train_dataloader()]
    )
    assert len(index.unique()) < len(index)


def test_flipped_pairs_stay_the_same_pairs() -> None:
    rows = PairRows(LEFT, RIGHT, flip=True)
    generator = torch.Generator().manual_seed(0)
    index = torch.randint(4, (1000,), generator=generator)
    left, right, *_ = rows.draw(index, generator)
    assert torch.equal(torch.minimum(left, right), LEFT[index])
    assert torch.equal(torch.maximum(left, right), RIGHT[index])
    assert 0.4 < (left > right).float().mean() < 0.6


def test_a_validation_pass_shows_every_pair_once() -> None:
    loader = batches(flip=False, batch_size=3).val_dataloader()
    shown = torch.cat([batch[1] for batch in loader])
    assert sorted(shown.tolist()) == sorted(RIGHT.tolist())


def test_batch_is_no_larger_than_the_pairs() -> None:
    assert batches(flip=False, batch_size=1000).batch_size == 4


def test_batch_carries_as_many_labelled_non_pairs_as_joint_pairs() -> None:
    non_pairs = PairRows(torch.tensor([0, 1]), torch.tensor([7, 8]), flip=False)
    rows = PairRows(LEFT, RIGHT, flip=False, non_pairs=non_pairs)
    batch = rows.draw(torch.tensor([3, 3, 0]), torch.Generator().manual_seed(0))
    assert batch.left.tolist() == [2, 2, 0]
    assert batch.non_left is not None
    assert batch.non_right is not None
    drawn = set(zip(batch.non_left.tolist(), batch.non_right.tolist(), strict=True))
    assert len(batch.non_left) == 3
    assert drawn <= {(0, 7), (1, 8)}


def test_a_batch_is_of_one_block_and_blocks_come_by_their_sizes() -> None:
    blocks = (torch.tensor([3]), torch.tensor([0, 1, 2]))
    rows = PairRows(LEFT, RIGHT, flip=False, blocks=blocks)
    data = PairBatches(rows, rows, batch_size=4, seed=0)
    generator = torch.Generator().manual_seed(0)
    drawn = [rows.sample(5, generator) for _ in range(400)]
    assert all(set(each.tolist()) <= {0, 1, 2} or set(each.tolist()) == {3} for each in drawn)
    assert {number for each in drawn for number in each.tolist()} == {0, 1, 2, 3}
    share = sum(3 in each for each in drawn) / len(drawn)
    assert abs(share - 1 / 4) < 0.1
    for batch in data.train_dataloader():
        assert len({int(right) == 8 for right in batch.right}) == 1
