import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_pairs import repeated, rescored, simulated
from sklearn import metrics as sklearn_metrics

from ppi_ratio.evaluation.metrics import (
    CALIBRATION_METRICS,
    METRICS,
    Metric,
    PartnerRanking,
    PerProteinAUROC,
    ScoredPairs,
    UndefinedMetricError,
    auroc,
    average_precision,
    interval,
    metrics_for,
    per_protein_auroc,
    pr_curve,
    roc_curve,
    value,
)
from ppi_ratio.evaluation.metrics.bootstrap import bootstrap

Rows = list[tuple[bool, int, int]]

rows = st.lists(
    st.tuples(st.booleans(), st.integers(-3, 3), st.integers(0, 4)), min_size=2, max_size=40
)


ALL_METRICS = metrics_for(calibrated=True)


@pytest.fixture(params=ALL_METRICS, ids=str)
def metric(request: pytest.FixtureRequest) -> Metric:
    return ALL_METRICS[request.param]()


@pytest.fixture(params=METRICS, ids=str)
def ranking_metric(request: pytest.FixtureRequest) -> Metric:
    return METRICS[request.param]()


def per_protein_by_hand(scored: ScoredPairs) -> float:
    found = []
    for protein in np.unique([scored.left, scored.right]):
        own = (scored.left == protein) | (scored.right == protein)
        if len(set(scored.labels[own])) == 2:
            found.append(sklearn_metrics.roc_auc_score(scored.labels[own], scored.scores[own]))
    return float(np.mean(found))


def comparisons_by_hand(scored: ScoredPairs, multiplicity: np.ndarray) -> float:
    """Per-protein AUROC of a sample, comparison by comparison."""
    won = total = 0.0
    left, right = scored.codes
    for protein in range(scored.n_proteins):
        own = np.flatnonzero((left == protein) | (right == protein))
        partner = np.where(left[own] == protein, right[own], left[own])
        times = np.where(partner == protein, 1, multiplicity[partner])
        joint = scored.labels[own]
        share = multiplicity[protein] / max(1, joint.sum() * (~joint).sum())
        for one in np.flatnonzero(joint):
            for other in np.flatnonzero(~joint):
                weight = share * times[one] * times[other]
                difference = scored.scores[own[one]] - scored.scores[own[other]]
                won += weight * (np.sign(difference) + 1) / 2
                total += weight
    return won / total


@given(rows)
def test_unweighted_metrics_are_those_of_scikit_learn(rows: Rows) -> None:
    labels, scores, _ = map(np.array, zip(*rows, strict=True))
    if len(set(labels)) == 2:
        assert auroc(labels, scores) == pytest.approx(
            sklearn_metrics.roc_auc_score(labels, scores), abs=1e-12
        )
        assert average_precision(labels, scores) == pytest.approx(
            sklearn_metrics.average_precision_score(labels, scores), abs=1e-12
        )


@given(rows)
def test_weighted_metrics_are_those_of_scikit_learn(rows: Rows) -> None:
    labels, scores, weights = map(np.array, zip(*rows, strict=True))
    if len(set(labels[weights > 0])) == 2:
        assert auroc(labels, scores, weights / 3) == pytest.approx(
            sklearn_metrics.roc_auc_score(labels, scores, sample_weight=weights / 3), abs=1e-12
        )
        expected = sklearn_metrics.average_precision_score(
            labels, scores, sample_weight=weights / 3
        )
        assert average_precision(labels, scores, weights / 3) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("digits", [9, 0], ids=["distinct", "tied"])
def test_per_protein_auroc_is_the_mean_over_proteins_with_both_labels(digits: int) -> None:
    scored = simulated(seed=0, digits=digits)
    assert per_protein_auroc(scored) == pytest.approx(per_protein_by_hand(scored), abs=1e-12)
    each = PartnerRanking.of(scored, name="per_protein_auroc").aurocs()
    assert each.mean() == pytest.approx(per_protein_by_hand(scored), abs=1e-12)


def test_per_protein_auroc_ignores_terms_of_the_own_protein() -> None:
    labels = np.array([1, 0, 1, 0])
    left, right = np.array(["A", "A", "B", "B"]), np.array(["c", "d", "e", "f"])
    scores = np.array([2.0, 1.0, 102.0, 101.0])
    assert per_protein_auroc(ScoredPairs(left, right, labels, scores)) == 1.0
    assert auroc(labels, scores) == 0.75


