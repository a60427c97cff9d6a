"""Settings of a split, as a configuration or the command line gives them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.pairs import Split, pair_classes
from ppi_ratio.sequences import STANDARD_RESIDUES
from ppi_ratio.settings.splits import NO_SEQUENCE, parse_split_settings, split_clusters

Options = Callable[..., dict[str, Any]]
N_PROTEINS = 60


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Options of a split of a table of two species, each with ten families of three."""
    rng = np.random.default_rng(0)
    names = [f"{1 + number % 2}.P{number}" for number in range(N_PROTEINS)]
    roots = rng.choice(list(STANDARD_RESIDUES), size=(N_PROTEINS // 3, 80))
    fasta = [f">{name}\n{''.join(roots[number // 3])}\n" for number, name in enumerate(names)]
    rows = [
        f"{names[left]}\t{names[right]}\n"
        for left, right in rng.integers(N_PROTEINS, size=(900, 2))
    ]
    (tmp_path / "proteins.fasta").write_text("".join(fasta))
    (tmp_path / "pairs.tsv").write_text("".join(rows))

    def given(**others: object) -> dict[str, Any]:
        common = {"directed": False, "validation_fraction": 0.2, "seed": 0}
        return {"pairs": tmp_path / "pairs.tsv", **common, **others}

    return given


def made(options: dict[str, Any]) -> Split:
    return parse_split_settings(options).read()


def test_a_disjoint_split_by_protein_has_only_new_proteins_in_its_test(options: Options) -> None:
    split = made(options(name="protein", test_fraction=0.3, disjoint=True))
    assert split.kind == "by protein, disjoint"
    assert set(pair_classes(split.train, split.test)) == {"C3"}


def test_a_split_by_cluster_keeps_families_together(options: Options, tmp_path: Path) -> None:
    fasta = tmp_path / "proteins.fasta"
    drawn = options(
        name="cluster", fasta=fasta, min_identity=0.5, method="words", test_fraction=0.3
    )
    split = made(drawn)
    assert split.kind == "by cluster (shared words, identity 0.5)"
    families = [{int(name[3:]) // 3 for name in part.ids} for part in split.parts.values()]
    assert sum(map(len, families)) == len(set.union(*families)) == N_PROTEINS // 3
    clusters = split_clusters(split, fasta, min_identity=0.5, method="words")
    assert split.leaks(clusters) == []
    by_pair = made(options(name="protein", test_fraction=0.3, disjoint=True))
    assert "share a sequence cluster" in " ".join(by_pair.leaks(clusters))


def test_pairs_without_a_sequence_are_left_out_and_counted(
    options: Options, tmp_path: Path
) -> None:
    fasta = tmp_path / "proteins.fasta"
    records = fasta.read_text().split(">")[1:]
    fasta.write_text("".join(f">{record}" for record in records[5:]))
    drawn = parse_split_settings(
        options(name="cluster", fasta=fasta, min_identity=0.4, method="words", test_fraction=0.3)
    )
    split = drawn.read()
    assert split.dropped[NO_SEQUENCE] > 0
    assert sum(split.dropped.values()) + sum(map(len, split.parts.values())) == len(drawn.table())
    found = {name for part in split.parts.values() for name in part.ids}
    assert len(found) == N_PROTEINS - 5


def test_sequences_of_other_proteins_are_refused(options: Options, tmp_path: Path) -> None:
    fasta = tmp_path / "others.fasta"
    fasta.write_text(">Q1\nMKVLAAGICS\n")
    drawn = options(name="cluster", fasta=fasta, min_identity=0.4, test_fraction=0.3)
    with pytest.raises(InputError, match=r"no pair has two sequences in .*; 60 ids are not there"):
        made(drawn)


def test_species_are_read_from_the_ids_or_from_a_table(options: Options, tmp_path: Path) -> None:
    by_id = made(options(name="species", test_species=[2]))
    assert all(name.startswith("2.") for name in by_id.test.ids)
    table = tmp_path / "species.tsv"
    rows = [f"{1 + number % 2}.P{number}\t{'ab'[number % 2]}\n" for number in range(N_PROTEINS)]
    table.write_text("\n".join(rows))
    by_table = made(options(name="species", test_species=["b"], species=table))
    assert by_table.content_hash() == by_id.content_hash()


def test_a_table_without_species_is_named_with_its_line(options: Options, tmp_path: Path) -> None:
    table = tmp_path / "species.tsv"
    table.write_text("1.P0\t1\n2.P1 2\n")
    with pytest.raises(InputError, match=r"species\.tsv: line 2 has no id and species"):
        made(options(name="species", test_species=["1"], species=table))


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"name": "cluster", "test_fraction": 0.2, "min_identity": 0.4}, "missing key `fasta`"),
        (
            {"name": "pair", "test_fraction": 0.2, "disjoint": True},
            "a split by pair cannot be disjoint",
        ),
        ({"name": "species"}, "missing key `test_species`"),
        (
            {"name": "species", "test_species": ["1"], "test_fraction": 0.2},
            "unknown key `test_fraction`",
        ),
        (
            {"name": "protein", "test_fraction": 1.5},
            r"`test_fraction`: expected a number less than 1, got 1\.5",
        ),
        (
            {"name": "protein", "test_fraction": 0.2, "test_species": ["1"]},
            "unknown key `test_species`",
        ),
        ({"name": "fold"}, '`name`: there is no "fold"; choose from protein, pair, cluster, spec'),
    ],
)
def test_a_wrong_option_is_named(options: Options, wrong: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigError, match=f"split by {wrong['name']}: .*{fault}"):
        parse_split_settings(options(**wrong))


def test_options_with_the_value_none_count_as_not_given(options: Options) -> None:
    settings = parse_split_settings(options(name="pair", test_fraction=0.2, fasta=None))
    assert settings.name == "pair"
