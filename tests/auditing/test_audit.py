"""Audits of small tables whose faults are counted by hand, and of tables with known shortcuts."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.auditing import Audit, Severity, audit, read_scores
from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.pairs import PairTable
from ppi_ratio.sequences import Proteins

OK, NOTE, WARNING = Severity.OK, Severity.NOTE, Severity.WARNING


def table(rows: list, *, directed: bool = False, self_pairs: str = "drop") -> PairTable:
    names = ["left", "right", "label"][: len(rows[0])]
    frame = pd.DataFrame(rows, columns=names)
    frame["line"] = np.arange(1, len(rows) + 1)
    return PairTable.from_rows(
        frame,
        directed=directed,
        name="made",
        self_pairs=self_pairs,  # pyright: ignore[reportArgumentType]
    )


def drawn_table(n_proteins: int, n_pairs: int, *, seed: int = 0, sticky: float = 0.0) -> PairTable:
    """Random pairs; a protein's own weight decides the label as far as ``sticky`` goes."""
    rng = np.random.default_rng(seed)
    left, right = rng.integers(n_proteins, size=(2, n_pairs))
    weight = np.linspace(-1, 1, n_proteins)
    label = sticky * (weight[left] + weight[right]) + rng.normal(size=n_pairs) > 0
    rows = [
        (f"P{a}", f"P{b}", int(c)) for a, b, c in zip(left, right, label, strict=True) if a != b
    ]
    return table(rows)


def stickiness(pairs: PairTable) -> np.ndarray:
    """What ``drawn_table`` made of the two proteins of each pair, with nothing of the pair."""
    left, right = (pairs.frame[side].str[1:].to_numpy(dtype=float) for side in ("left", "right"))
    return left + right


DIRTY = [
    ("A", "B", 1),
    ("B", "A", 1),  # in reverse
    ("A", "B", 1),  # again
    ("C", "C", 1),  # with itself
    ("A", "C", 1),
    ("C", "A", 0),  # the other label, in reverse
    ("D", "E", 0),
    ("", "E", 1),  # an id is missing
    ("A", "D", 0),
]


def test_irregular_rows_are_counted_and_named() -> None:
    found = audit(table(DIRTY))
    counts = {made.check: (made.count, made.of) for made in found.checks}
    assert counts["pairs"] == (4, 9)
    assert counts["malformed_rows"] == (1, 9)
    assert counts["self_pairs"] == (1, 9)
    assert counts["repeated_rows"] == (3, 9)
    assert counts["reversed_rows"] == (1, 9)
    assert counts["label_conflicts"] == (1, 4)
    assert found["label_conflicts"].examples == ("C A (line 6)",)
    assert found["label_conflicts"].severity is WARNING
    assert found["self_pairs"].examples == ("C C (line 4)",)
    assert found["reversed_rows"].severity is NOTE
    assert "Of 9 rows, 3 name a pair again, 1 pair a protein with itself, 1 lack an id; " in (
        found.verdict
    )


def test_a_clean_table_has_nothing_to_note_in_its_rows() -> None:
    found = audit(table([("A", "B", 1), ("B", "C", 0)]))
    names = ("malformed_rows", "self_pairs", "repeated_rows", "reversed_rows", "label_conflicts")
    assert {(found[name].count, found[name].severity) for name in names} == {(0, OK)}
    assert "All 2 rows are distinct pairs of two proteins." in found.verdict


def test_kept_self_pairs_and_pairs_in_both_directions_are_counted() -> None:
    rows = [("A", "A"), ("A", "B"), ("B", "A"), ("C", "D")]
    found = audit(table(rows, directed=True, self_pairs="keep"))
    assert found["self_pairs"].count == 1
    assert found["self_pairs"].examples == ("A A",)
    assert (found["both_directions"].count, found["both_directions"].severity) == (1, NOTE)


