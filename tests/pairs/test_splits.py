import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from damage import share_of_examples
from hypothesis import given, reject
from hypothesis import strategies as st

from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.pairs import (
    PairTable,
    Split,
    labelled_table,
    pair_classes,
    read_split,
    split_by_cluster,
    split_by_pair,
    split_by_protein,
    write_split,
)
from ppi_ratio.pairs.dividing import BETWEEN

Splitter = Callable[..., Split]


def split_by_last_letter(pairs: PairTable, *, seed: int, **fractions: float) -> Split:
    clusters = {name: ord(name[-1]) for name in pairs.ids}
    return split_by_cluster(pairs, clusters, seed=seed, **fractions)


SPLITTERS: dict[str, Splitter] = {
    "pair": split_by_pair,
    "protein": split_by_protein,
    "protein, disjoint": partial(split_by_protein, disjoint=True),
    "cluster": split_by_last_letter,
}
THIRDS = {"test_fraction": 0.3, "validation_fraction": 0.3}  # room for pairs in every part
any_seed = st.integers(0, 2**32)


def random_pairs(*, directed: bool = False, labelled: bool = True, n: int = 2000) -> PairTable:
    rng = np.random.default_rng(0)
    left, right = rng.integers(80, size=(2, n))
    frame = pd.DataFrame({"left": left, "right": right}).astype(str)
    if labelled:
        frame["label"] = np.arange(n) % 2
    return PairTable.from_rows(frame, directed=directed, name="random")


def table(*pairs: str, directed: bool = False) -> PairTable:
    frame = pd.DataFrame([pair.split() for pair in pairs], columns=["left", "right"])
    return PairTable.from_rows(frame, directed=directed, name="made")


def pair_set(part: PairTable) -> set[tuple]:
    return set(part.frame[["left", "right"]].itertuples(index=False, name=None))


@pytest.fixture(params=SPLITTERS)
def splitter(request: pytest.FixtureRequest) -> Splitter:
    return SPLITTERS[request.param]


@pytest.fixture
def made() -> Split:
    return split_by_protein(random_pairs(), seed=3)


@given(seed=any_seed, by=st.sampled_from(list(SPLITTERS)), directed=st.booleans())
def test_parts_are_disjoint_and_every_pair_is_in_one_or_counted(
    seed: int, by: str, directed: bool
) -> None:
    pairs = random_pairs(directed=directed)
    split = SPLITTERS[by](pairs, seed=seed, **THIRDS)
    found = [pair for part in split.parts.values() for pair in pair_set(part)]
    assert len(found) == len(set(found))
    assert len(found) + sum(split.dropped.values()) == len(pairs)
    assert set(found) <= pair_set(pairs)
    assert not [leak for leak in split.leaks() if "pairs, e.g." in leak]


@given(seed=any_seed)
def test_no_held_out_protein_is_seen_in_training(seed: int) -> None:
    split = split_by_protein(random_pairs(), seed=seed)
    for part in (split.validation, split.test):
        assert set(pair_classes(split.train, part)) <= {"C2", "C3"}
        seen = set(split.train.ids)
        assert not any({left, right} <= seen for left, right in pair_set(part))


def test_validation_proteins_are_held_apart_if_training_has_none_of_them() -> None:
    pairs = random_pairs()
    apart = split_by_protein(pairs, seed=0, disjoint=True)
    assert apart.held_apart == set(apart.validation.joint.ids)
    assert not split_by_protein(pairs, seed=0).held_apart  # C2 pairs are in its validation


@share_of_examples(0.2)
@given(seed=any_seed)
def test_row_order_does_not_move_a_pair(seed: int) -> None:
    pairs = random_pairs()
    shuffled = pairs.select(np.random.default_rng(seed).permutation(len(pairs)))
    for splitter in SPLITTERS.values():
        one, other = (splitter(table, seed=1, **THIRDS) for table in (pairs, shuffled))
        for name, part in one.parts.items():
            pd.testing.assert_frame_equal(part.frame, other.parts[name].frame)


@given(seed=any_seed)
def test_no_protein_of_a_disjoint_split_is_in_two_parts(seed: int) -> None:
    split = split_by_protein(random_pairs(), seed=seed, disjoint=True, **THIRDS)
    ids = [name for part in split.parts.values() for name in part.ids]
    assert len(ids) == len(set(ids))
    assert set(pair_classes(split.train, split.test)) == {"C3"}
    assert split.leaks() == []
    assert split.kind == "by protein, disjoint"


