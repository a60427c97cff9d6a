"""Tables of hits: categories in memory, names in files, probabilities to the last digit."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ppi_ratio.io.tables import appending, write_table
from ppi_ratio.model.probability import Rule
from ppi_ratio.model.tables import LOG_RATIO, PAIR_CLASS, PROBABILITY, hit_table
from ppi_ratio.pairs import LEFT, RIGHT
from ppi_ratio.search.hits import make_hits

LEFTS, RIGHTS = np.array(["a", "b", "c"], dtype=object), np.array(["c", "d"], dtype=object)
LEFT_SEEN, RIGHT_SEEN = np.array([True, False, True]), np.array([True, False])
TYPES = {
    LEFT: "string",
    RIGHT: "string",
    LOG_RATIO: "float32",
    PROBABILITY: "float32",
    PAIR_CLASS: "string",
}


@pytest.fixture
def table() -> pd.DataFrame:
    hits = make_hits(np.array([2, 0, 1, 1]), np.array([0, 1, 1, 0]), np.array([3.0, 2.0, 1.0, 0.0]))
    return hit_table(hits, LEFTS, RIGHTS, LEFT_SEEN, RIGHT_SEEN, rule=Rule(0.5))


def test_every_hit_has_its_names_and_its_class(table: pd.DataFrame) -> None:
    assert table[[LEFT, RIGHT]].to_numpy().tolist() == [
        ["c", "c"],
        ["a", "d"],
        ["b", "d"],
        ["b", "c"],
    ]
    assert table[PAIR_CLASS].tolist() == ["C1", "C2", "C3", "C2"]


def test_names_of_both_sides_can_be_compared_and_merged(table: pd.DataFrame) -> None:
    assert (table[LEFT] == table[RIGHT]).tolist() == [True, False, False, False]
    strings = pd.DataFrame({LEFT: ["b", "x"], RIGHT: ["d", "c"], "number": [7, 8]})
    merged = table.merge(strings, on=[LEFT, RIGHT])
    assert merged[[LEFT, RIGHT, "number"]].to_numpy().tolist() == [["b", "d", 7]]


def test_two_proteins_of_one_name_share_a_category() -> None:
    hits = make_hits(np.array([0, 1]), np.array([0, 0]), np.array([1.0, 0.0]))
    names = np.array(["a", "a"], dtype=object)
    table = hit_table(hits, names, RIGHTS, LEFT_SEEN[:2], RIGHT_SEEN, rule=Rule(0.5))
    assert table[LEFT].tolist() == ["a", "a"]
    assert table[PAIR_CLASS].tolist() == ["C1", "C2"]


def test_no_hits_make_an_empty_table() -> None:
    none = np.empty(0)
    table = hit_table(
        make_hits(none, none, none), LEFTS, RIGHTS, LEFT_SEEN, RIGHT_SEEN, rule=Rule(0.5)
    )
    assert len(table) == 0
    assert list(table) == list(TYPES)


@pytest.mark.parametrize("prior", [1e-12, 0.01, 0.5, 1 - 1e-9])
def test_probabilities_are_exact_to_float32(prior: float) -> None:
    log_ratio = np.linspace(-40, 40, 400, dtype=np.float32)
    hits = make_hits(np.zeros(400), np.zeros(400), log_ratio)
    table = hit_table(hits, LEFTS, RIGHTS, LEFT_SEEN, RIGHT_SEEN, rule=Rule(prior))
    expected = [min(1.0, prior * math.exp(value)) for value in log_ratio]
    np.testing.assert_allclose(table[PROBABILITY], expected, rtol=1.2e-7)


def test_without_a_prior_there_is_no_probability() -> None:
    hits = make_hits(np.zeros(2), np.zeros(2), np.ones(2))
    table = hit_table(hits, LEFTS, RIGHTS, LEFT_SEEN, RIGHT_SEEN, rule=None)
    assert np.isnan(table[PROBABILITY].to_numpy()).all()


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet", ".json"])
def test_files_hold_names_not_codes(table: pd.DataFrame, tmp_path: Path, suffix: str) -> None:
    path, strings = tmp_path / f"hits{suffix}", tmp_path / f"strings{suffix}"
    write_table(table, path)
    write_table(table.astype({LEFT: "str", RIGHT: "str", PAIR_CLASS: "str"}), strings)
    if suffix == ".parquet":
        assert pd.read_parquet(path)[[LEFT, RIGHT]].to_numpy().tolist()[2] == ["b", "d"]
    else:
        assert path.read_bytes() == strings.read_bytes()


@pytest.mark.parametrize("suffix", [".tsv", ".parquet"])
def test_pieces_are_appended_as_names(table: pd.DataFrame, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"hits{suffix}"
    with appending(path, TYPES) as append:
        append(table.iloc[:1])
        append(table.iloc[1:])
    found = pd.read_parquet(path) if suffix == ".parquet" else pd.read_csv(path, sep="\t")
    assert found[[LEFT, RIGHT, PAIR_CLASS]].to_numpy().tolist() == (
        table[[LEFT, RIGHT, PAIR_CLASS]].to_numpy().tolist()
    )
    assert not isinstance(found[LEFT].dtype, pd.CategoricalDtype)
