"""Mutual information, on a discrete law whose true ratio a critic is made to hold."""

import dataclasses
import math
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from command_line import Run
from quick_fit import fit_with
from torch import nn

import ppi_ratio as pr
from ppi_ratio.critics.products import ProductCritic
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.errors import ProvenanceError
from ppi_ratio.evaluation.metrics import ScoredPairs, value
from ppi_ratio.information import PlugIn
from ppi_ratio.information.measuring import MAX_BATCH, MIN_JOINT_PAIRS
from ppi_ratio.model.card import ModelCard, NoiseCard, NormaliserCard
from ppi_ratio.model.scoring import Normaliser, Scorer, Standardisation
from ppi_ratio.objectives import (
    FLO,
    NWJ,
    AlphaInfoNCE,
    DonskerVaradhan,
    InfoNCESymmetric,
    LeastSquares,
    ObjectiveSettings,
)
from ppi_ratio.report.information_figures import information_figure
from ppi_ratio.training.settings import TrainerSettings

N_SYMBOLS, PROTEINS_PER_SYMBOL, N_PAIRS = 4, 200, 1000
ONE_WAY = np.array([[6, 1, 1, 2], [1, 4, 1, 1], [2, 1, 1, 5], [1, 1, 4, 1]]) / 33
BOTH_WAYS = (ONE_WAY + ONE_WAY.T) / 2


@dataclasses.dataclass(frozen=True)
class World:
    """Proteins show one of four symbols; how often two symbols pair is a known table."""

    directed: bool

    @property
    def law(self) -> np.ndarray:
        return ONE_WAY if self.directed else BOTH_WAYS

    @property
    def independent_law(self) -> np.ndarray:
        return self.law.sum(1, keepdims=True) * self.law.sum(0, keepdims=True)

    @property
    def log_ratios(self) -> np.ndarray:
        return np.log(self.law / self.independent_law)

    @property
    def information(self) -> float:
        return float((self.law * self.log_ratios).sum())

    @cached_property
    def vectors(self) -> pr.Embeddings:
        """The symbol of each protein, one-hot."""
        symbols = np.arange(N_SYMBOLS * PROTEINS_PER_SYMBOL) % N_SYMBOLS
        ids = [f"P{number:03d}" for number in range(len(symbols))]
        return pr.Embeddings.from_arrays(ids, np.eye(N_SYMBOLS)[symbols], provenance=MADE_BY)

    def pairs(self, *, law: np.ndarray | None = None, n: int = N_PAIRS, seed: int) -> pr.PairTable:
        rng = np.random.default_rng(seed)
        law = self.law if law is None else law
        symbols = np.stack(np.divmod(rng.choice(law.size, n, p=law.ravel()), N_SYMBOLS))
        proteins = symbols + N_SYMBOLS * rng.integers(PROTEINS_PER_SYMBOL, size=(2, n))
        rows = pd.DataFrame(proteins.T, columns=["left", "right"]).map("P{:03d}".format)
        return pr.PairTable.from_rows(rows, directed=self.directed, name="symbols")

    def model(
        self,
        log_ratios: np.ndarray | None = None,
        *,
        shift: float = 0.0,
        normaliser: Normaliser | None = None,
        objective: ObjectiveSettings | None = None,
        noise: NoiseCard | None = None,
    ) -> pr.RatioModel:
        """A bilinear critic that scores as a table says, by default the true one, plus a shift."""
        table = self.log_ratios if log_ratios is None else log_ratios
        dim = len(table)
        settings = pr.Bilinear(rank=2 * dim, symmetric=not self.directed)
        card = ModelCard(
            critic=settings,
            objective=objective or pr.InfoNCEAnchor(),
            trainer=TrainerSettings(batch_size=256),
            seed=0,
            dim=dim,
            directed=self.directed,
            optimum="log r",
            normaliser=NormaliserCard("global", 0.0),
            noise=noise or NoiseCard(),
            vectors=MADE_BY.to_dict(),
            training_pairs="symbols",
            split_hash="0",
            metrics={},
            ppi_ratio="0",
        )
        critic = settings.build(dim).eval()
        assert isinstance(critic, ProductCritic)
        hold(critic, table, shift)
        same = Standardisation(torch.zeros(dim), torch.ones(dim))
        scorer = Scorer(critic, same, normaliser or Normaliser())
        degrees = pd.DataFrame({"left_degree": [1], "right_degree": [1]}, index=["P000"])
        history = pd.DataFrame({"epoch": [0], "training_loss": [1.0]})
        return pr.RatioModel(card, scorer, degrees, history)

    def measured(
        self, model: pr.RatioModel | None = None, pairs: pr.PairTable | None = None
    ) -> pr.Information:
        return pr.mutual_information(
            model or self.model(),
            pairs or self.pairs(seed=0),
            self.vectors,
            seed=0,
            n_resamples=100,
        )