def test_a_disjoint_split_has_the_test_proteins_of_one_that_is_not() -> None:
    one, other = (split_by_protein(random_pairs(), seed=0, disjoint=d) for d in (True, False))
    pd.testing.assert_frame_equal(one.train.frame, other.train.frame)
    assert pair_set(one.test) < pair_set(other.test)
    assert one.dropped[BETWEEN] == other.dropped[BETWEEN]
    assert len(one.test) + one.dropped["between test and train proteins"] == len(other.test)


def test_the_same_seed_gives_the_same_split_and_another_another(splitter: Splitter) -> None:
    hashes = [splitter(random_pairs(), seed=seed, **THIRDS).content_hash() for seed in (0, 0, 1)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_fractions_by_pair_are_of_the_pairs() -> None:
    pairs = random_pairs()
    split = split_by_pair(pairs, test_fraction=0.25, validation_fraction=0.05, seed=0)
    assert len(split.test) == round(0.25 * len(pairs))
    assert len(split.validation) == round(0.05 * len(pairs))
    assert (split.kind, split.seed) == ("by pair", 0)


def test_fractions_by_protein_are_of_the_proteins() -> None:
    pairs = random_pairs()
    split = split_by_protein(pairs, test_fraction=0.25, validation_fraction=0.1, seed=0)
    assert len(set(pairs.ids) - set(split.train.ids)) == 20 + 8
    assert split.dropped[BETWEEN] > 0


@given(
    pairs=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=40, max_size=200),
    test=st.floats(0.05, 0.6),
    validation=st.floats(0.05, 0.35),
    seed=any_seed,
    directed=st.booleans(),
    disjoint=st.booleans(),
)
def test_any_fractions_of_any_table_are_kept_and_nothing_is_lost(
    pairs: list[tuple[int, int]],
    test: float,
    validation: float,
    seed: int,
    directed: bool,
    disjoint: bool,
) -> None:
    frame = pd.DataFrame(pairs, columns=["left", "right"]).astype(str)
    whole = PairTable.from_rows(frame, directed=directed, name="made")
    fractions = {"test_fraction": test, "validation_fraction": validation, "seed": seed}
    try:
        by_pair = split_by_pair(whole, **fractions)
        by_protein = split_by_protein(whole, disjoint=disjoint, **fractions)
    except ValueError as error:
        if "no interaction in the" not in str(error):
            raise
        reject()
    n_test, n_validation = round(test * len(whole)), round(validation * len(whole))
    assert (len(by_pair.test), len(by_pair.validation)) == (n_test, n_validation)
    n_held_out = round(test * len(whole.ids)) + round(validation * len(whole.ids))
    assert len(by_protein.train.ids) <= len(whole.ids) - n_held_out
    if disjoint:
        assert len(by_protein.test.ids) <= round(test * len(whole.ids))
        assert len(by_protein.validation.ids) <= round(validation * len(whole.ids))
    for split in (by_pair, by_protein):
        found = [pair for part in split.parts.values() for pair in pair_set(part)]
        assert len(found) == len(set(found))
        assert set(found) <= pair_set(whole)
        assert len(found) + sum(split.dropped.values()) == len(whole)


