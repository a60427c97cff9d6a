"""Which share of a job is whose."""

from pathlib import Path

import pytest

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.runtime.sharding import Ranks, Shard, shard_paths


@pytest.mark.parametrize("n_items", [0, 1, 7, 100])
@pytest.mark.parametrize("count", [1, 3, 8])
def test_shares_cover_all_once_and_are_alike(n_items: int, count: int) -> None:
    shares = [Shard(number, count).bounds(n_items) for number in range(count)]
    assert [item for share in shares for item in share] == list(range(n_items))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_the_variables_of_a_launcher_tell_the_shard_of_a_process() -> None:
    assert Shard.from_environment({}) == Shard(0, 1)
    assert Shard.from_environment({"RANK": "1", "WORLD_SIZE": "4"}) == Shard(1, 4)
    step = {"SLURM_PROCID": "2", "SLURM_STEP_NUM_TASKS": "3"}
    assert Shard.from_environment(step) == Shard(2, 3)
    # a batch script outside srun: its tasks are not this process's
    assert Shard.from_environment({"SLURM_PROCID": "0", "SLURM_NTASKS": "3"}) == Shard(0, 1)
    with pytest.raises(ConfigError, match="RANK='x'"):
        Shard.from_environment({"RANK": "x", "WORLD_SIZE": "4"})
    with pytest.raises(ConfigError, match=r"RANK='1', WORLD_SIZE='1': .*from 0 to one less"):
        Ranks.from_environment({"RANK": "1", "WORLD_SIZE": "1"})


@pytest.mark.parametrize("text", ["4/4", "1", "a/b", "-1/3", "1/0"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="shard"):
        Shard.parse(text)


def test_the_files_of_all_shares_are_found_or_named(tmp_path: Path) -> None:
    whole = tmp_path / "hits.parquet"
    with pytest.raises(InputError, match=r"no shards beside it.*hits-00000-of-00002"):
        shard_paths(whole)
    paths = [Shard(number, 3).path(whole) for number in range(3)]
    for path in (paths[0], paths[2], tmp_path / "hits-more-00001-of-00003.parquet"):
        path.touch()
    with pytest.raises(InputError, match=r"hits-00001-of-00003\.parquet: missing, 1 of 3"):
        shard_paths(whole)
    paths[1].touch()
    assert shard_paths(whole) == paths
    Shard(0, 2).path(whole).touch()
    with pytest.raises(InputError, match="shards of 2 and of 3"):
        shard_paths(whole)
    assert Shard().path(whole) == whole