def test_a_self_pair_counts_once_for_its_protein() -> None:
    left, right = np.array(["A", "A", "A"]), np.array(["A", "b", "c"])
    scored = ScoredPairs(left, right, np.array([1, 1, 0]), np.array([0.0, 2.0, 1.0]))
    assert per_protein_auroc(scored) == 0.5


def test_names_equal_their_keys() -> None:
    assert {key: member().name for key, member in ALL_METRICS.items()} == {
        key: key for key in ALL_METRICS
    }


def test_only_log_ratios_have_calibration_metrics() -> None:
    assert metrics_for(calibrated=False) == METRICS
    assert metrics_for(calibrated=True) == METRICS | CALIBRATION_METRICS


def test_only_calibration_depends_on_more_than_the_order_of_scores(metric: Metric) -> None:
    scored = simulated(seed=3)
    stretched = value(metric, rescored(scored, 2 * scored.scores + 1))
    same = stretched == pytest.approx(value(metric, scored), abs=1e-9)
    assert same == (metric.name in METRICS)


@pytest.mark.parametrize("name", ["auroc", "auprc", "per_protein_auroc", "r_precision"])
def test_perfect_scores_have_value_one_and_constant_scores_the_level_of_chance(name: str) -> None:
    scored, metric = simulated(seed=1), METRICS[name]()
    assert value(metric, rescored(scored, scored.labels.astype(float))) == 1.0
    chance = 0.5 if "auroc" in name else scored.prevalence
    constant = rescored(scored, np.zeros(len(scored)))
    assert value(metric, constant) == pytest.approx(chance, abs=1e-12)


def test_order_of_rows_and_sides_does_not_matter(metric: Metric) -> None:
    scored = simulated(seed=2, digits=1)
    order = np.random.default_rng(0).permutation(len(scored))
    moved = ScoredPairs(
        scored.right[order], scored.left[order], scored.labels[order], scored.scores[order]
    )
    assert value(metric, moved) == pytest.approx(value(metric, scored), abs=1e-12)
    ours, theirs = (bootstrap(metric, each, n_resamples=5, seed=0) for each in (scored, moved))
    assert ours.values == pytest.approx(theirs.values, abs=1e-12)


def test_a_metric_that_needs_no_log_ratio_ignores_the_scale(ranking_metric: Metric) -> None:
    scored = simulated(seed=2, digits=1)
    moved = rescored(scored, np.exp(scored.scores))
    assert value(ranking_metric, moved) == pytest.approx(value(ranking_metric, scored), abs=1e-12)


@pytest.mark.parametrize("label", [1, 0], ids=["all joint", "none joint"])
def test_one_label_leaves_every_metric_undefined(metric: Metric, label: int) -> None:
    ids = np.arange(120)
    scored = ScoredPairs(ids, ids[::-1], np.full(120, label), np.arange(120.0))
    missing = "non-pairs" if label else "interactions"
    with pytest.raises(UndefinedMetricError) as caught:
        value(metric, scored)
    assert str(caught.value).startswith(
        (
            f"{metric.name} is undefined without {missing}: none of 120 pairs",
            f"{metric.name} is undefined: none of 120 proteins has both interactions and non-pairs",
        )
    )


ones = st.lists(st.integers(0, 3), min_size=12, max_size=12)