@pytest.mark.parametrize(
    ("fractions", "message"),
    [
        ({"test_fraction": 0.0}, "test_fraction must lie between 0 and 1, got 0.0"),
        ({"validation_fraction": 1.5}, "validation_fraction must lie between 0 and 1"),
        ({"test_fraction": 0.6, "validation_fraction": 0.4}, "leave nothing to train on"),
    ],
)
def test_fractions_that_leave_nothing_are_refused(
    splitter: Splitter, fractions: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        splitter(random_pairs(), seed=0, **fractions)


def test_a_part_without_joint_pairs_is_named(splitter: Splitter) -> None:
    with pytest.raises(ValueError, match="no interaction in the validation and test part"):
        splitter(table("A B"), seed=0)


def test_classes_count_the_proteins_seen_in_joint_pairs() -> None:
    frame = pd.DataFrame({"left": ["A", "C"], "right": ["B", "D"], "label": [1, 0]})
    train = PairTable.from_rows(frame, directed=False, name="train")
    judged = pd.DataFrame({"left": ["B", "C", "C"], "right": ["A", "A", "D"]})
    assert pair_classes(train, judged).tolist() == ["C1", "C2", "C3"]


def test_a_protein_seen_on_the_other_side_is_seen() -> None:
    train = table("A B", directed=True)
    assert pair_classes(train, table("B A", directed=True)).tolist() == ["C1"]


def test_summary_counts_each_part() -> None:
    split = Split.from_tables(
        train=table("A B", "B C"), validation=table("C D"), test=table("E F", "A C")
    )
    expected = pd.DataFrame(
        {
            "joint": [2, 1, 2],
            "non_pairs": [0, 0, 0],
            "proteins": [3, 2, 4],
            "C1": [2, 0, 1],
            "C2": [0, 1, 0],
            "C3": [0, 0, 1],
        },
        index=pd.Index(["train", "validation", "test"], name="part"),
    )
    pd.testing.assert_frame_equal(split.summary(), expected)


def test_fixed_tables_keep_their_leaks_and_say_them() -> None:
    split = Split.from_tables(
        train=table("A B", "B C"), validation=table("D E"), test=table("B A", "B F", "G H")
    )
    assert len(split.test) == 3
    assert split.leaks() == [
        "1 of 3 test pairs are train pairs, e.g. A B",
        "2 of 5 test proteins are train proteins: both of them in 1, one in 1 of 3 test pairs",
    ]


def test_a_directed_pair_in_the_other_direction_is_a_leak() -> None:
    parts = {"train": ["A B"], "validation": ["C D"], "test": ["B A"]}
    split = Split.from_tables(**{name: table(*p, directed=True) for name, p in parts.items()})
    assert split.leaks()[0] == (
        "1 of 1 test pairs are train pairs in the other direction, e.g. B A"
    )


def test_relatives_across_parts_are_a_leak_if_clusters_are_given() -> None:
    split = Split.from_tables(
        train=table("A B", "B C"), validation=table("D E"), test=table("A F", "G H", "I J")
    )
    clusters = {name: number for number, name in enumerate("ABCDE")} | {"F": 0, "G": 2, "H": 9}
    before = split.leaks()
    assert split.leaks(clusters) == [
        *before,
        "2 of 5 test proteins that are not train proteins share a sequence cluster with one, e.g. "
        "F with A",
        "relatives of 2 of 6 test proteins cannot be found, because these have no sequence, e.g. I",
    ]
    assert split.leaks({name: number for number, name in enumerate("ABCDEFGHIJ")}) == before


def test_the_sheet_tells_of_relatives_if_clusters_are_given(tmp_path: Path) -> None:
    split = Split.from_tables(train=table("A B"), validation=table("C D"), test=table("E F"))
    write_split(split, tmp_path / "split", clusters=dict.fromkeys("ABCDEF", 0))
    leaks = json.loads((tmp_path / "split" / "split.json").read_text())["leaks"]
    assert len(leaks) == 3
    assert read_split(tmp_path / "split").content_hash() == split.content_hash()


def test_tables_without_shared_proteins_have_no_leak() -> None:
    parts = {"train": "A B", "validation": "C D", "test": "E F"}
    assert Split.from_tables(**{name: table(pair) for name, pair in parts.items()}).leaks() == []


def test_directed_and_undirected_tables_do_not_make_a_split() -> None:
    with pytest.raises(ValueError, match="train False, validation True, test False"):
        Split.from_tables(
            train=table("A B"), validation=table("A B", directed=True), test=table("A B")
        )


def test_restricting_a_split_restricts_every_part(made: Split) -> None:
    known = set(made.train.ids) | set(made.test.ids[::2]) | set(made.validation.ids[::2])
    restricted, missing = made.restrict_to(known)
    assert missing
    assert all(set(part.ids) <= known for part in restricted.parts.values())
    assert (restricted.kind, restricted.seed) == (made.kind, made.seed)


def test_training_and_validation_pairs_together_have_labels_if_both_have_them() -> None:
    train = labelled_table(table("A B"), table("A C", "B D"))
    validation = labelled_table(table("B D"), table("D E"))
    both = Split.from_tables(train=train, validation=validation, test=train).train_and_validation
    assert pair_set(both.joint) == {("A", "B"), ("B", "D")}
    assert pair_set(both.non_pairs) == {("A", "C"), ("D", "E")}
    split = Split.from_tables(train=train, validation=validation.joint, test=train)
    assert pair_set(split.train_and_validation) == {("A", "B"), ("B", "D")}
    assert not split.train_and_validation.is_labelled


def test_joint_pairs_of_a_split_are_those_of_its_parts(made: Split) -> None:
    assert pair_set(made.joint) == set.union(
        *(pair_set(part.joint) for part in made.parts.values())
    )


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("labelled", [True, False])
def test_a_written_split_reads_back(tmp_path: Path, directed: bool, labelled: bool) -> None:
    split = split_by_protein(random_pairs(directed=directed, labelled=labelled), seed=5)
    write_split(split, tmp_path / "deep" / "split")
    back = read_split(tmp_path / "deep" / "split")
    assert back.content_hash() == split.content_hash()
    assert (back.kind, back.seed, back.directed) == (split.kind, split.seed, split.directed)
    assert dict(back.dropped) == dict(split.dropped)
    assert [part.name for part in back.parts.values()] == [
        part.name for part in split.parts.values()
    ]


@pytest.mark.parametrize("labelled", [True, False])
def test_a_split_of_training_pairs_alone_survives_writing(tmp_path: Path, labelled: bool) -> None:
    split = Split.from_tables(train=random_pairs(labelled=labelled))
    write_split(split, tmp_path / "split")
    back = read_split(tmp_path / "split")
    assert back.content_hash() == split.content_hash()
    assert {name: len(part) for name, part in back.parts.items()} == {
        "train": len(split.train),
        "validation": 0,
        "test": 0,
    }


def test_kept_self_pairs_survive_writing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"left": ["A", "C"], "right": ["A", "D"]})
    own = PairTable.from_rows(frame, directed=False, name="own", self_pairs="keep")
    split = Split.from_tables(train=own, validation=own, test=own)
    write_split(split, tmp_path / "split")
    assert read_split(tmp_path / "split").content_hash() == split.content_hash()


