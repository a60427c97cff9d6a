"""One protein under several ids, through every stage: a FASTA of UniProt, tables of accessions."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import Run

import ppi_ratio as pr
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.errors import InputError
from ppi_ratio.evaluation.groups import labelled_groups
from ppi_ratio.pairs import (
    CLASSES,
    draw_non_pairs_within_classes,
    labelled_table,
    pair_classes,
    species_of_prefix,
)
from ppi_ratio.runs.screening import screen_file
from ppi_ratio.sequences import sequence_hash

N_TRAINED, N_PROTEINS = 14, 28
Spelling = Callable[[int], str]
RESIDUES = np.array([*"ACDEFGHIKLMNPQRSTVWY"])


def accession(number: int) -> str:
    return f"P{number:05d}"


def record(number: int) -> str:
    return f"sp|{accession(number)}|NAME{number:05d}_HUMAN"


def entry_name(number: int) -> str:
    return f"NAME{number:05d}_HUMAN"


SPELLINGS = {"accession": accession, "record": record, "name": entry_name}


def sequence(number: int) -> str:
    return "".join(np.random.default_rng(number).choice(RESIDUES, 50))


def table(
    pairs: list[tuple[int, int]], spelling: Spelling = accession, *, name: str = "pairs"
) -> pr.PairTable:
    rows = pd.DataFrame([(spelling(a), spelling(b)) for a, b in pairs], columns=["left", "right"])
    return pr.PairTable.from_rows(rows, directed=False, name=name)


def some_pairs(numbers: range, count: int, *, seed: int) -> list[tuple[int, int]]:
    every = [(a, b) for a in numbers for b in numbers if a < b]
    chosen = np.random.default_rng(seed).permutation(len(every))[:count]
    return [every[row] for row in chosen]


TRAINING = some_pairs(range(N_TRAINED), 39, seed=0)  # too few for baselines that learn
TEST = [
    *some_pairs(range(N_TRAINED), 30, seed=1),
    *[(a, a + N_TRAINED) for a in range(N_PROTEINS - N_TRAINED)],
    *some_pairs(range(N_TRAINED, N_PROTEINS), 25, seed=2),
]


@pytest.fixture(scope="module")
def vectors() -> pr.Embeddings:
    """As they come of a UniProt FASTA."""
    matrix = np.random.default_rng(3).normal(size=(N_PROTEINS, 6)).astype(np.float32)
    numbers = range(N_PROTEINS)
    return pr.Embeddings.from_arrays(
        map(record, numbers),
        matrix,
        Provenance(encoder="made"),
        [sequence_hash(sequence(number)) for number in numbers],
    )


@pytest.fixture(scope="module")
def model(vectors: pr.Embeddings) -> pr.RatioModel:
    """Trained on pairs of accessions."""
    split = pr.Split.from_tables(
        train=table(TRAINING), validation=table(TEST[:10]), test=table(TEST)
    )
    return pr.fit(
        split,
        vectors,
        seed=0,
        trainer=pr.TrainerSettings(max_epochs=1, batch_size=39),
        progress=False,
    )


@pytest.fixture(params=SPELLINGS.values(), ids=[*SPELLINGS])
def spelling(request: pytest.FixtureRequest) -> Spelling:
    return request.param


@pytest.fixture
def renamed(vectors: pr.Embeddings) -> pr.Embeddings:
    """The same sequences and vectors under ids that training never saw."""
    ids = [f"X{number:03d}" for number in range(N_PROTEINS)]
    return pr.Embeddings.from_arrays(ids, vectors.matrix(), vectors.provenance, vectors.hashes)


def expected_classes(pairs: list[tuple[int, int]]) -> list[str]:
    return [CLASSES[(a >= N_TRAINED) + (b >= N_TRAINED)] for a, b in pairs]


def test_candidates_in_any_spelling_get_the_same_scores_and_classes(
    model: pr.RatioModel,
    vectors: pr.Embeddings,
    spelling: Spelling,
) -> None:
    candidates = pd.DataFrame(
        [(spelling(a), spelling(b)) for a, b in TEST], columns=["left", "right"]
    )
    found = model.score(candidates, vectors)
    assert found["left"].tolist() == candidates["left"].tolist()
    assert found["pair_class"].tolist() == expected_classes(TEST)
    plain = [(accession(a), accession(b)) for a, b in TEST]
    expected = model.score(pd.DataFrame(plain, columns=["left", "right"]), vectors)
    np.testing.assert_array_equal(found["log_ratio"], expected["log_ratio"])
    assert {*found["note"]} == {""}


def test_a_screen_of_everything_joins_with_tables_of_accessions(
    model: pr.RatioModel, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    hits = model.screen(vectors, top_k=None, min_log_ratio=-1e9)
    numbers = {accession(number): number for number in range(N_PROTEINS)}
    assert {*hits["left"], *hits["right"]} == {*numbers}
    pairs = [(numbers[a], numbers[b]) for a, b in zip(hits["left"], hits["right"], strict=True)]
    assert hits["pair_class"].tolist() == expected_classes(pairs)
    screen_file(model, vectors, tmp_path / "hits.tsv", options=None, progress=False)
    written = pd.read_csv(tmp_path / "hits.tsv", sep="\t")
    assert {*written["left"], *written["right"]} <= {*numbers}
    assert {"C1", "C2", "C3"} == {*written["pair_class"]}
    assert [*model.score_matrix(vectors).columns] == [*numbers]


def test_known_pairs_are_left_out_of_a_screen_in_any_spelling(
    model: pr.RatioModel,
    vectors: pr.Embeddings,
    spelling: Spelling,
) -> None:
    hits = model.screen(
        vectors, top_k=None, min_log_ratio=-1e9, known=table(TRAINING, spelling=spelling)
    )
    assert len(hits) == N_PROTEINS * (N_PROTEINS - 1) // 2 - len(TRAINING)


def test_two_spellings_of_one_protein_are_screened_once_under_the_first(
    model: pr.RatioModel,
    vectors: pr.Embeddings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = [record(0), accession(1), accession(0), entry_name(1)]
    known = table([(0, 5)])
    with caplog.at_level(logging.WARNING):
        hits = model.screen(vectors, left=asked, right=asked, known=known, top_k=5)
    assert {*hits["left"]} == {record(0), accession(1)}
    assert len(hits) == 2
    assert (
        f"2 ids name a protein that an earlier id names, e.g. {accession(0)} after {record(0)}"
        in (caplog.text)
    )


def test_a_screen_names_a_protein_as_the_file_of_ids_did(
    model: pr.RatioModel,
    vectors: pr.Embeddings,
    spelling: Spelling,
) -> None:
    hits = model.screen(vectors, left=[spelling(3)], top_k=2)
    assert {*hits["left"]} == {spelling(3)}
    assert all(name.startswith("P") for name in hits["right"])


def test_evaluation_sees_the_same_classes_degrees_and_known_pairs_in_any_spelling(
    model: pr.RatioModel,
    vectors: pr.Embeddings,
    spelling: Spelling,
) -> None:
    same = ["scorer", "pairs", "non_pairs", "metric", "value", "n_joint", "n_non_pairs"]

    def judged(test_spelling: Spelling, training_spelling: Spelling) -> pd.DataFrame:
        test = table(sorted({*TEST} - {*TRAINING}), spelling=test_spelling, name="test")
        training = table(TRAINING, spelling=training_spelling)
        found = pr.evaluate(model, test, vectors, training=training, seed=0)
        return pd.DataFrame({column: found[column] for column in same})

    expected = judged(accession, accession)
    assert {*expected["pairs"]} == {*CLASSES, "all"}
    pd.testing.assert_frame_equal(judged(spelling, record), expected)


def test_degrees_are_counted_under_any_spelling(
    model: pr.RatioModel, vectors: pr.Embeddings, spelling: Spelling
) -> None:
    ids = [spelling(number) for number in range(N_PROTEINS)]
    # training knew accessions; only the vectors lead from a name to one
    found = model.training_proteins.counts(
        "left_degree", ids, vectors if spelling is entry_name else None
    )
    expected = np.bincount(np.ravel(TRAINING), minlength=N_PROTEINS)
    np.testing.assert_array_equal(found, expected)


def test_drawn_non_pairs_are_no_known_pairs_of_another_spelling() -> None:
    everything = some_pairs(range(12), 66, seed=0)
    joint, known = everything[:20], everything[20:60]
    drawn = draw_non_pairs_within_classes(
        table(joint),
        seen=map(record, range(12)),
        law="uniform",
        per_joint=1,
        known=table(known, spelling=record),
        seed=0,
    )
    assert len(drawn) == 6
    assert {*pair_classes(table(joint, spelling=record), drawn)} == {"C1"}


def test_an_audit_sees_training_pairs_and_classes_in_another_spelling() -> None:
    proteins = pr.Proteins({record(number): sequence(number) for number in range(N_PROTEINS)})
    found = pr.audit(table(TEST), training=table(TRAINING, spelling=record), proteins=proteins)
    counts = {check.check: check.count for check in found.checks}
    assert counts["without_sequence"] == 0
    assert counts["training_pairs"] == len({*TEST} & {*TRAINING})
    classes = pd.Series(expected_classes(TEST)).value_counts().to_dict()
    assert {name: counts[name] for name in CLASSES} == classes


def test_an_audit_sees_a_training_sequence_under_another_id() -> None:
    ids = {number: f"X{number:03d}" for number in range(N_PROTEINS)}
    proteins = {record(number): sequence(number) for number in range(N_TRAINED)}
    proteins |= {ids[number]: sequence(number) for number in range(N_PROTEINS)}
    found = pr.audit(
        table(TEST, spelling=ids.__getitem__),
        training=table(TRAINING),
        proteins=pr.Proteins(proteins),
    )
    counts = {check.check: check.count for check in found.checks}
    classes = pd.Series(expected_classes(TEST)).value_counts().to_dict()
    assert {name: counts[name] for name in CLASSES} == classes


def test_a_training_sequence_under_another_id_is_seen(
    model: pr.RatioModel, renamed: pr.Embeddings, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    for made in (model, pr.RatioModel.load(tmp_path / "model")):
        pairs = [(f"X{a:03d}", f"X{b:03d}") for a, b in TEST]
        found = made.score(pd.DataFrame(pairs, columns=["left", "right"]), renamed)
        assert found["pair_class"].tolist() == expected_classes(TEST)
        hits = made.screen(renamed, top_k=1)
        assert {*hits["pair_class"]} >= {"C1", "C2"}
        scores = made.score(table(TEST), renamed_back(renamed))
        turned = [
            made.against(each, "uniform", vectors=renamed)["log_ratio_uniform"] - each["log_ratio"]
            for each in (found, scores)
        ]
        assert len({*turned[0].round(4)}) > 3
        assert {*turned[0].round(4)} == {*turned[1].round(4)}
    without = replace(model, degrees=model.degrees.assign(sequence_hash=""))
    found = without.score(pd.DataFrame(pairs, columns=["left", "right"]), renamed)
    assert {*found["pair_class"]} == {"C3"}


def renamed_back(renamed: pr.Embeddings) -> pr.Embeddings:
    ids = map(accession, range(N_PROTEINS))
    return pr.Embeddings.from_arrays(ids, renamed.matrix(), renamed.provenance, renamed.hashes)


def test_a_training_sequence_under_another_id_is_seen_in_evaluation(
    model: pr.RatioModel, renamed: pr.Embeddings
) -> None:
    test = table(sorted({*TEST} - {*TRAINING}), spelling=lambda number: f"X{number:03d}")
    found = pr.evaluate(model, test, renamed, seed=0)
    assert {*found["pairs"]} == {*CLASSES, "all"}


def test_an_old_folder_without_hashes_is_read(model: pr.RatioModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    path = tmp_path / "model" / "proteins.tsv"
    frame = pd.read_csv(path, sep="\t")
    assert frame["sequence_hash"].str.len().eq(32).all()
    frame.drop(columns="sequence_hash").to_csv(path, sep="\t", index=False)
    read = pr.RatioModel.load(tmp_path / "model")
    assert {*read.degrees["sequence_hash"]} == {""}
    assert read.degrees["left_degree"].to_dict() == model.degrees["left_degree"].to_dict()


def test_a_missing_id_is_answered_with_the_id_it_may_mean(
    model: pr.RatioModel, vectors: pr.Embeddings
) -> None:
    frame = pd.DataFrame([("P00001.2", "none")], columns=["left", "right"])
    (note,) = model.score(frame, vectors)["note"]
    meant = f"did you mean {record(1)}? They differ in the version"
    assert note == f"no vector for P00001.2 ({meant}) and none"
    with pytest.raises(InputError, match=r"1 of 2 .* no vector, e\.g\. P00001-2 \(did you mean"):
        model.screen(vectors, left=["P00002", "P00001-2"])


def test_a_table_in_two_spellings_holds_each_pair_and_protein_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = pd.DataFrame(
        [
            (accession(1), accession(2)),
            (record(2), record(1)),
            (record(1), accession(1)),
            (entry_name(2), accession(3)),
        ],
        columns=["left", "right"],
    )
    with caplog.at_level(logging.WARNING):
        found = pr.read_pairs(rows, directed=False)
    assert found.ids == tuple(map(accession, (1, 2, 3)))
    assert len(found) == 2
    assert "3 ids are further spellings of a protein" in caplog.text


def test_a_split_holds_a_protein_out_in_all_its_spellings() -> None:
    rows = pd.DataFrame(
        [
            ((accession, record)[row % 2](a), (record, accession)[row // 2 % 2](b))
            for row, (a, b) in enumerate(some_pairs(range(40), 300, seed=0))
        ],
        columns=["left", "right"],
    )
    split = pr.split_by_protein(pr.read_pairs(rows, directed=False), seed=0, disjoint=True)
    assert not [leak for leak in split.leaks() if "proteins" in leak]
    assert all(name.startswith("P") for part in split.parts.values() for name in part.ids)


def test_leaks_and_classes_of_a_given_split_are_seen_in_another_spelling() -> None:
    split = pr.Split.from_tables(
        train=table([(1, 2), (3, 4), (5, 6)]),
        validation=table([(2, 1)], spelling=record),
        test=table([(1, 9)], spelling=record),
    )
    leaks = "\n".join(split.leaks({accession(9): 0, record(3): 0, accession(4): 1}))
    assert "1 of 1 validation pairs are train pairs" in leaks
    assert "1 of 2 test proteins are train proteins" in leaks
    assert f"share a sequence cluster with one, e.g. {record(9)} with {accession(3)}" in leaks
    assert split.summary().loc["validation", "C1"] == 1
    assert split.summary().loc["test", "C2"] == 1
    assert not split.held_apart


def test_clusters_and_species_are_found_under_the_ids_of_the_fasta() -> None:
    pairs = table(some_pairs(range(40), 300, seed=0))
    clusters = {record(number): number % 10 for number in range(40)}
    split = pr.split_by_cluster(pairs, clusters, seed=0)
    expected = pr.split_by_cluster(
        pairs, {accession(number): number % 10 for number in range(40)}, seed=0
    )
    assert split.content_hash() == expected.content_hash()
    species = species_of_prefix(map(record, range(40))) | {record(0): "MOUSE"}
    with pytest.raises(ValueError, match="no protein is of species RAT; there are HUMAN, MOUSE"):
        pr.split_by_species(pairs, species, test=["RAT"], seed=0)


def test_groups_are_the_same_whatever_kind_of_iterable_tells_what_was_seen() -> None:
    pairs = table(TEST)
    seen = [record(number) for number in range(N_TRAINED)]
    laws = ("degree-matched", "role-matched")
    listed, generated = (
        labelled_groups(pairs, seen=each, known=None, seed=0, laws=laws)
        for each in (seen, (name for name in seen))
    )
    assert [group.name for group in generated] == [group.name for group in listed]
    assert {group.pairs for group in generated} == {*CLASSES, "all"}


def test_noise_of_a_group_is_draws_and_no_table() -> None:
    labelled = labelled_table(table(TEST), table([(0, 59), (1, 58)]))
    (group, *_) = labelled_groups(
        labelled, seen=map(accession, range(N_TRAINED)), known=None, seed=0
    )
    noise = group.noise(0)
    assert not isinstance(noise, pr.PairTable)
    assert noise.frame.duplicated().sum() > 0
    left, right = (noise.frame[side].tolist() for side in ("left", "right"))
    assert not any(map(str.__eq__, left, right))


def test_a_model_is_described_in_ten_lines(model: pr.RatioModel) -> None:
    lines = repr(model).splitlines()
    assert len(lines) <= 10
    assert "training: pairs, 39 pairs of 14 proteins" in repr(model)
    for word in ("infonce_anchor", "separable", "made", "directed: no", "degree_weighted"):
        assert word in repr(model)
    assert "best epoch: 1 of 1" in repr(model)


def test_the_command_line_joins_a_uniprot_fasta_with_accessions(run: Run, tmp_path: Path) -> None:
    fasta, train, test = (tmp_path / name for name in ("p.fasta", "train.tsv", "test.tsv"))
    fasta.write_text("".join(f">{record(n)}\n{sequence(n)}\n" for n in range(N_PROTEINS)))
    table(TRAINING).frame.to_csv(train, sep="\t", index=False)
    table(TEST, spelling=record).frame.to_csv(test, sep="\t", index=False)
    outcome = run("audit", test, "--train", train, "--fasta", fasta, "--undirected")
    assert outcome.code == 0
    classes = pd.Series(expected_classes(TEST)).value_counts()
    assert f"{classes['C1']} C1, {classes['C2']} C2, {classes['C3']} C3" in " ".join(
        outcome.out.split()
    )
