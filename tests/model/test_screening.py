"""A screen writes what the model scores, whatever happens on the way."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import Run
from quick_fit import fit_with
from small_world import N_PROTEINS, PROCESSES

import ppi_ratio as pr
from ppi_ratio.cli.app import main
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.model import screening
from ppi_ratio.model.screening import ScreenOptions
from ppi_ratio.model.tables import LOG_RATIO
from ppi_ratio.pairs import LEFT, RIGHT
from ppi_ratio.runs.screening import ScreenSummary, merge_screens, screen_file
from ppi_ratio.runtime.sharding import Shard
from ppi_ratio.search import Hits, Searcher

QUICK: dict[str, Any] = {"max_epochs": 2, "batch_size": 128, "seed": 0, "progress": False}


@pytest.fixture(scope="module")
def model(undirected_split: pr.Split, vectors: pr.Embeddings) -> pr.RatioModel:
    return fit_with(undirected_split, vectors, **QUICK)


@pytest.fixture(scope="module")
def mlp(undirected_split: pr.Split, vectors: pr.Embeddings) -> pr.RatioModel:
    return fit_with(undirected_split, vectors, critic=pr.MLP(hidden=16, symmetric=True), **QUICK)


CATEGORIES = (LEFT, RIGHT, "pair_class")  # of hits in memory; a file has their names
SMALL_PARTS = {"LEFTS_STEP": 16, "PAIRS_PER_PART": 16 * N_PROTEINS}  # ten of them


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in SMALL_PARTS.items():
        monkeypatch.setattr(screening, name, size)


def screen(
    model: pr.RatioModel,
    vectors: pr.Embeddings,
    out: Path,
    shard: Shard | None = None,
    **options: Any,  # noqa: ANN401 -- fields of ScreenOptions
) -> ScreenSummary:
    return screen_file(
        model, vectors, out, options=ScreenOptions(**options), shard=shard, progress=False
    )


@pytest.mark.parametrize(
    "options",
    [{"top_k": 5}, {"top_k": None, "min_log_ratio": 0.1}, {"top_k": 3, "min_log_ratio": 0.1}],
    ids=["best", "above", "best above"],
)
@pytest.mark.parametrize("suffix", [".parquet", ".tsv"])
def test_the_table_is_what_the_model_finds_in_memory(
    model: pr.RatioModel,
    vectors: pr.Embeddings,
    tmp_path: Path,
    options: dict[str, Any],
    suffix: str,
) -> None:
    out = tmp_path / f"hits{suffix}"
    done = screen(model, vectors, out, **options)
    found = pd.read_parquet(out) if suffix == ".parquet" else pd.read_csv(out, sep="\t")
    expected = model.screen(vectors, **options).astype(dict.fromkeys(CATEGORIES, "str"))
    assert len(found) == done.n_hits > 100
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_every_hit_has_the_score_that_score_gives(
    mlp: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    screen(mlp, vectors, tmp_path / "hits.parquet", top_k=4)
    hits = pd.read_parquet(tmp_path / "hits.parquet")
    scores = mlp.score(pd.DataFrame(hits[[LEFT, RIGHT]]), vectors)
    np.testing.assert_allclose(hits[LOG_RATIO], scores[LOG_RATIO], atol=1e-5)
    assert hits[LOG_RATIO].is_monotonic_decreasing
    assert (hits[LEFT].value_counts() == 4).all()


def test_left_and_right_and_known_pairs_bound_what_is_found(
    model: pr.RatioModel,
    vectors: pr.Embeddings,
    undirected_split: pr.Split,
    tmp_path: Path,
) -> None:
    left, right = list(vectors.ids[:20]), list(vectors.ids[10:60])
    known = undirected_split.train
    out = tmp_path / "hits.parquet"
    screen_file(
        model,
        vectors,
        out,
        left=left,
        right=right,
        known=known,
        options=ScreenOptions(top_k=None, min_log_ratio=-100.0),
        progress=False,
    )
    found = set(pd.read_parquet(out)[[LEFT, RIGHT]].itertuples(index=False, name=None))
    listed = set(known.frame[[LEFT, RIGHT]].itertuples(index=False, name=None))
    expected = {
        (a, b)
        for a in left
        for b in right
        if a != b and (a, b) not in listed and (b, a) not in listed
    }
    assert found == expected


@pytest.mark.parametrize("options", [{"top_k": 5}, {"top_k": None, "min_log_ratio": 0.1}])
def test_shards_make_the_table_of_one_process(
    model: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path, options: dict[str, Any]
) -> None:
    whole, out = tmp_path / "whole.parquet", tmp_path / "hits.parquet"
    screen(model, vectors, whole, **options)
    shards = [Shard(number, 3) for number in range(3)]
    for shard in shards[::2]:
        screen(model, vectors, out, shard=shard, **options)
    with pytest.raises(InputError, match="00001-of-00003"):
        merge_screens(out)
    screen(model, vectors, out, shard=shards[1], **options)
    assert all(len(pd.read_parquet(shard.path(out))) > 50 for shard in shards)
    n_hits = merge_screens(out)
    merged = pd.read_parquet(out)
    assert n_hits == len(merged)
    pd.testing.assert_frame_equal(merged, pd.read_parquet(whole))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hits.parquet", "whole.parquet"]


@pytest.mark.parametrize(
    ("other", "key"), [({"top_k": 7}, "top_k was 5, now 7"), ({"prior": 0.5}, "prior was 0.01")]
)
def test_shards_of_different_screens_are_not_merged(
    model: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path, other: dict[str, Any], key: str
) -> None:
    out = tmp_path / "hits.tsv"
    screen(model, vectors, out, shard=Shard(0, 2), top_k=5)
    screen(model, vectors, out, shard=Shard(1, 2), **{"top_k": 5} | other)
    with pytest.raises(ProvenanceError, match=f"another job .*{key}"):
        merge_screens(out)
    assert len(list(tmp_path.glob("hits-*.tsv"))) == 2


def test_a_stopped_screen_goes_on_with_the_parts_that_are_missing(
    model: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = tmp_path / "whole.parquet", tmp_path / "hits.parquet"
    everything = screen(model, vectors, whole)
    searched = screening._search_part

    def stopped(searching: Searcher, lefts: range, advance: Callable[[int], None]) -> Hits:
        if lefts.start >= 64:
            raise KeyboardInterrupt
        return searched(searching, lefts, advance)

    monkeypatch.setattr(screening, "_search_part", stopped)
    with pytest.raises(KeyboardInterrupt):
        screen(model, vectors, out)
    assert not out.exists()
    assert len(list((tmp_path / "hits.parquet.unfinished").glob("steps/part-*.npy"))) == 4
    monkeypatch.setattr(screening, "_search_part", searched)
    with pytest.raises(ProvenanceError, match=r"work of another job \(top_k was 100, now 7\)"):
        screen(model, vectors, out, top_k=7)
    moved = vectors.matrix()
    moved[0] += 1
    other = pr.Embeddings.from_arrays(vectors.ids, moved, vectors.provenance)
    with pytest.raises(ProvenanceError, match=r"work of another job \(left was"):
        screen(model, other, out)
    rest = screen(model, vectors, out)
    assert rest.n_pairs == everything.n_pairs - 4 * 16 * N_PROTEINS
    assert out.read_bytes() == whole.read_bytes()
    assert not (tmp_path / "hits.parquet.unfinished").exists()


def test_bfloat16_says_how_far_it_was_off_and_an_mlp_refuses_it(
    model: pr.RatioModel, mlp: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    out = tmp_path / "hits.parquet"
    done = screen(model, vectors, out, precision="bf16", top_k=5)
    assert 0 < done.largest_error < 0.1
    hits = pd.read_parquet(out)
    scores = model.score(pd.DataFrame(hits[[LEFT, RIGHT]]), vectors)
    np.testing.assert_allclose(hits[LOG_RATIO], scores[LOG_RATIO], atol=1e-5)
    with pytest.raises(ConfigError, match="critic mlp has no matrix product"):
        screen(mlp, vectors, out, precision="bf16")


def test_a_resumed_screen_reports_the_largest_error_of_all_its_parts(
    model: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"precision": "bf16", "top_k": 5}
    whole = screen(model, vectors, tmp_path / "whole.parquet", **options)
    searched = screening._search_part

    def stopped(searching: Searcher, lefts: range, advance: Callable[[int], None]) -> Hits:
        if lefts.stop >= N_PROTEINS:
            raise KeyboardInterrupt
        return searched(searching, lefts, advance)

    with monkeypatch.context() as patched:
        patched.setattr(screening, "_search_part", stopped)
        with pytest.raises(KeyboardInterrupt):
            screen(model, vectors, tmp_path / "hits.parquet", **options)
    resumed = screen(model, vectors, tmp_path / "hits.parquet", **options)
    assert resumed.n_pairs < whole.n_pairs
    assert resumed.largest_error == whole.largest_error > 0


@pytest.mark.parametrize(
    ("setting", "value"), [("precision", "fp16"), ("device", "gpu"), ("threads", 0)]
)
def test_an_unknown_setting_of_a_screen_is_refused(setting: str, value: object) -> None:
    settings: dict[str, Any] = {setting: value}
    with pytest.raises(ConfigError, match=rf"{setting} .*{value}"):
        ScreenOptions(**settings)


def screen_as_rank(rank: int, words: list[str]) -> None:
    """What torchrun starts."""
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2"}
    for name, size in SMALL_PARTS.items():
        setattr(screening, name, size)
    sys.argv = ["ppi-ratio", "screen", *words]
    main()


def test_killed_under_a_launcher_the_command_ends_in_the_same_table(
    run: Run, mlp: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    mlp.save(tmp_path / "model")
    vectors.write(tmp_path / "vectors.h5")
    words = [tmp_path / "model", "--embeddings", tmp_path / "vectors.h5", "--top-k", 5]
    whole, out = tmp_path / "whole.parquet", tmp_path / "hits.parquet"
    done = run("screen", *words, "--out", whole)
    assert done.code == 0
    assert "750 hits among 22,500 pairs" in done.out

    words += ["--out", out]
    ranks = [
        PROCESSES.Process(target=screen_as_rank, args=(rank, list(map(str, words))))
        for rank in range(2)
    ]
    for rank in ranks:
        rank.start()
    folder = tmp_path / "hits-00000-of-00002.parquet.unfinished"
    deadline = time.monotonic() + 60
    while not (folder / "job.json").exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    ranks[0].kill()
    for rank in ranks:
        rank.join()
    assert [rank.exitcode for rank in ranks] == [-9, 0]
    assert json.loads((folder / "job.json").read_text())["identity"]["shard"] == "0/2"
    assert run("merge", out).code == 1
    assert run("screen", *words, "--shard", "0/2").code == 0
    merged = run("merge", out)
    assert (merged.code, merged.out) == (0, f"{out}: 750 hits\n")
    pd.testing.assert_frame_equal(pd.read_parquet(out), pd.read_parquet(whole))


def test_vectors_may_come_from_two_files(
    run: Run, model: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    words = []
    for name, rows in (("of", np.arange(100)), ("two species", np.arange(100, len(vectors)))):
        path = tmp_path / f"{name}.h5"
        ids = [vectors.ids[row] for row in rows]
        pr.Embeddings.from_arrays(ids, vectors.matrix(rows), vectors.provenance).write(
            path, "float32"
        )
        words += ["--embeddings", path]
    assert run("screen", tmp_path / "model", *words, "--out", tmp_path / "hits.parquet").code == 0
    screen_file(model, vectors, tmp_path / "joined.parquet", progress=False)
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "hits.parquet"), pd.read_parquet(tmp_path / "joined.parquet")
    )

    twice = run("screen", tmp_path / "model", *words, *words[:2], "--out", tmp_path / "no.parquet")
    assert (twice.code, not (tmp_path / "no.parquet").exists()) == (1, True)
    assert "the joined vectors" in twice.err


def test_wrong_commands_say_what_to_do_and_leave_nothing(
    run: Run, model: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    vectors.write(tmp_path / "vectors.h5")
    ids = tmp_path / "ids.txt"
    ids.write_text("# nobody\n\n")
    command = ["screen", tmp_path / "model", "--embeddings", tmp_path / "vectors.h5"]
    before = sorted(tmp_path.iterdir())
    for words, code, message in (
        (["--out", tmp_path / "hits.txt"], 2, "write hits to a name ending in .parquet"),
        (["--out", tmp_path / "hits.tsv", "--left", ids], 1, "holds no ids"),
        (["--out", tmp_path / "hits.tsv", "--shard", "2/2"], 2, "shard 2 of 2"),
        (["--out", tmp_path / "hits.tsv", "--device", "cuda"], 2, "device cuda is not available"),
        (["--out", tmp_path / "hits.tsv", "--prior", "1"], 2, "strictly between 0 and 1"),
    ):
        done = run(*command, *words)
        assert (done.code, message in done.err) == (code, True), done.err
        assert sorted(tmp_path.iterdir()) == before
