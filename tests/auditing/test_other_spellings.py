"""Audits of tables whose ids are spelled in another way than in the other files."""

import pandas as pd
import pytest

from ppi_ratio.auditing import Severity, audit
from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.pairs import PairTable
from ppi_ratio.sequences import Proteins

IDS = [f"Q2{i:04d}" for i in range(24)]
PAIRS = [(IDS[i], IDS[j], (i + j) % 2) for i in range(24) for j in (i - 1, i - 2) if j >= 0]
FORMS = {
    "version": "{}.1",
    "prefix": "uniprotkb:{}",
    "case": "{}",
    "isoform": "{}-1",
}
WORDS = {
    "version": "the version",
    "prefix": "the prefix",
    "case": "upper and lower case",
    "isoform": "the isoform",
}


def spelled(name: str, kind: str) -> str:
    return name.lower() if kind == "case" else FORMS[kind].format(name)


def table(pairs: list[tuple[str, str, int]], name: str) -> PairTable:
    frame = pd.DataFrame(pairs, columns=["left", "right", "label"])
    return PairTable.from_rows(frame, directed=False, name=name)


TRAINING = table(PAIRS, "training")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("kind", FORMS)
def test_a_training_table_in_another_spelling_is_told_and_matched_on_request(
    kind: str, turned: bool
) -> None:
    other = table([(spelled(a, kind), spelled(b, kind), c) for a, b, c in PAIRS], "other")
    pairs, training = (TRAINING, other) if turned else (other, TRAINING)
    plain = audit(pairs, training=training)
    assert [plain[name].count for name in ("C1", "C2", "C3")] == [0, 0, len(PAIRS)]
    told = plain["training_otherwise_spelled"]
    assert (told.count, told.of, told.severity) == (24, 24, Severity.WARNING)
    assert f"24 differ in {WORDS[kind]}" in told.explanation
    assert "No protein is in the training table (all pairs are C3)" not in plain.verdict
    assert "24 of 24 other proteins are in training in another spelling" in plain.verdict
    matched = audit(pairs, training=training, match_ids=[kind])
    assert [matched[name].count for name in ("C1", "C2", "C3")] == [len(PAIRS), 0, 0]
    assert matched["training_pairs"].count == len(PAIRS)
    assert "training_otherwise_spelled" not in matched.names


@pytest.mark.parametrize("kind", FORMS)
def test_sequences_and_scores_in_another_spelling_are_told_and_matched(kind: str) -> None:
    proteins = Proteins({spelled(name, kind): "MKTAYIAKQR" for name in IDS})
    plain = audit(TRAINING, proteins=proteins)
    assert plain["without_sequence"].count == 24
    assert f"24 differ in {WORDS[kind]}" in plain["sequences_otherwise_spelled"].explanation
    assert "24 of these have one under an id that differs in spelling" in plain.verdict
    assert audit(TRAINING, proteins=proteins, match_ids=[kind])["without_sequence"].count == 0
    scores = pd.DataFrame(
        [(spelled(a, kind), b, c + i / 100) for i, (a, b, c) in enumerate(PAIRS)],
        columns=["left", "right", "score"],
    )
    with pytest.raises(InputError, match=f"none of 45 scores .* differ in {WORDS[kind]}"):
        audit(TRAINING, scores=scores)
    assert audit(TRAINING, scores=scores, match_ids=[kind])["pairs_without_score"].count == 0


def test_other_proteins_of_training_are_no_spellings() -> None:
    pairs = table([("P10001", "P10002", 1), ("P10003", "P10004", 0)], "pairs")
    found = audit(pairs, training=TRAINING)
    assert "training_otherwise_spelled" not in found.names
    assert "No protein is in the training table (all pairs are C3)" in found.verdict


def test_isoforms_are_noted_and_never_matched() -> None:
    pairs = table([(f"{IDS[0]}-2", IDS[3], 1), ("P10003", "P10004", 0)], "pairs")
    found = audit(pairs, training=TRAINING, match_ids=["isoform", "version"])
    told = found["training_otherwise_spelled"]
    assert (told.count, told.severity) == (1, Severity.NOTE)
    assert "may be other proteins" in told.explanation


def test_an_id_that_may_be_two_proteins_and_an_unknown_kind_are_refused() -> None:
    pairs = table([(IDS[0], IDS[1], 1)], "pairs")
    twice = table([(f"{IDS[0]}.1", "P10001", 1), (f"{IDS[0]}.2", "P10002", 0)], "twice")
    with pytest.raises(InputError, match=rf"{IDS[0]} may be {IDS[0]}\.1 or {IDS[0]}\.2"):
        audit(twice, training=pairs, match_ids=["version"])
    with pytest.raises(ConfigError, match="no kind of difference 'spelling'"):
        audit(pairs, training=pairs, match_ids=["spelling"])