def test_proteins_with_one_label_are_named_with_the_pairs_they_give_away() -> None:
    rows = [
        ("A", "B", 1),
        ("A", "C", 0),
        ("B", "C", 1),
        ("A", "D", 1),
        ("C", "E", 0),
        ("B", "F", 0),
    ]
    found = audit(table(rows))
    joint, non_pairs = found["only_in_joint"], found["only_in_non_pairs"]
    assert (joint.count, joint.of, joint.value) == (1, 6, pytest.approx(1 / 6))
    assert joint.examples == ("D",)
    assert (non_pairs.count, non_pairs.of, non_pairs.value) == (2, 6, pytest.approx(2 / 6))
    assert (found["prevalence"].count, found["prevalence"].value) == (3, 0.5)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("A", "B"), ("B", "C")], "has no labels"),
        (
            [("A", "B", 1), ("B", "C", 1)],
            "With 2 interactions among 2 pairs, one label is too rare",
        ),
        (
            [("A", "B", 1), ("B", "C", 0)],
            "With 1 interactions among 2 pairs, one label is too rare",
        ),
    ],
)
def test_without_enough_labels_no_auroc_is_made_up(rows: list, said: str) -> None:
    found = audit(table(rows))
    assert said in found.verdict
    assert not {"identity_auroc", "degree_auroc"} & set(found.names)


def test_hubs_are_named_with_their_degrees() -> None:
    star = [("HUB", f"P{i}") for i in range(30)] + [(f"P{i}", f"Q{i}") for i in range(10)]
    hubs = audit(table(star))["hubs"]
    assert (hubs.count, hubs.of) == (1, 41)
    assert hubs.value == pytest.approx(30 / 40)
    assert hubs.examples[0] == "HUB (30)"
    assert hubs.severity is NOTE


def test_labels_that_proteins_give_away_are_warned_of() -> None:
    found = audit(drawn_table(60, 800, sticky=3.0))
    assert found["identity_auroc"].value == pytest.approx(0.92, abs=0.04)
    assert found["identity_auroc"].severity is WARNING
    assert found["degree_auroc"].severity is WARNING
    area = found["identity_auroc"].value
    assert found.verdict.startswith(f"Protein identity alone predicts the labels (AUROC {area:.3f}")
    assert "Use degree-matched non-pairs and per-protein AUROC." in found.verdict


def test_labels_that_nothing_gives_away_are_not_warned_of() -> None:
    found = audit(drawn_table(60, 800))
    assert {found["identity_auroc"].severity, found["degree_auroc"].severity} == {OK}
    assert found.verdict.startswith("Protein identity and degree do not predict the labels")


def test_the_folds_follow_the_seed() -> None:
    pairs = drawn_table(60, 400, sticky=1.0)
    areas = [audit(pairs, seed=seed)["identity_auroc"].value for seed in (0, 0, 1)]
    assert areas[0] == areas[1] != areas[2]


def test_degrees_are_those_of_the_training_table_where_there_is_one() -> None:
    joint = [(f"J{i}", f"K{i}", 1) for i in range(12)]
    non_pairs = [(f"N{i}", f"M{i}", 0) for i in range(12)]
    pairs = table(joint + non_pairs)
    training = table([(f"J{i}", f"X{i}") for i in range(9)])
    # nine joint pairs rank above everything, three tie with all twelve non-pairs
    found = audit(pairs, training=training)["degree_auroc"]
    assert found.value == pytest.approx((9 * 12 + 3 * 12 / 2) / (12 * 12))
    assert "training table" in found.explanation


def test_what_a_table_shares_with_training_is_counted() -> None:
    pairs = table([("A", "B", 1), ("C", "D", 0), ("A", "X", 1), ("X", "Y", 0), ("C", "E", 1)])
    training = table([("B", "A", 1), ("C", "D", 1), ("E", "F", 0)])
    found = audit(pairs, training=training)
    assert (found["training_pairs"].count, found["training_pairs"].of) == (2, 5)
    assert found["training_pairs"].examples == ("A B", "C D")
    assert found["training_conflicts"].examples == ("C D",)
    assert (found["training_proteins"].count, found["training_proteins"].of) == (5, 7)
    assert [found[name].count for name in ("C1", "C2", "C3")] == [3, 1, 1]
    assert found.verdict.startswith("2 of 5 pairs (40.0%) are training pairs, e.g. A B")
    assert "3 C1, 1 C2, 1 C3: judge each class separately" in found.verdict


