"""Files of predictions in many forms: which column is judged, and what is never a score."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ppi_ratio.auditing import Audit, Severity, audit, read_scores
from ppi_ratio.errors import InputError
from ppi_ratio.pairs import PairTable

N_PAIRS = 60
RNG = np.random.default_rng(0)
LABELS = np.arange(N_PAIRS) % 2
SCORES = (LABELS + RNG.normal(size=N_PAIRS)).round(3)
PAIRS = PairTable.from_rows(
    pd.DataFrame(
        {
            "left": [f"P{i}" for i in range(N_PAIRS)],
            "right": [f"Q{i}" for i in range(N_PAIRS)],
            "label": LABELS,
        }
    ),
    directed=False,
    name="made",
)
LABEL_SPELLINGS = {  # of a non-pair and of an interaction
    "1/0": ("0", "1"),
    "1.0/0.0": ("0.0", "1.0"),
    "decimal comma": ("0,0", "1,0"),
    "per cent": ("0%", "100%"),
    "1/-1": ("-1", "1"),
    "+1/-1": ("-1", "+1"),
    "yes/no": ("no", "yes"),
    "true/false": ("False", "True"),
    "positive/negative": ("negative", "positive"),
    "interacting": ("non-interacting", "interacting"),
    "+/-": ("-", "+"),
    "0/1 turned": ("1", "0"),
}
SCORE_SPELLINGS = {
    "point": "{:.3f}",
    "comma": "{:.3f}",  # its point is replaced
    "per cent": "{:.3f}%",
    "exponent": "{:.5e}",
}
HEADERS = {
    "none": None,
    "label, score": ("label", "score"),
    "truth, probability": ("truth", "probability"),
    "class, y_pred": ("class", "y_pred"),
}
ORDERS = ("label first", "score first", "reversed pairs")


def area(found: Audit) -> float:
    value = found["score_auroc"].value
    assert value is not None
    return value


def spelled_score(score: float, spelling: str) -> str:
    text = SCORE_SPELLINGS[spelling].format(score)
    return text.replace(".", ",") if spelling == "comma" else text


def predictions(path: Path, labels: str, scores: str, order: str, header: str) -> Path:
    """A file of two ids, a label and a score per row, with tabs."""
    words = LABEL_SPELLINGS[labels]
    names = HEADERS[header]
    rows = [] if names is None else [("protein1", "protein2", *names)]
    for i in range(N_PAIRS):
        ids = (f"P{i}", f"Q{i}") if order != "reversed pairs" else (f"Q{i}", f"P{i}")
        rows.append((*ids, words[LABELS[i]], spelled_score(SCORES[i], scores)))
    if order == "score first":
        rows = [(a, b, score, label) for a, b, label, score in rows]
    path.write_text("\n".join(map("\t".join, rows)) + "\n")
    return path


@pytest.fixture(scope="module")
def right_area() -> float:
    joint, others = SCORES[LABELS == 1][:, None], SCORES[LABELS == 0][None, :]
    return float(((joint > others) + (joint == others) / 2).mean())


@pytest.mark.parametrize("scores", SCORE_SPELLINGS)
@pytest.mark.parametrize("labels", LABEL_SPELLINGS)
def test_the_label_of_a_prediction_file_is_never_its_score(
    labels: str, scores: str, tmp_path: Path
) -> None:
    for order, header in product(ORDERS, HEADERS):
        path = predictions(tmp_path / "scores.tsv", labels, scores, order, header)
        position = 2 if order == "score first" else 3
        named = read_scores(path, column=position)["score"]
        np.testing.assert_allclose(named, SCORES, rtol=1e-5, err_msg=f"{order} {header}")
        if header == "none" and order != "score first":
            with pytest.raises(InputError, match=r"column 3 .* column 4 may .*`column`"):
                read_scores(path)
        else:
            np.testing.assert_array_equal(read_scores(path)["score"], named)


@pytest.mark.parametrize("order", ORDERS)
def test_the_column_that_was_judged_is_named(order: str, right_area: float, tmp_path: Path) -> None:
    path = predictions(tmp_path / "scores.tsv", "1.0/0.0", "comma", order, "label, score")
    found = audit(PAIRS, scores=path)
    title = "column 3 'score'" if order == "score first" else "column 4 'score'"
    assert area(found) == pytest.approx(right_area)
    assert f"The scores ({title}) reach AUROC" in found.verdict
    assert title in found["score_auroc"].explanation


@pytest.mark.parametrize("labels", LABEL_SPELLINGS)
def test_a_column_named_by_the_user_that_equals_the_labels_is_refused(
    labels: str, tmp_path: Path
) -> None:
    path = predictions(tmp_path / "scores.tsv", labels, "point", "label first", "label, score")
    with pytest.raises(InputError, match=r"are the labels of made|holds labels"):
        audit(PAIRS, scores=path, score_column="label")


def frame(**columns: np.ndarray) -> pd.DataFrame:
    return PAIRS.frame[["left", "right"]].assign(**columns)


HARD = np.where(RNG.random(N_PAIRS) < 0.8, LABELS, 1 - LABELS)


@pytest.mark.parametrize("names", [("prediction", "probability"), ("pred", "logit")])
@pytest.mark.parametrize("hard_first", [True, False])
def test_a_probability_comes_before_a_hard_call(
    names: tuple[str, str], hard_first: bool, right_area: float
) -> None:
    hard, soft = names
    columns = {hard: HARD, soft: SCORES} if hard_first else {soft: SCORES, hard: HARD}
    found = audit(PAIRS, scores=frame(**columns))
    assert area(found) == pytest.approx(right_area)
    assert f"column {3 + hard_first} {soft!r}" in found.verdict
    values = found["score_values"]
    assert f"not column {4 - hard_first} {hard!r}, which has two values only" in values.explanation
    assert values.severity is Severity.NOTE


def test_a_hard_call_alone_is_said_to_be_one() -> None:
    found = audit(PAIRS, scores=frame(prediction=HARD))
    assert area(found) == pytest.approx((HARD == LABELS).mean(), abs=0.02)
    assert "(column 3 'prediction'; only 2 values: hard calls)" in found.verdict
    assert found["score_values"].count == 2
    assert "two values only (0 and 1)" in found["score_values"].explanation


def test_scores_of_which_lower_ones_are_better_are_recognised_and_can_be_turned(
    right_area: float,
) -> None:
    distances = frame(distance=-SCORES)
    found = audit(PAIRS, scores=distances, score_column="distance")
    assert area(found) == pytest.approx(1 - right_area)
    assert found["score_auroc"].severity is Severity.WARNING
    assert f"{right_area:.3f} with the sign turned" in found.verdict
    assert "hardly" not in found.verdict
    turned = audit(PAIRS, scores=distances, score_column="distance", lower_is_better=True)
    assert area(turned) == pytest.approx(right_area)
    assert "lower scores" not in turned.verdict


def test_scores_without_information_are_not_called_reversed() -> None:
    shuffled = np.random.default_rng(1).permutation(SCORES)
    found = audit(PAIRS, scores=frame(score=shuffled))
    assert found["score_auroc"].severity is Severity.OK
    assert "hardly tell" in found.verdict or "reach AUROC" in found.verdict


def test_thousands_and_decimals_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scores.tsv"
    path.write_text("".join(f"P{i}\tQ{i}\t{i % 9 + 1},250\n" for i in range(20)))
    with pytest.raises(InputError, match="decimal sign or set off thousands"):
        read_scores(path)