MADE_BY = Provenance(encoder="esm2_bundled", layer=2, checkpoint="ab" * 32)


@torch.no_grad()
def hold(critic: ProductCritic, table: np.ndarray, shift: float) -> None:
    """Make the scores of one-hot vectors the entries of a table, plus a shift."""
    assert isinstance(critic.left, nn.Linear)
    critic.bias.fill_(shift)
    critic.left.weight.zero_()
    if isinstance(critic.right, nn.Linear):
        critic.right.weight.zero_()
        critic.left.weight[: len(table)] = torch.from_numpy(table.T / critic.scale)
        critic.right.weight[: len(table)] = torch.eye(len(table)) / critic.scale
        return
    strengths, directions = np.linalg.eigh(table)
    for place, sign in enumerate((1, -1)):  # the signs of the core alternate
        rows = np.sqrt(np.maximum(sign * strengths, 0))[:, None] * directions.T
        critic.left.weight[place::2] = torch.from_numpy(rows / critic.scale)


def with_card(model: pr.RatioModel, **changes: object) -> pr.RatioModel:
    return dataclasses.replace(model, card=dataclasses.replace(model.card, **changes))


@pytest.fixture(scope="module", params=[False, True], ids=["undirected", "directed"])
def world(request: pytest.FixtureRequest) -> World:
    return World(request.param)


@pytest.fixture(scope="module")
def undirected() -> World:
    """For what direction has no part in."""
    return World(directed=False)


@pytest.fixture(scope="module")
def found(world: World) -> pr.Information:
    """What is measured with the true ratio."""
    return world.measured()


def test_the_critic_holds_the_table(world: World) -> None:
    pairs = pd.DataFrame([(f"P{i:03d}", f"P{4 + j:03d}") for i in range(4) for j in range(4)])
    scores = world.model().score(pairs.set_axis(["left", "right"], axis=1), world.vectors)
    np.testing.assert_allclose(scores["log_ratio"], world.log_ratios.ravel(), atol=1e-6)


def test_the_true_ratio_gives_the_true_information(world: World, found: pr.Information) -> None:
    truth = world.information
    assert found.plug_in.value == pytest.approx(truth, abs=0.06)
    assert found.plug_in.low < truth < found.plug_in.high
    assert found.donsker_varadhan == pytest.approx(truth, abs=0.06)
    assert found.nwj == pytest.approx(truth, abs=0.06)
    assert found.own_estimate == pytest.approx(truth, abs=0.06)
    assert found.bits == pytest.approx(found.plug_in.value / math.log(2))


def test_diagnostics_of_the_true_ratio_are_those_of_a_normalised_one(
    world: World, found: pr.Information
) -> None:
    diagnostics = found.diagnostics
    assert diagnostics.log_normaliser == pytest.approx(0, abs=0.03)
    assert diagnostics.noise_ratio == pytest.approx(1, abs=0.03)
    assert diagnostics.left_spread < 0.06
    assert diagnostics.right_spread < 0.06
    assert diagnostics.inverse_ratio == pytest.approx(1, abs=0.08)
    assert diagnostics.skill > 0
    assert diagnostics.normalised_skill == pytest.approx(world.information, abs=0.06)
    assert found.verdict.startswith("normalised: mean ratio under noise 1.0")


def test_the_null_is_minus_a_divergence_whether_or_not_there_is_information(
    world: World, found: pr.Information
) -> None:
    """E log r under p(x) p(y) is -D(p(x) p(y) || p(x, y))."""
    expected = float((world.independent_law * world.log_ratios).sum())
    assert found.null.mean == pytest.approx(expected, abs=0.03)
    unpaired = world.measured(pairs=world.pairs(law=world.independent_law, seed=1))
    assert unpaired.null.mean == pytest.approx(expected, abs=0.03)


def test_p_value_is_as_small_as_it_can_be_where_there_is_information(found: pr.Information) -> None:
    assert found.null.p_value == pytest.approx(1 / 201)
    assert found.null.values.max() < found.plug_in.low


