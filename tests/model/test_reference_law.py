"""Log ratios against another law of noise, on discrete laws where all is known."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from made_model import made_model

from ppi_ratio.critics import Bilinear
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model.card import NoiseCard
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.reference_law import shift_log_ratio, unary_log_weights
from ppi_ratio.pairs import NOISE_LAWS, PairTable

LEFTS, RIGHTS = ["A", "B", "C"], ["U", "V", "W", "X"]
COUNTS = np.array([[6, 1, 1, 2], [1, 3, 1, 0], [0, 1, 1, 3]])  # joint pairs, some of them often


@pytest.fixture(params=NOISE_LAWS)
def law(request: pytest.FixtureRequest) -> str:
    return request.param


def degrees_of_two_roles() -> pd.DataFrame:
    ids = [*LEFTS, *RIGHTS]
    left, right = COUNTS.sum(1), COUNTS.sum(0)
    columns = {"left_degree": [*left, 0, 0, 0, 0], "right_degree": [0, 0, 0, *right]}
    return pd.DataFrame(columns, index=ids)


def model_with(degrees: pd.DataFrame) -> RatioModel:
    vectors = Embeddings.from_arrays(["A", "B"], np.eye(2))
    return dataclasses.replace(made_model(Bilinear(rank=2), vectors), degrees=degrees)


def all_pairs() -> tuple[np.ndarray, np.ndarray]:
    left, right = np.meshgrid(LEFTS, RIGHTS, indexing="ij")
    return left.ravel(), right.ravel()


def learned_log_ratio() -> np.ndarray:
    joint = COUNTS / COUNTS.sum()
    with np.errstate(divide="ignore"):
        return np.log(joint / np.outer(joint.sum(1), joint.sum(0))).ravel()


def test_ratio_to_a_law_times_the_law_is_the_joint_law(law: str) -> None:
    degrees, (left, right) = degrees_of_two_roles(), all_pairs()
    to = unary_log_weights(degrees, law)
    shifted = shift_log_ratio(
        learned_log_ratio(),
        left,
        right,
        from_=unary_log_weights(degrees, "degree_weighted"),
        to=to,
    )
    joint = np.exp(shifted + to.of(left, right))
    np.testing.assert_allclose(joint.reshape(COUNTS.shape), COUNTS / COUNTS.sum(), atol=1e-12)
    assert joint.sum() == pytest.approx(1)


def test_each_law_sums_to_one_over_the_proteins_it_draws(law: str) -> None:
    terms = unary_log_weights(degrees_of_two_roles(), law)
    assert np.exp(terms.left).sum() == pytest.approx(1)
    assert np.exp(terms.right).sum() == pytest.approx(1)


def test_uniform_is_over_all_proteins_and_role_matched_over_those_of_a_side() -> None:
    degrees, (left, right) = degrees_of_two_roles(), all_pairs()
    uniform = unary_log_weights(degrees, "uniform").of(left, right)
    np.testing.assert_allclose(uniform, -2 * np.log(7))
    matched = unary_log_weights(degrees, "role_matched").of(left, right)
    np.testing.assert_allclose(matched, -np.log(3) - np.log(4))


@pytest.mark.parametrize("same", ["degree_weighted", "degree_matched", "rewired"])
def test_laws_that_draw_by_degree_leave_scores_as_learned(same: str) -> None:
    left, right = all_pairs()
    scores = pd.DataFrame({"left": left, "right": right, "log_ratio": np.arange(12.0)})
    shifted = model_with(degrees_of_two_roles()).against(scores, same)
    np.testing.assert_allclose(shifted[f"log_ratio_{same}"], np.arange(12.0), atol=1e-12)


def test_against_uniform_a_hub_gains_what_its_degree_is_above_the_mean() -> None:
    pairs = PairTable.from_rows(
        pd.DataFrame([("A", "B"), ("A", "C"), ("A", "D")], columns=["left", "right"]),
        directed=False,
        name="star",
    )
    both = pairs.degrees("both")
    degrees = pd.DataFrame({"left_degree": both, "right_degree": both})
    scores = pd.DataFrame(
        {
            "left": ["A", "B", "B", "new", "A"],
            "right": ["B", "C", "new", "newer", "gone"],
            "log_ratio": [0, 0, 0, 0, np.nan],
        }
    )
    model = model_with(degrees)
    found = model.against(scores, "uniform", pseudocount=0.25)["log_ratio_uniform"]
    mean = 6 / 4
    expected = [3 * 1 / mean**2, 1 / mean**2, 0.25 / mean**2, 0.25**2 / mean**2]
    np.testing.assert_allclose(found[:4], np.log(expected))
    assert np.isnan(found[4])
    assert "log_ratio_uniform" not in scores


def test_an_unknown_law_and_a_pseudocount_of_nothing_are_refused() -> None:
    degrees = degrees_of_two_roles()
    with pytest.raises(ValueError, match="no noise law 'unifrom'; known ones: uniform"):
        unary_log_weights(degrees, "unifrom")
    with pytest.raises(ValueError, match="must be positive, got 0"):
        unary_log_weights(degrees, "uniform", pseudocount=0.0)
    with pytest.raises(ValueError, match="no protein has a degree"):
        unary_log_weights(degrees * 0, "degree_weighted")


def test_a_model_of_labelled_non_pairs_is_turned_to_no_other_law() -> None:
    model = model_with(degrees_of_two_roles())
    card = dataclasses.replace(model.card, noise=NoiseCard(law="labelled_non_pairs"))
    scores = pd.DataFrame({"left": ["A"], "right": ["U"], "log_ratio": [1.0]})
    with pytest.raises(ValueError, match="learned from labelled non-pairs"):
        dataclasses.replace(model, card=card).against(scores, "uniform")


def test_a_law_counts_a_protein_under_any_of_its_ids() -> None:
    model = model_with(degrees_of_two_roles())
    columns = ["left", "right", "log_ratio"]
    plain, full = (
        pd.DataFrame([[left, right, 0.0]], columns=columns)
        for left, right in (("A", "U"), ("sp|A|A_HUMAN", "tr|U|U_HUMAN"))
    )
    found = [model.against(each, "uniform")["log_ratio_uniform"] for each in (plain, full)]
    assert found[0].item() == found[1].item() != 0