def test_in_a_directed_table_the_reverse_of_a_training_pair_is_another_pair() -> None:
    pairs = table([("A", "B"), ("C", "D")], directed=True)
    training = table([("B", "A"), ("C", "D")], directed=True)
    assert audit(pairs, training=training)["training_pairs"].examples == ("C D",)
    with pytest.raises(ValueError, match="one is directed, the other not"):
        audit(pairs, training=table([("A", "B")]))


def test_accessions_and_uniprot_headers_name_one_protein() -> None:
    pairs = table([("P12345", "Q11111", 1), ("P12345", "Q22222", 0)])
    training = table([("sp|P12345|ONE_YEAST", "sp|Q11111|TWO_YEAST")])
    found = audit(pairs, training=training)
    assert found["training_pairs"].count == 1
    assert [found[name].count for name in ("C1", "C2", "C3")] == [1, 1, 0]


def test_proteins_without_a_sequence_are_named() -> None:
    pairs = table([("A", "B", 1), ("A", "C", 0), ("C", "D", 0), ("A", "D", 0)])
    found = audit(pairs, proteins=Proteins({"A": "MKV", "B": "MKL", "D": "MKI"}))
    missing = found["without_sequence"]
    assert (missing.count, missing.of, missing.value) == (1, 4, 0.5)
    assert missing.examples == ("C",)
    assert "1 of 4 proteins have no sequence, e.g. C." in found.verdict
    assert "training_relatives" not in found.names


def relatives_table() -> tuple[PairTable, PairTable]:
    rows = [("a", "b", 1), ("a", "lone", 0), ("SEEN", "b", 0), ("other", "lone", 1)]
    training = table([("SEEN", "B", 1), ("A", "B", 1), ("OTHER", "A", 0)])
    return table([*rows, ("SEEN", "B", 1)]), training


def test_relatives_of_training_proteins_are_counted_by_cluster() -> None:
    pairs, training = relatives_table()
    clusters = {"a": 7, "A": 7, "b": 3, "B": 3, "SEEN": 1, "other": 5, "OTHER": 5, "lone": 9}
    found = audit(pairs, training=training, clusters=clusters)
    assert (found["training_relatives"].count, found["training_relatives"].of) == (3, 4)
    assert found["training_relatives"].examples == ("a", "b", "other")
    assert (found["training_homologs"].count, found["training_homologs"].of) == (2, 5)
    assert found["training_homologs"].examples == ("a b", "SEEN b")
    assert (
        "3 of 4 unseen proteins have a relative in training and 2 pairs are similar"
        in found.verdict
    )


def test_clusters_are_those_of_the_sequences_where_none_are_given() -> None:
    rng = np.random.default_rng(0)
    family, lone = ("".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), 90)) for _ in range(2))
    pairs, training = relatives_table()
    sequences = {"a": family + "MKV", "A": family, "b": lone, "lone": lone[::-1]}
    found = audit(pairs, training=training, proteins=Proteins(sequences))
    assert found["training_relatives"].examples == ("a",)
    assert found["training_homologs"].count == 0


def families(n: int, *, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), 80)) for _ in range(n)]