def test_permuted_partners_hold_no_information(world: World) -> None:
    unpaired = world.measured(pairs=world.pairs(law=world.independent_law, seed=1))
    assert unpaired.plug_in.value < 0
    assert unpaired.null.p_value > 0.05
    assert unpaired.verdict.startswith("no information found")


def test_p_values_are_spread_evenly_without_information(undirected: World) -> None:
    p_values = [
        pr.mutual_information(
            undirected.model(),
            undirected.pairs(law=undirected.independent_law, n=150, seed=seed),
            undirected.vectors,
            seed=seed,
            n_resamples=2,
            n_shuffles=19,
        ).null.p_value
        for seed in range(20)
    ]
    assert np.mean(p_values) == pytest.approx(0.525, abs=0.15)  # over 0.05, 0.1, ..., 1


def test_a_critic_that_knows_nothing_finds_nothing(undirected: World) -> None:
    ignorant = undirected.measured(undirected.model(0 * undirected.log_ratios))
    assert ignorant.null.p_value == 1.0
    assert ignorant.diagnostics.skill == pytest.approx(0, abs=1e-6)
    assert ignorant.diagnostics.inverse_ratio == pytest.approx(1)
    assert ignorant.verdict == (
        "no information found: the estimate is within its shuffle null (p = 1)"
    )


@pytest.mark.parametrize("shift", [-0.5, 1.0])
def test_a_shifted_ratio_is_seen_and_corrected(shift: float, world: World) -> None:
    shifted = world.measured(world.model(shift=shift))
    assert shifted.plug_in.value == pytest.approx(world.information + shift, abs=0.06)
    assert shifted.diagnostics.log_normaliser == pytest.approx(shift, abs=0.03)
    assert shifted.donsker_varadhan == pytest.approx(world.information, abs=0.06)
    assert shifted.nwj < world.information - 0.05
    assert shifted.verdict.startswith("not normalised")
    assert f"read plug-in - g = {shifted.donsker_varadhan:.2f} nats instead" in shifted.verdict


def test_ratios_that_are_too_extreme_are_not_quoted(undirected: World) -> None:
    extreme = undirected.measured(undirected.model(6 * undirected.log_ratios))
    assert extreme.donsker_varadhan < 0
    assert extreme.null.p_value < 0.05
    assert extreme.verdict.startswith("dependence found (p = 0.005), but not how much")


def test_a_normalised_ratio_that_is_far_too_low_for_some_joint_pairs_is_said_to_be_loose(
    undirected: World,
) -> None:
    blind_spot = undirected.log_ratios.copy()
    blind_spot[2, 2] = -5
    loose = undirected.measured(undirected.model(blind_spot))
    assert loose.diagnostics.inverse_ratio > 2
    assert "likely too low: mean inverse ratio of interactions" in loose.verdict


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objective": AlphaInfoNCE()}, "not a log ratio: alpha_infonce does not learn one"),
        ({"noise": NoiseCard(law="labelled_non_pairs")}, "is to the law of labelled non-pairs"),
    ],
    ids=["skewed optimum", "labelled non-pairs"],
)
def test_what_is_no_ratio_to_the_marginals_is_not_read_as_information(
    changes: dict[str, object], said: str, undirected: World
) -> None:
    verdict = undirected.measured(with_card(undirected.model(), **changes)).verdict
    assert said in verdict
    assert "read plug-in - g" in verdict


@pytest.mark.parametrize("objective", [DonskerVaradhan(), NWJ(), InfoNCESymmetric()], ids=repr)
def test_own_estimate_is_the_objective_s_from_batches_of_the_training_size(
    objective: ObjectiveSettings, undirected: World
) -> None:
    measured = undirected.measured(undirected.model(objective=objective))
    assert measured.own_estimate == pytest.approx(undirected.information, abs=0.06)
    assert measured.own_source == f"{objective.name}, 3 x 256"


def test_own_estimate_is_of_the_scores_before_normalising(undirected: World) -> None:
    as_trained = undirected.model(objective=NWJ(), shift=1.0, normaliser=Normaliser(constant=1.0))
    measured = undirected.measured(as_trained)
    assert measured.plug_in.value == pytest.approx(undirected.information, abs=0.06)
    expected = undirected.information + 1 - math.e + 1
    assert measured.own_estimate == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize(
    ("objective", "reason"),
    [(LeastSquares(), "least_squares gives no estimate"), (FLO(), "flo: its helper is not saved")],
    ids=["no estimate", "helper"],
)
def test_where_there_is_no_own_estimate_the_table_says_why(
    objective: ObjectiveSettings, reason: str, undirected: World
) -> None:
    model = with_card(undirected.model(), objective=objective)
    measured = undirected.measured(model)
    assert measured.own_estimate is None
    row = measured.frame.set_index("quantity").loc["own_estimate"]
    assert math.isnan(row["value"])
    assert row["note"] == reason