@pytest.mark.parametrize(
    "name", ["auroc", "auprc", "precision_at_100", "r_precision", *CALIBRATION_METRICS]
)
@given(multiplicity=ones, seed=st.integers(0, 9))
def test_weighting_pairs_equals_repeating_them(
    name: str, multiplicity: list[int], seed: int
) -> None:
    scored, metric = simulated(seed=seed, n_proteins=12, digits=1), ALL_METRICS[name]()
    times = np.array(multiplicity, dtype=float)
    try:
        of_sample = value(metric, repeated(scored, times))
    except ValueError:
        with pytest.raises(UndefinedMetricError):
            metric.prepare(scored)(times)
    else:
        assert metric.prepare(scored)(times) == pytest.approx(of_sample, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_per_protein_auroc_of_a_sample_weighs_comparisons_by_their_three_proteins(
    seed: int,
) -> None:
    scored = simulated(seed=seed, n_proteins=9, n_pairs=40, digits=0)
    multiplicity = np.random.default_rng(seed).integers(0, 3, 9).astype(float)
    of_sample = PerProteinAUROC().prepare(scored)(multiplicity)
    assert of_sample == pytest.approx(comparisons_by_hand(scored, multiplicity), abs=1e-12)


def test_a_self_pair_counts_as_often_as_its_protein_is_drawn() -> None:
    ids = np.array(["A", "A", "B"])
    scored = ScoredPairs(ids, np.array(["A", "B", "B"]), np.array([1, 0, 0]), np.zeros(3))
    assert scored.pair_weights(np.array([2.0, 3.0])).tolist() == [2, 6, 3]


def test_same_seed_gives_scorers_of_the_same_pairs_the_same_samples(
    ranking_metric: Metric,
) -> None:
    scored = simulated(seed=4)
    monotone = rescored(scored, 5 * scored.scores - 7)
    first, second = (
        bootstrap(ranking_metric, each, n_resamples=9, seed=3) for each in (scored, monotone)
    )
    assert (first.values == second.values).all()
    other = bootstrap(ranking_metric, scored, n_resamples=9, seed=4)
    assert (first.values != other.values).any()


def test_curves_are_thinned_and_keep_their_ends_and_areas() -> None:
    scored = simulated(seed=6, n_pairs=6000)
    roc, pr = roc_curve(scored, max_points=100), pr_curve(scored, max_points=100)
    assert 90 <= len(roc.false_positive_rate) <= 100
    assert len(pr.recall) == len(pr.precision) <= 100
    assert (roc.false_positive_rate[[0, -1]] == [0, 1]).all()
    assert (roc.true_positive_rate[[0, -1]] == [0, 1]).all()
    assert (pr.recall[[0, -1]] == [0, 1]).all()
    assert roc.auroc == auroc(scored.labels, scored.scores)
    assert pr.average_precision == average_precision(scored.labels, scored.scores)
    drawn = sklearn_metrics.auc(roc.false_positive_rate, roc.true_positive_rate)
    assert drawn == pytest.approx(roc.auroc, abs=2e-3)


@given(rows, st.integers(2, 10))
def test_thinned_curves_never_exceed_their_points_nor_fall_back(rows: Rows, n_points: int) -> None:
    labels, scores, _ = map(np.array, zip(*rows, strict=True))
    if len(set(labels)) == 2:
        ids = np.arange(len(labels))
        curve = roc_curve(ScoredPairs(ids, ids, labels, scores), max_points=n_points)
        assert len(curve.false_positive_rate) <= n_points
        assert (np.diff(curve.false_positive_rate) >= 0).all()
        assert (np.diff(curve.true_positive_rate) >= 0).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scores": np.array([0.0, np.nan, np.inf])}, "2 of 3 scores are not finite"),
        ({"labels": np.array([0, 1, 2])}, "labels are 1 .* or 0 .*, got 2"),
        ({"left": np.array(["A", "B"])}, "one-axis arrays of one length"),
        ({"scores": np.zeros((3, 1))}, "one-axis arrays of one length"),
        (dict.fromkeys(("left", "right", "labels", "scores"), np.array([])), "no scored pairs"),
    ],
)
def test_scored_pairs_refuse_what_they_cannot_hold(
    changed: dict[str, np.ndarray], message: str
) -> None:
    ids = np.array(["A", "B", "C"])
    right = {"left": ids, "right": ids, "labels": np.array([0, 1, 1]), "scores": np.arange(3.0)}
    with pytest.raises(ValueError, match=message):
        ScoredPairs(**(right | changed))


def test_codes_are_positions_in_the_sorted_ids() -> None:
    left, right = np.array(["C", "A", "C"]), np.array(["B", "C", "D"])
    scored = ScoredPairs(left, right, np.array([0, 1, 1]), np.arange(3.0))
    assert scored.ids.tolist() == ["A", "B", "C", "D"]
    assert [scored.ids[codes].tolist() for codes in scored.codes] == [left.tolist(), right.tolist()]
    assert scored.n_proteins == 4


def test_missing_ids_are_refused() -> None:
    ids = np.array(["A", None], dtype=object)
    scored = ScoredPairs(ids, ids, np.array([0, 1]), np.arange(2.0))
    with pytest.raises(ValueError, match="2 ids of scored pairs are missing"):
        bootstrap(METRICS["auroc"](), scored, n_resamples=2, seed=0)


def test_weights_and_level_out_of_range_are_refused() -> None:
    labels, scores = np.array([0, 1]), np.array([0.0, 1.0])
    with pytest.raises(ValueError, match="weights must not be negative, got -1"):
        auroc(labels, scores, np.array([1.0, -1.0]))
    with pytest.raises(ValueError, match="one axis, one length"):
        average_precision(labels, scores, np.ones(3))
    with pytest.raises(ValueError, match="level must lie between 0 and 1, got 95"):
        interval(METRICS["auroc"](), simulated(seed=0), level=95.0, seed=0)