@pytest.mark.parametrize("n_known", [0, 3, 10])
def test_training_proteins_without_a_sequence_are_never_said_to_have_no_relatives(
    n_known: int,
) -> None:
    """Each test protein is a copy of a training protein; sequences of some of these are known."""
    residues = families(10)
    pairs = table([(f"new{i}", f"new{i + 1}", i % 2) for i in range(0, 10, 2)])
    training = table([(f"old{i}", f"old{i + 1}", 1) for i in range(0, 10, 2)])
    known = {f"new{i}": residues[i] + "MKV" for i in range(10)}
    known |= {f"old{i}": residues[i] for i in range(n_known)}
    found = audit(pairs, training=training, proteins=Proteins(known))
    missing = found["training_without_sequence"]
    assert (missing.count, missing.of) == (10 - n_known, 10)
    assert missing.severity is (OK if n_known == 10 else WARNING)
    assert "no unseen protein has a relative" not in found.verdict
    said = f"{10 - n_known} of 10 training proteins have no sequence, so relatives of these cannot"
    assert (said in found.verdict) == (n_known < 10)
    assert ("training_relatives" in found.names) == (n_known > 0)
    if n_known:
        assert found["training_relatives"].count == n_known
        assert f"{n_known} of 10 unseen proteins have a relative in training" in found.verdict


def test_unseen_proteins_without_a_sequence_are_never_said_to_have_no_relatives() -> None:
    residues = families(4)
    pairs, training = table([("a", "b", 1), ("c", "d", 0)]), table([("A", "B"), ("C", "D")])
    known = dict(zip("ABCD", residues, strict=True))
    for more, counted in (({}, False), ({"a": residues[0][::-1]}, True)):
        found = audit(pairs, training=training, proteins=Proteins(known | more))
        n_missing = 4 - len(more)
        assert f"{n_missing} of 4 tested proteins have no sequence, so relatives" in found.verdict
        assert "no unseen protein has a relative" not in found.verdict
        assert ("training_relatives" in found.names) == counted
    assert found["training_relatives"].severity is NOTE
    whole = known | dict(zip("abcd", families(4, seed=1), strict=True))
    unrelated = audit(pairs, training=training, proteins=Proteins(whole))
    assert "no unseen protein has a relative in training" in unrelated.verdict


def scores_of(pairs: PairTable, scores: np.ndarray) -> pd.DataFrame:
    return pairs.frame[["left", "right"]].assign(score=scores)


def test_scores_that_see_the_pair_and_scores_that_see_its_proteins_are_told_apart() -> None:
    pairs = drawn_table(40, 500, sticky=2.0)
    labels = pairs.frame["label"].to_numpy()
    rng = np.random.default_rng(0)
    fitting = audit(pairs, scores=scores_of(pairs, labels + rng.normal(size=len(labels))))
    assert fitting["score_auroc"].value == pytest.approx(0.76, abs=0.04)
    assert fitting["score_auprc"].value == pytest.approx(0.75, abs=0.06)
    sticky = stickiness(pairs)
    sure = audit(pairs, scores=scores_of(pairs, sticky))
    assert sure["other_pairs_auroc"].value == pytest.approx(sure["score_auroc"].value, abs=0.03)
    assert sure["explained_by_identity"].severity is WARNING
    assert "% of the part above 0.5" in sure.verdict.split(". ")[0]


def test_the_metrics_of_scores_are_those_of_the_definitions() -> None:
    left = [f"A{i}" for i in range(5) for _ in range(8)]
    right = [f"B{j}" for _ in range(5) for j in range(8)]
    labels = [int((i + j) % 2 == 0) for i in range(5) for j in range(8)]
    pairs = table(list(zip(left, right, labels, strict=True)))
    scores = np.random.default_rng(0).integers(12, size=40).astype(float)
    found = audit(pairs, scores=scores_of(pairs, scores))

    def area(values: np.ndarray, chosen: np.ndarray) -> float:
        joint, others = chosen & (np.array(labels) == 1), chosen & (np.array(labels) == 0)
        above = values[joint][:, None] - values[others][None, :]
        return float(np.mean((above > 0) + (above == 0) / 2))

    everything = np.ones(40, dtype=bool)
    assert found["score_auroc"].value == pytest.approx(area(scores, everything))
    of_each = [area(scores, np.array([p in ids for ids in zip(left, right, strict=True)])) for p in
               pairs.ids]  # fmt: skip
    assert found["score_per_protein_auroc"].value == pytest.approx(np.mean(of_each))
    matrix = scores.reshape(5, 8)
    rows = (matrix.sum(1, keepdims=True) - matrix) / 7
    columns = (matrix.sum(0, keepdims=True) - matrix) / 4
    others = area((rows + columns).ravel(), everything)
    assert found["other_pairs_auroc"].value == pytest.approx(others)


