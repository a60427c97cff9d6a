"""Tables whose interactions have one protein of each of two kinds."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import ppi_ratio as pr
from ppi_ratio.pairs import draw_non_pairs_within_classes
from ppi_ratio.pairs.kinds import TwoKinds, second_kind

N_VIRAL, N_HOST = 60, 200


def host_pathogen(seed: int, *, n_pairs: int = 900, share_inside: float = 0.0) -> pd.DataFrame:
    """Pairs of viral ``v`` and host ``h`` proteins by chance, sides exchanged at random."""
    rng = np.random.default_rng(seed)
    viral = np.array([f"v{number:03d}" for number in range(N_VIRAL)])
    host = np.array([f"h{number:03d}" for number in range(N_HOST)])
    left, right = rng.choice(viral, n_pairs), rng.choice(host, n_pairs)
    n_inside = round(share_inside * n_pairs)
    left[:n_inside] = rng.choice(host, n_inside)
    turned = rng.random(n_pairs) < 0.5
    return pd.DataFrame(
        {"left": np.where(turned, right, left), "right": np.where(turned, left, right)}
    )


def table(rows: pd.DataFrame, *, directed: bool = False) -> pr.PairTable:
    return pr.PairTable.from_rows(rows, directed=directed, name="table")


def kinds_of(rows: pd.DataFrame) -> TwoKinds | None:
    return table(rows).kinds


def first_letters(frame: pd.DataFrame) -> set[str]:
    return {"".join(sorted(left[0] + right[0])) for left, right in frame.to_numpy()[:, :2]}


@pytest.mark.parametrize("share_inside", [0.0, 0.01, 0.05])
def test_two_kinds_are_found_whatever_side_they_stand_on(share_inside: float) -> None:
    kinds = kinds_of(host_pathogen(1, share_inside=share_inside))
    assert kinds is not None
    viral = np.array([name.startswith("v") for name in kinds.ids])
    assert TwoKinds.same(kinds.is_second, viral)
    assert kinds.n_inside <= 1.2 * share_inside * 900
    assert "one protein of each of two kinds" in kinds.describe()


def network(n: int, mean_degree: float, *, spread: float, seed: int) -> pd.DataFrame:
    """A network of one kind; ``spread`` makes hubs."""
    rng = np.random.default_rng(seed)
    weights = np.exp(spread * rng.normal(size=n))
    ends = rng.choice(n, size=(int(n * mean_degree / 2), 2), p=weights / weights.sum())
    return pd.DataFrame(np.char.add("P", ends.astype(str)), columns=["left", "right"])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [0.0, 1.5])
@pytest.mark.parametrize("mean_degree", [1.0, 1.5, 2.0, 3.0, 6.0, 30.0])
def test_a_network_of_one_kind_is_no_false_alarm(
    mean_degree: float, spread: float, seed: int
) -> None:
    assert kinds_of(network(400, mean_degree, spread=spread, seed=seed)) is None


def _forest() -> pd.DataFrame:
    return pd.DataFrame([(f"P{n // 3}", f"P{n}") for n in range(1, 300)], columns=["left", "right"])


def _stars() -> pd.DataFrame:
    rows = [(f"hub{n % 5}", f"P{n}") for n in range(300)]
    return pd.DataFrame(rows, columns=["left", "right"])


def _cliques() -> pd.DataFrame:
    inside = [(i, j) for i in range(8) for j in range(i)]
    rows = [(f"P{8 * c + i}", f"P{8 * c + j}") for c in range(20) for i, j in inside]
    return pd.DataFrame(rows, columns=["left", "right"])


@pytest.mark.parametrize("make", [_forest, _stars, _cliques])
def test_trees_and_complexes_are_no_evidence_of_two_kinds(make: Callable[[], pd.DataFrame]) -> None:
    assert kinds_of(make()) is None


def test_baits_and_preys_are_two_kinds() -> None:
    rng = np.random.default_rng(0)
    rows = [(f"bait{b}", f"prey{p}") for b in range(6) for p in rng.choice(100, 30, replace=False)]
    kinds = kinds_of(pd.DataFrame(rows, columns=["left", "right"]))
    assert kinds is not None
    assert {name[:4] for name in kinds.ids[kinds.is_second]} in ({"bait"}, {"prey"})


def test_a_directed_table_has_columns_instead_of_kinds() -> None:
    assert table(host_pathogen(1), directed=True).kinds is None


def test_small_parts_are_turned_as_the_large_one_where_ids_tell_the_kinds() -> None:
    rows = host_pathogen(2)
    more = pd.DataFrame([(f"v9{n}", f"h9{n}") for n in range(9)], columns=["left", "right"])
    kinds = kinds_of(pd.concat([rows, more]))
    assert kinds is not None
    viral = np.array([name.startswith("v") for name in kinds.ids])
    assert TwoKinds.same(kinds.is_second, viral)


def test_a_table_without_pairs_has_no_kinds() -> None:
    nothing = np.empty(0, dtype=np.int64)
    assert second_kind(nothing, nothing, 0) is None


@pytest.mark.parametrize("law", list(pr.NOISE_LAWS))
def test_non_pairs_have_one_of_each_kind(law: str, caplog: pytest.LogCaptureFixture) -> None:
    pairs = table(host_pathogen(3))
    drawn = pr.draw_non_pairs(pairs, law=law, per_joint=1, known=None, seed=0)
    assert len(drawn) > 0.95 * len(pairs)
    assert first_letters(drawn.frame) == {"hv"}
    assert "one protein of each of two kinds" in caplog.text
    seen = [*pairs.ids[::2]]
    within = draw_non_pairs_within_classes(
        pairs, seen=seen, law=law, per_joint=1, known=None, seed=0, two_kinds=True
    )
    assert first_letters(within.frame) == {"hv"}


def test_a_split_by_protein_does_not_make_kinds() -> None:
    """Of most test pairs one protein was held out: alone, they look like two kinds."""
    pairs = table(network(150, 60, spread=0.0, seed=0))
    split = pr.split_by_protein(pairs, test_fraction=0.1, validation_fraction=0.1, seed=0)
    assert split.test.kinds is not None
    checks = {check.check for check in pr.audit(split.test, training=split.train).checks}
    assert "two_kinds" not in checks
    vectors = vectors_of(pairs.frame, 0)
    model = pr.fit(split, vectors, trainer=QUICK, progress=False)
    assert model.card.noise.kinds == "one"


def vectors_of(rows: pd.DataFrame, seed: int) -> pr.Embeddings:
    """Vectors that tell the kinds apart and know nothing of partners."""
    ids = sorted({*rows["left"], *rows["right"]})
    matrix = np.random.default_rng(seed).normal(size=(len(ids), 8)).astype(np.float32)
    matrix[:, 0] += [5.0 * name.startswith("v") for name in ids]
    return pr.Embeddings.from_arrays(ids, matrix)


QUICK = pr.TrainerSettings(batch_size=128, max_epochs=15, learning_rate=3e-3)


@pytest.fixture(
    scope="module",
    params=[0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))],
)
def chance(request: pytest.FixtureRequest) -> tuple[pr.Split, pr.Embeddings, pr.RatioModel]:
    """A world of chance, in which nothing can be learned of partners."""
    rows = host_pathogen(request.param)
    split = pr.split_by_pair(table(rows), test_fraction=0.4, seed=request.param)
    vectors = vectors_of(rows, request.param)
    return split, vectors, pr.fit(split, vectors, trainer=QUICK, progress=False)


def test_chance_between_two_kinds_is_judged_as_chance(
    chance: tuple[pr.Split, pr.Embeddings, pr.RatioModel],
) -> None:
    """Against non-pairs of any two proteins, this model has an AUROC above 0.7."""
    split, vectors, model = chance
    assert model.card.noise.kinds == "two"
    results = pr.evaluate(model, split.test, vectors, known=split.joint)
    auroc = results[(results["kind"] == "model") & (results["metric"] == "auroc")]
    large = auroc[auroc["n_joint"] > 100]
    assert large["value"].between(0.42, 0.58).to_numpy().all()
    assert (large["low"] < 0.5).to_numpy().all()
    found = pr.mutual_information(model, split.test, vectors, seed=0, n_shuffles=99)
    assert found.plug_in.value < 0.1
    assert "can be read as mutual information" not in found.verdict


def test_own_non_pairs_of_one_kind_are_told_by_the_roles(
    chance: tuple[pr.Split, pr.Embeddings, pr.RatioModel], only_baselines: Callable[..., None]
) -> None:
    only_baselines("role")
    split, vectors, model = chance
    host = [name for name in vectors.ids if name.startswith("h")]
    rng = np.random.default_rng(0)
    inside = pd.DataFrame(rng.choice(host, size=(400, 2)), columns=["left", "right"])
    labelled = pr.labelled_table(split.test, table(inside))
    results = pr.evaluate(model, labelled, vectors, training=split.train)
    role = results[(results["scorer"] == "role") & (results["metric"] == "auroc")]
    own = role[role["non_pairs"] == "data set"]
    assert (own["value"] > 0.95).to_numpy().all()
    matched = role[role["non_pairs"] == "degree-matched"]
    assert matched["value"].between(0.45, 0.55).to_numpy().all()
    assert {check.check for check in pr.audit(labelled).checks} >= {"two_kinds"}


def test_a_signal_between_two_kinds_is_still_found() -> None:
    """Numbers of partners agree modulo 4, which the vectors tell."""
    rows = host_pathogen(5, n_pairs=4000)
    group = {side: rows[side].str[1:].astype(int) % 4 for side in ("left", "right")}
    rows = rows.loc[group["left"] == group["right"]]
    ids = sorted({*rows["left"], *rows["right"]})
    matrix = np.eye(4, dtype=np.float32)[[int(name[1:]) % 4 for name in ids]]
    kind = np.array([[name.startswith("v")] for name in ids], dtype=np.float32)
    vectors = pr.Embeddings.from_arrays(ids, np.hstack([matrix, kind]))
    split = pr.split_by_pair(table(rows), seed=0)
    model = pr.fit(split, vectors, trainer=QUICK, progress=False)
    results = pr.evaluate(model, split.test, vectors, known=split.joint)
    auroc = results[(results["kind"] == "model") & (results["metric"] == "auroc")]
    assert (auroc["value"] > 0.85).to_numpy().all()
    scores = model.score(split.test, vectors)
    median = float(np.median(scores["log_ratio"].to_numpy()))
    assert median == pytest.approx(np.log(4), abs=0.35)


def test_between_two_populations_the_mean_ratio_is_made_one() -> None:
    """The candidates are every left with every right, of an undirected model of one kind."""
    rng = np.random.default_rng(0)
    n = 80
    population = np.arange(n) < n // 2
    matrix = rng.normal(size=(n, 4)).astype(np.float32) * 0.3
    matrix[:, 0] += 2 * population
    ids = np.array([f"P{number:03d}" for number in range(n)])
    left, right = rng.integers(n, size=(2, 4_000))
    kept = (population[left] == population[right]) | (rng.random(4_000) < 1 / 8)
    rows = pd.DataFrame({"left": ids[left[kept]], "right": ids[right[kept]]})
    vectors = pr.Embeddings.from_arrays(list(ids), matrix)
    model = pr.fit(table(rows), vectors, trainer=QUICK, progress=False)
    assert model.card.noise.kinds == "one"
    every = [(a, b) for a in ids[population] for b in ids[~population]]
    candidates = pd.DataFrame(every, columns=["left", "right"])
    as_learned, renormalised = (
        np.exp(model.score(candidates, vectors, renormalise=flag)["log_ratio"]).mean()
        for flag in (False, True)
    )
    assert as_learned < 0.7
    assert renormalised == pytest.approx(1, abs=0.03)
