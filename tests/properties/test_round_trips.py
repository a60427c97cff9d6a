"""What is written is what is read, whatever the ids and numbers."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
from damage import share_of_examples
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from made_model import made_model

import ppi_ratio as pr
from ppi_ratio.critics import CriticSettings
from ppi_ratio.embeddings import Embeddings, Provenance
from ppi_ratio.embeddings.writing import StoredType
from ppi_ratio.errors import InputError
from ppi_ratio.io.tables import appending, write_table
from ppi_ratio.objectives import MINE, OBJECTIVES, InfoNCEAnchor
from ppi_ratio.pairs import (
    LABEL,
    LEFT,
    RIGHT,
    PairColumns,
    PairTable,
    Split,
    read_candidates,
    read_pairs,
    read_split,
    write_split,
)
from ppi_ratio.runs.screening import TYPES
from ppi_ratio.runtime.seeds import LARGEST_SEED
from ppi_ratio.settings.experiment import Experiment, as_yaml, read_experiment
from ppi_ratio.settings.splits import ClusterSplit, DrawnSplit
from ppi_ratio.training.settings import TrainerSettings

# anything but control characters, and what no UTF-8 can hold
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
IDS = st.text(LETTERS, min_size=1, max_size=8).map(str.strip).filter(bool)
ROWS = st.lists(st.tuples(IDS, IDS, st.integers(0, 1)), min_size=1, max_size=12)


def table(rows: list[tuple], *, directed: bool) -> PairTable:
    frame = pd.DataFrame(rows, columns=[LEFT, RIGHT, LABEL])
    try:
        return PairTable.from_rows(frame, directed=directed, name="made", self_pairs="keep")
    except InputError:  # of an id that begins with '#'
        assume(False)
        raise


@given(rows=ROWS, directed=st.booleans(), suffix=st.sampled_from([".tsv", ".csv", ".parquet"]))
def test_pairs(rows: list[tuple], directed: bool, suffix: str, tmp_path: Path) -> None:
    written = table(rows, directed=directed)
    path = tmp_path / f"pairs{suffix}"
    write_table(written.frame, path)
    back = read_pairs(
        path, directed=directed, self_pairs="keep", columns=PairColumns(LEFT, RIGHT, LABEL)
    )
    pd.testing.assert_frame_equal(back.frame, written.frame, check_dtype=False)
    assert not back.drops


@share_of_examples(0.2)
@given(parts=st.tuples(ROWS, ROWS, ROWS), directed=st.booleans(), seed=st.integers(0, LARGEST_SEED))
def test_splits(parts: tuple, directed: bool, seed: int, tmp_path: Path) -> None:
    tables = [table([*rows, ("A", "B", 1)], directed=directed) for rows in parts]
    split = Split(*tables, kind="by lot, «é»", seed=seed, dropped={"for a reason": 3})
    write_split(split, tmp_path / "split")
    back = read_split(tmp_path / "split")
    assert back.content_hash() == split.content_hash()
    assert (back.kind, back.seed, dict(back.dropped)) == (split.kind, seed, {"for a reason": 3})
    for one, other in zip(back.parts.values(), split.parts.values(), strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame, check_dtype=False)


PROVENANCES = st.builds(
    Provenance,
    encoder=IDS,
    layer=st.none() | st.integers(0, 99),
    pooling=st.sampled_from(["mean", "unstated"]),
    checkpoint=st.sampled_from(["", "ab" * 32]),
    precision=st.sampled_from(["fp32", "bf16"]),
    limit=st.none() | st.integers(1, 2**31),
)


@given(
    ids=st.lists(IDS, min_size=1, max_size=6, unique=True),
    dtype=st.sampled_from(get_args(StoredType)),
    provenance=PROVENANCES,
    hashed=st.booleans(),
    values=st.data(),
)
def test_vectors(
    ids: list[str],
    dtype: StoredType,
    provenance: Provenance,
    hashed: bool,
    values: st.DataObject,
    tmp_path: Path,
) -> None:
    numbers = st.floats(-65504, 65504, width=16 if dtype == "float16" else 32)
    shape = (len(ids), values.draw(st.integers(1, 4)))
    matrix = values.draw(arrays.arrays(np.float32, shape, elements=numbers))
    hashes = [f"{row:032x}" for row in range(len(ids))] if hashed else None
    path = tmp_path / "v.h5"
    Embeddings.from_arrays(ids, matrix, provenance, hashes).write(path, dtype)
    back = Embeddings.read(path)
    assert (back.ids, back.provenance, back.dtype) == (tuple(ids), provenance, dtype)
    assert back.hashes == (None if hashes is None else tuple(hashes))
    np.testing.assert_array_equal(back.matrix(), matrix)


SIZES = st.integers(1, 9)
SYMMETRIC = st.booleans()
CRITICS: st.SearchStrategy[CriticSettings] = st.one_of(
    st.builds(pr.Bilinear, rank=SIZES, symmetric=SYMMETRIC),
    st.builds(
        pr.Separable,
        rank=SIZES,
        hidden=st.lists(SIZES, max_size=2).map(tuple),
        symmetric=SYMMETRIC,
    ),
    st.builds(pr.MLP, hidden=SIZES, layers=st.integers(1, 2), symmetric=SYMMETRIC),
    st.builds(
        pr.Attentive,
        segments=st.integers(1, 2),
        segment_dim=st.integers(1, 2),
        rank=SIZES,
        hidden=st.sampled_from([4, 12]),
        symmetric=SYMMETRIC,
    ),
)


@share_of_examples(0.3)
@given(
    critic=CRITICS,
    per_right=st.booleans(),
    ids=st.lists(IDS, min_size=2, max_size=6, unique=True),
    seed=st.integers(0, 99),
)
def test_models(
    critic: CriticSettings, per_right: bool, ids: list[str], seed: int, tmp_path: Path
) -> None:
    assume(not any(name.startswith("#") for name in ids))
    matrix = np.random.default_rng(seed).normal(size=(len(ids), 5)).astype(np.float32)
    vectors = Embeddings.from_arrays(ids, matrix)
    model = made_model(critic, vectors, seed=seed, per_right=per_right)
    model.save(tmp_path / "model")
    back = pr.RatioModel.load(tmp_path / "model")
    assert back.card == model.card
    assert back.content_hash() == model.content_hash()
    pd.testing.assert_frame_equal(back.degrees, model.degrees, check_index_type=False)
    pd.testing.assert_frame_equal(back.history, model.history)
    pairs = pd.DataFrame({LEFT: ids[1:], RIGHT: ids[:-1]})
    pd.testing.assert_frame_equal(back.score(pairs, vectors), model.score(pairs, vectors))


@given(
    rows=st.lists(
        st.tuples(IDS, IDS, st.floats(-80, 80, width=32), st.floats(0, 1, width=32)),
        min_size=1,
        max_size=9,
    ),
    suffix=st.sampled_from([".tsv", ".csv", ".parquet"]),
    cut=st.integers(0, 9),
)
def test_hits(rows: list[tuple], suffix: str, cut: int, tmp_path: Path) -> None:
    assume(not any(name.startswith("#") for row in rows for name in row[:2]))
    hits = pd.DataFrame([(*row, "C1") for row in rows], columns=list(TYPES))
    path = tmp_path / f"hits{suffix}"
    with appending(path, TYPES) as append:
        append(hits.iloc[:cut])
        append(hits.iloc[cut:])
    found = read_candidates(path, columns=PairColumns(LEFT, RIGHT))
    assert found[LEFT].tolist() == hits[LEFT].tolist()
    assert found[RIGHT].tolist() == hits[RIGHT].tolist()
    if suffix == ".parquet":
        back = pd.read_parquet(path)
        for name in ("log_ratio", "probability"):
            np.testing.assert_array_equal(back[name], hits[name].astype(np.float32))


PATHS = IDS.filter(lambda name: "\0" not in name).map(Path)
SHARES = st.floats(0.01, 0.49)
SEEDS = st.integers(0, LARGEST_SEED)
SPLITS = st.one_of(
    st.builds(
        DrawnSplit,
        st.sampled_from(["protein", "pair"]),
        PATHS,
        st.booleans(),
        SHARES,
        SHARES,
        SEEDS,
        st.none() | st.floats(0, 1000),
    ),
    st.builds(
        ClusterSplit,
        st.just("cluster"),
        PATHS,
        PATHS,
        SHARES,
        st.booleans(),
        SHARES,
        SHARES,
        SEEDS,
    ),
)
TRAINERS = st.builds(
    TrainerSettings,
    batch_size=st.integers(1, 2**20),
    learning_rate=st.floats(1e-12, 10),
    weight_decay=st.floats(0, 10),
    max_epochs=st.integers(1, 10**6),
    patience=st.integers(1, 99),
)
NUMBERS = st.floats(1e-9, 1e9)
LOSSES = st.one_of(
    *(st.builds(OBJECTIVES[name], name=st.just(name)) for name in OBJECTIVES),
    st.builds(InfoNCEAnchor, nu=st.none() | NUMBERS, both_directions=st.booleans()),
    st.builds(InfoNCEAnchor, beta=NUMBERS, batch_form=st.sampled_from(["exact", "full"])),
    st.builds(MINE, decay=st.floats(0, 0.999)),
)


@given(
    vectors=PATHS,
    split=SPLITS,
    critic=CRITICS,
    objective=LOSSES,
    trainer=TRAINERS,
    seed=SEEDS,
    encoder=st.none() | IDS,
)
def test_settings(
    vectors: Path,
    split: DrawnSplit | ClusterSplit,
    critic: CriticSettings,
    objective: InfoNCEAnchor,
    trainer: TrainerSettings,
    seed: int,
    encoder: str | None,
    tmp_path: Path,
) -> None:
    split = replace(split, directed=not critic.symmetric)  # others are refused
    experiment = Experiment(vectors, split, critic, objective, trainer, seed, encoder)
    path = tmp_path / "it.yaml"
    path.write_text(as_yaml(experiment), encoding="utf-8")
    assert read_experiment(path) == experiment