def test_plug_in_is_the_mean_of_the_model_s_scores(world: World) -> None:
    references = world.model().scorer.project(world.vectors, np.arange(7), side="left")
    normalised = world.model(normaliser=Normaliser(constant=0.2, references=references))
    pairs = world.pairs(seed=0)
    scores = normalised.score(pairs, world.vectors)["log_ratio"]
    measured = world.measured(normalised, pairs)
    assert measured.plug_in.value == pytest.approx(scores.mean(), abs=1e-6)
    np.testing.assert_allclose(measured.log_ratios, scores, atol=1e-5)


def test_only_joint_pairs_count(undirected: World) -> None:
    joint = undirected.pairs(seed=0)
    labelled = pd.concat(
        [joint.frame.assign(label=1), undirected.pairs(seed=5).frame.assign(label=0)]
    )
    mixed = pr.PairTable.from_rows(labelled, directed=undirected.directed, name="mixed")
    np.testing.assert_array_equal(
        undirected.measured(pairs=mixed).log_ratios, undirected.measured(pairs=joint).log_ratios
    )
    scored = ScoredPairs(
        np.array(["a", "b"]), np.array(["c", "d"]), np.array([1, 0]), np.array([2.0, 9.0])
    )
    assert value(PlugIn(), scored) == 2.0


def test_the_same_seed_gives_the_same_and_another_seed_other_draws(undirected: World) -> None:
    def measured(seed: int) -> pr.Information:
        return pr.mutual_information(
            undirected.model(),
            undirected.pairs(seed=0),
            undirected.vectors,
            seed=seed,
            n_resamples=20,
        )

    first, again, other = measured(0), measured(0), measured(1)
    pd.testing.assert_frame_equal(first.frame, again.frame)
    np.testing.assert_array_equal(first.null.values, again.null.values)
    assert other.plug_in.value == first.plug_in.value
    for quantity in ("low", "value"):
        assert not first.frame[quantity].equals(other.frame[quantity])


def test_table_has_bits_for_what_is_in_nats_only(found: pr.Information) -> None:
    frame = found.frame
    assert list(frame) == ["quantity", "value", "bits", "low", "high", "note"]
    plain = frame["bits"].isna()
    assert frame["quantity"][plain].tolist() == ["p_value", "noise_excess", "inverse_ratio"]
    np.testing.assert_allclose(frame["bits"][~plain] * math.log(2), frame["value"][~plain])
    first = frame.iloc[0]
    assert first["quantity"] == "plug_in"
    assert (first["low"], first["high"]) == (found.plug_in.low, found.plug_in.high)


def test_a_training_value_that_parts_from_the_held_out_one_is_warned_of(
    undirected: World, caplog: pytest.LogCaptureFixture
) -> None:
    above = np.where(undirected.log_ratios > 0, undirected.law, 0)
    learned_by_heart = undirected.pairs(law=above / above.sum(), seed=2)
    measured = pr.mutual_information(
        undirected.model(),
        undirected.pairs(seed=0),
        undirected.vectors,
        seed=0,
        training=learned_by_heart,
    )
    assert measured.training is not None
    assert measured.training > measured.plug_in.high
    shared, gap = measured.notes
    assert "test pairs are training pairs" in shared
    assert "overfitting; quote only the held-out value" in gap
    assert gap in caplog.text
    assert "training_plug_in" in set(measured.frame["quantity"])


def test_a_training_value_near_the_held_out_one_is_not_warned_of(
    undirected: World, caplog: pytest.LogCaptureFixture
) -> None:
    measured = pr.mutual_information(
        undirected.model(),
        undirected.pairs(seed=0),
        undirected.vectors,
        seed=0,
        training=undirected.pairs(seed=3),
    )
    (shared,) = measured.notes
    assert "test pairs are training pairs" in shared
    assert "quote only the held-out value" not in caplog.text