def test_the_sheet_says_what_leaks_and_what_was_dropped(tmp_path: Path, made: Split) -> None:
    write_split(made, tmp_path / "split")
    sheet = json.loads((tmp_path / "split" / "split.json").read_text())
    assert sheet["leaks"] == made.leaks()
    assert sheet["dropped"] == dict(made.dropped)
    assert sheet["parts"]["test"]["C3"] == made.summary().loc["test", "C3"]


def test_writing_replaces_an_older_split_and_leaves_nothing_else(
    tmp_path: Path, made: Split
) -> None:
    write_split(split_by_pair(random_pairs(), seed=0), tmp_path / "split")
    write_split(made, tmp_path / "split")
    assert read_split(tmp_path / "split").content_hash() == made.content_hash()
    assert [path.name for path in tmp_path.iterdir()] == ["split"]


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path, made: Split) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"holds thesis\.txt"):
        write_split(made, tmp_path)
    with pytest.raises(ConfigError, match="is a file"):
        write_split(made, tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_tables_of_no_split_are_left_alone(tmp_path: Path, made: Split) -> None:
    (tmp_path / "train.tsv").write_text("mine")
    with pytest.raises(ConfigError, match=r"holds train\.tsv"):
        write_split(made, tmp_path)
    assert (tmp_path / "train.tsv").read_text() == "mine"


@pytest.mark.parametrize("seed", [-1, 1.5, "a", None, True])
def test_what_is_no_seed_is_refused(seed: Any) -> None:  # noqa: ANN401 -- of any kind
    with pytest.raises(ConfigError, match="seed: expected a whole number from 0 on"):
        split_by_protein(random_pairs(), seed=seed)
    with pytest.raises(ConfigError, match="seed: expected a whole number from 0 on"):
        split_by_pair(random_pairs(), seed=seed)


def test_a_seed_of_numpy_is_a_seed() -> None:
    number: Any = np.int64(3)
    of_numpy = split_by_pair(random_pairs(), seed=number)
    assert of_numpy.content_hash() == split_by_pair(random_pairs(), seed=3).content_hash()


def test_tables_changed_after_the_split_are_noticed(tmp_path: Path, made: Split) -> None:
    write_split(made, tmp_path / "split")
    with (tmp_path / "split" / "test.tsv").open("a") as file:
        file.write("X\tY\t1\n")
    with pytest.raises(ProvenanceError, match="tables were changed"):
        read_split(tmp_path / "split")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"parts": 1}', '{"parts": {"train": 1}}'])
def test_a_damaged_sheet_is_named(tmp_path: Path, made: Split, content: str) -> None:
    write_split(made, tmp_path / "split")
    (tmp_path / "split" / "split.json").write_text(content)
    with pytest.raises(InputError, match=r"split\.json: damaged"):
        read_split(tmp_path / "split")


def test_a_folder_without_a_split_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no split in it"):
        read_split(tmp_path)