def test_scores_are_matched_by_id_in_either_order_and_what_is_not_is_counted() -> None:
    pairs = drawn_table(30, 200)
    frame = scores_of(pairs, np.arange(float(len(pairs))))
    turned = frame.rename(columns={"left": "right", "right": "left"})
    straight = audit(pairs, scores=frame)
    assert audit(pairs, scores=turned.sample(frac=1, random_state=0)).frame.equals(straight.frame)
    more = pd.concat(
        [
            turned.iloc[5:].replace({"score": {50.0: np.nan}}),
            frame.iloc[10:12].assign(score=0.0),
            pd.DataFrame({"left": ["X"], "right": ["Y"], "score": [1.0]}),
        ]
    )
    found = audit(pairs, scores=more)
    assert (found["pairs_without_score"].count, found["pairs_without_score"].of) == (6, len(pairs))
    assert found["pairs_without_score"].severity is WARNING
    assert found["pairs_without_score"].examples[0] == " ".join(frame.iloc[0, :2])
    assert found["empty_scores"].count == 1
    assert found["scores_of_no_pair"].count == 1
    assert (found["repeated_scores"].count, found["repeated_scores"].of) == (2, len(more))
    assert "in 2 pairs" in found["repeated_scores"].explanation
    assert f"6 of {len(pairs):,} pairs have no score" in found.verdict


def test_a_pair_scored_twice_counts_with_the_mean() -> None:
    joint = [(f"J{i}", f"K{i}", 1) for i in range(10)]
    pairs = table([*joint, *((f"N{i}", f"M{i}", 0) for i in range(10))])
    once = scores_of(pairs, np.repeat([0.0, 4.0], 10) + np.arange(20) / 100)
    again = once.iloc[:10].assign(score=10.0)
    for order in ([once, again], [again, once]):
        assert audit(pairs, scores=pd.concat(order))["score_auroc"].value == 1


def test_in_a_directed_table_a_score_of_the_other_direction_is_of_another_pair() -> None:
    pairs = table([("A", "B", 1), ("C", "D", 0)], directed=True)
    scores = pd.DataFrame({"left": ["B", "C"], "right": ["A", "D"], "score": [0.1, 0.2]})
    assert audit(pairs, scores=scores)["scores_of_no_pair"].count == 1
    with pytest.raises(InputError, match=r"none of 1 scores is of a pair of made, e\.g\. B A"):
        audit(pairs, scores=scores.iloc[:1])


FILES = {
    "of ppi-ratio score": "left\tright\tlog_ratio\tnote\nA\tB\t1.5\t\nC\tD\t\tno vector\n",
    "headerless": "A B 1.5\nC D nan\n",
    "with a named column": "protein1,protein2,label,Score\nA,B,1,1.5\nC,D,0,\n",
    "with the score further right": "A\tB\t1\t1.5\nC\tD\t0\t-\n",
    "with an unknown header": "one;two;affinity\nA;B;1.5\nC;D;?\n",
}
COLUMNS = {"with the score further right": 3, "with an unknown header": "affinity"}