def test_pairs_without_vectors_are_left_out_and_counted(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    known = world.pairs(n=300, seed=0)
    unknown = pd.DataFrame({"left": ["P000", "X1"], "right": ["X2", "X3"]})
    rows = pd.concat([known.frame, unknown])
    more = pr.PairTable.from_rows(rows, directed=world.directed, name="some unknown")
    measured = world.measured(pairs=more)
    assert len(measured.log_ratios) == len(known)
    assert measured.notes == (
        "2 interactions left out: 3 proteins have no vector, e.g. X1; the vectors have e.g. "
        f"{world.vectors.ids[0]}",
    )
    assert "some unknown: 2 interactions left out" in caplog.text


@pytest.mark.parametrize("kept", [False, True], ids=["left out", "kept"])
def test_self_pairs_count_only_for_a_model_that_learned_from_them(kept: bool, world: World) -> None:
    ids = [f"P{number:03d}" for number in range(30)]
    rows = pd.concat([world.pairs(n=300, seed=0).frame, pd.DataFrame({"left": ids, "right": ids})])
    pairs = pr.PairTable.from_rows(rows, directed=world.directed, name="selfs", self_pairs="keep")
    model = world.model(noise=NoiseCard(self_pairs="kept" if kept else "left out"))
    measured = world.measured(model, pairs)
    assert len(measured.log_ratios) == len(pairs) - (0 if kept else 30)
    assert [note.startswith("30 self pairs left out") for note in measured.notes] == (
        [] if kept else [True]
    )


@pytest.mark.parametrize("kept", [False, True], ids=["left out", "kept"])
def test_a_protein_meets_itself_only_where_self_pairs_are_kept(kept: bool, world: World) -> None:
    """Every protein has a symbol of its own, and only a self pair has a log ratio, -9."""
    ids = [f"P{number:02d}" for number in range(12)]
    rows = pd.DataFrame([(a, b) for a in ids for b in ids if a < b], columns=["left", "right"])
    measured = pr.mutual_information(
        world.model(-9.0 * np.eye(12), noise=NoiseCard(self_pairs="kept" if kept else "left out")),
        pr.PairTable.from_rows(rows, directed=world.directed, name="each with each"),
        pr.Embeddings.from_arrays(ids, np.eye(12), provenance=MADE_BY),
        seed=0,
        n_resamples=10,
    )
    assert (measured.null.mean < -0.1) == kept
    assert (measured.diagnostics.log_normaliser < -0.01) == kept
    assert (measured.noise_log_ratios.min() < -1) == kept


def test_too_few_pairs_with_vectors_are_refused(undirected: World) -> None:
    few = undirected.pairs(n=MIN_JOINT_PAIRS - 1, seed=0)
    with pytest.raises(ProvenanceError, match=r"symbols: 9 interactions with vectors; .* needs 10"):
        undirected.measured(pairs=few)
    enough = undirected.pairs(n=MIN_JOINT_PAIRS, seed=0)
    assert len(undirected.measured(pairs=enough).log_ratios) == MIN_JOINT_PAIRS


def test_vectors_of_another_encoder_are_refused(undirected: World) -> None:
    foreign = pr.Embeddings.from_arrays(
        undirected.vectors.ids,
        undirected.vectors.matrix(),
        provenance=Provenance(encoder="other", layer=1),
    )
    with pytest.raises(ProvenanceError, match="embed the proteins with the model's encoder"):
        pr.mutual_information(undirected.model(), undirected.pairs(seed=0), foreign, seed=0)


def test_pairs_read_with_another_direction_are_refused(world: World) -> None:
    other = World(not world.directed).pairs(seed=0)
    with pytest.raises(ValueError, match="read it the same way"):
        world.measured(pairs=other)


def test_so_few_shuffles_that_p_cannot_become_small_are_refused(undirected: World) -> None:
    with pytest.raises(ValueError, match="18 shuffles are too few"):
        pr.mutual_information(
            undirected.model(), undirected.pairs(seed=0), undirected.vectors, seed=0, n_shuffles=18
        )


def test_a_trained_model_finds_the_information_of_its_groups(
    split: pr.Split, vectors: pr.Embeddings
) -> None:
    """As often as each other: without direction three kinds of ordered pairs, with one two."""
    directed = split.train.directed
    critic = pr.Separable(rank=8, hidden=(16,), dropout=0, input_dropout=0, symmetric=not directed)
    model = fit_with(
        split, vectors, critic=critic, objective=pr.InfoNCEAnchor(nu=1.0), seed=0, max_epochs=20,
        batch_size=128, learning_rate=3e-3, progress=False,
    )  # fmt: skip
    measured = pr.mutual_information(
        model, split.test, vectors, seed=0, n_resamples=100, training=split.train
    )
    truth = math.log(2) if directed else math.log(3)
    assert truth - 0.2 < measured.donsker_varadhan < truth
    assert measured.training == pytest.approx(truth, abs=0.06)
    assert measured.verdict.startswith("normalised")


def test_of_many_pairs_a_part_stands_for_the_noise(undirected: World) -> None:
    measured = undirected.measured(pairs=undirected.pairs(n=3000, seed=0))
    assert len(measured.log_ratios) > MAX_BATCH
    assert len(measured.noise_log_ratios) < MAX_BATCH**2
    assert measured.diagnostics.log_normaliser == pytest.approx(0, abs=0.02)


def test_figure_marks_the_plug_in_beside_its_null(found: pr.Information) -> None:
    figure = information_figure(found)
    figure.draw_without_rendering()
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert texts == [f"plug-in {found.plug_in.value:.2f}", "200 shuffles", "held out, p = 0.005"]
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        f"interactions ({len(found.log_ratios):,})",
        f"noise pairs ({len(found.noise_log_ratios):,})",
    ]