@pytest.mark.parametrize("kind", FILES)
def test_score_files_of_many_forms_are_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "scores.txt"
    path.write_text(FILES[kind])
    scores = read_scores(path, column=COLUMNS.get(kind))
    assert scores[["left", "right"]].to_numpy().tolist() == [["A", "B"], ["C", "D"]]
    np.testing.assert_array_equal(scores["score"], [1.5, np.nan])


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("A B\nC D\n", None, "expected two ids and a score"),
        ("A B x\nC D y\n", None, "column 3 holds no number, e.g. 'x'"),
        ("A B 1\nC D 0\n", None, "reads as labels, not as scores"),
        ("left,right,note\nA,B,0.3\n", None, "none of its columns .* is called a score"),
        ("left,right,note\nA,B,0.3\n", "afinity", "no column 'afinity'"),
        ("A B 0.3\n", 7, "no column 8, counted from 1"),
        ("", None, "no pair in it"),
    ],
)
def test_what_is_no_score_file_is_refused(
    text: str, column: str | int | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "scores.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_scores(path, column=column)


def test_labels_are_taken_for_scores_only_where_the_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scores.txt"
    path.write_text("A B 1\nC D 0\n")
    assert read_scores(path, column=2)["score"].tolist() == [1, 0]


def test_the_verdict_has_two_to_six_sentences_the_leak_first() -> None:
    pairs = drawn_table(60, 800, sticky=3.0)
    sticky = stickiness(pairs)
    found = audit(
        pairs,
        training=pairs.select(np.arange(100)),
        proteins=Proteins({"P0": "MKV"}),
        scores=scores_of(pairs, sticky).iloc[50:],
    )
    sentences = found.verdict.replace("e.g. ", "e.g.").split(". ")
    assert len(sentences) == 6
    assert "are training pairs" in sentences[0]
    assert "The scores (column 3 'score') reach" in sentences[1]
    assert 2 <= len(audit(table([("A", "B")])).verdict.split(". ")) <= 6


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF"), st.integers(0, 1)),
        min_size=1,
        max_size=40,
    ),
    st.booleans(),
)
def test_any_table_has_an_audit_that_survives_strict_json(rows: list, directed: bool) -> None:
    pairs = table(rows, directed=directed)
    found = audit(pairs, training=pairs.select(np.arange(len(pairs) // 2)))

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    content = json.loads(found.to_json(), parse_constant=refuse)
    assert [entry["check"] for entry in content["checks"]] == list(found.frame["check"])
    assert Audit.from_json(found.to_json()) == found


def test_an_audit_is_written_as_json_and_other_names_and_contents_are_refused(
    tmp_path: Path,
) -> None:
    found = audit(table(DIRTY))
    found.write(tmp_path / "audit.json")
    assert Audit.from_json((tmp_path / "audit.json").read_text(encoding="utf-8")) == found
    with pytest.raises(ConfigError, match=r"ending in \.json"):
        found.write(tmp_path / "audit.tsv")
    for text in ("no JSON", "[]", '{"format": "another"}', '{"format": "ppi_ratio.audit"}'):
        with pytest.raises(InputError, match="not the JSON of an audit"):
            Audit.from_json(text)


def test_the_frame_has_a_row_for_each_check_and_asking_for_none_made_is_an_error() -> None:
    found = audit(table(DIRTY))
    columns = ["check", "count", "of", "value", "severity", "examples", "explanation"]
    assert list(found.frame.columns) == columns
    assert found.frame["check"].is_unique
    assert set(found.frame["severity"]) <= {"ok", "note", "warning"}
    with pytest.raises(KeyError, match="no check 'score_auroc' was made"):
        found["score_auroc"]


AUDIT_ONE_TABLE = """
import sys
import pandas as pd
import ppi_ratio.auditing as auditing
from ppi_ratio.pairs import PairTable
rows = [(f"P{a}", f"P{a + step}", step % 2) for a in range(30) for step in (1, 2)]
frame = pd.DataFrame(rows, columns=["left", "right", "label"])
made = auditing.audit(PairTable.from_rows(frame, directed=False, name="made"))
print("identity_auroc" in made.names, "lightning" in sys.modules)
"""


@pytest.mark.slow
def test_neither_importing_nor_making_an_audit_loads_lightning() -> None:
    """Lightning costs seconds, and only training needs it."""
    command = [sys.executable, "-c", AUDIT_ONE_TABLE]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["True", "False"]