def test_a_figure_of_equal_log_ratios_is_drawn(undirected: World) -> None:
    figure = information_figure(undirected.measured(undirected.model(0 * undirected.log_ratios)))
    figure.draw_without_rendering()
    assert len(figure.axes) == 2


def write_world(world: World, folder: Path) -> None:
    """A model, vectors and pairs as a user may have them."""
    world.model().save(folder / "model")
    world.vectors.write(folder / "vectors.h5", dtype="float32")
    for name, seed in (("test", 0), ("train", 3)):
        world.pairs(seed=seed).frame.to_csv(folder / f"{name}.tsv", sep="\t", index=False)


@pytest.mark.parametrize("suffix", ["tsv", "json"])
def test_mi_prints_a_verdict_and_writes_what_the_library_finds(
    suffix: str, run: Run, world: World, tmp_path: Path
) -> None:
    write_world(world, tmp_path)
    out, figure = tmp_path / f"mi.{suffix}", tmp_path / "mi.png"
    outcome = run(
        "mi", tmp_path / "model", tmp_path / "test.tsv", "--embeddings", tmp_path / "vectors.h5",
        "--train", tmp_path / "train.tsv", "--out", out, "--figure", figure,
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines()[-1].startswith("normalised: mean ratio under noise")
    assert "plug in" in outcome.out
    written = pd.read_json(out) if suffix == "json" else pd.read_csv(out, sep="\t")
    expected = pr.mutual_information(
        world.model(), world.pairs(seed=0), world.vectors, seed=0, training=world.pairs(seed=3)
    ).frame
    np.testing.assert_allclose(written["value"], expected["value"], rtol=1e-5)
    assert written["quantity"].tolist() == expected["quantity"].tolist()
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def folder(undirected: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("symbols")
    write_world(undirected, folder)
    made_by = Provenance(encoder="esm2_t6_8M_UR50D", layer=6)
    known = undirected.vectors
    pr.Embeddings.from_arrays(known.ids, known.matrix(), made_by).write(folder / "foreign.h5")
    (folder / "few.tsv").write_text("P000\tP001\nP002\tP003\n")
    return folder


GOOD = ("{folder}/model", "{folder}/test.tsv", "--embeddings", "{folder}/vectors.h5")
FAULTS = {
    "no model": (("{here}/none", *GOOD[1:]), 1, "no model there"),
    "no pairs": ((GOOD[0], "{here}/none.tsv", *GOOD[2:]), 1, "none.tsv"),
    "few pairs": ((GOOD[0], "{folder}/few.tsv", *GOOD[2:]), 1, "2 interactions with vectors"),
    "no vectors": (GOOD[:2], 2, "--embeddings"),
    "no file of vectors": ((*GOOD[:3], "{here}/none.h5"), 1, "none.h5"),
    "vectors of another encoder": ((*GOOD[:3], "{folder}/foreign.h5"), 1, "esm2_t6_8M_UR50D"),
    "table of an unknown suffix": ((*GOOD, "--out", "{here}/mi.xls"), 2, ".parquet, .json"),
    "figure of an unknown suffix": ((*GOOD, "--figure", "{here}/mi.jpg"), 2, ".png or .svg"),
}


@pytest.mark.parametrize(("words", "code", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_ends_with_one_message_and_its_exit_code(
    words: tuple[str, ...], code: int, said: str, run: Run, folder: Path, tmp_path: Path
) -> None:
    outcome = run("mi", *(word.format(folder=folder, here=tmp_path) for word in words))
    assert outcome.code == code
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""
    assert not list(tmp_path.iterdir())
