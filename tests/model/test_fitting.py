"""Training on a small world whose truth is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from made_model import made_model
from quick_fit import fit_with
from small_world import pairs_within_groups

import ppi_ratio as pr
from ppi_ratio.critics import CRITICS
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.model import fitting, scoring
from ppi_ratio.objectives import OBJECTIVES, Objective
from ppi_ratio.pairs.rows import LEFT, RIGHT
from ppi_ratio.runtime.seeds import LARGEST_SEED
from ppi_ratio.training import module
from ppi_ratio.training.batches import PairRows
from ppi_ratio.training.settings import TrainerSettings

QUICK: dict[str, Any] = {
    "max_epochs": 8,
    "batch_size": 128,
    "learning_rate": 3e-3,
    "progress": False,
}

SIZES: dict[str, dict[str, Any]] = {
    "bilinear": {"rank": 8},
    "separable": {"rank": 8},
    "mlp": {"hidden": 32},
    "attentive": {"rank": 8, "segments": 2, "segment_dim": 4, "hidden": 64},
}


def quick(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any setting of fit
    return QUICK | changes


def separation(model: pr.RatioModel, table: pr.PairTable, vectors: pr.Embeddings) -> float:
    """Mean score of joint pairs above that of random pairs of the same proteins."""
    joint = table.joint.frame
    shuffled = joint.assign(**{RIGHT: joint[RIGHT].sample(frac=1, random_state=0).to_numpy()})
    scores = [model.score(frame, vectors)["log_ratio"].to_numpy() for frame in (joint, shuffled)]
    return float(scores[0].mean() - scores[1].mean())


@pytest.mark.parametrize("critic", CRITICS)
def test_every_critic_learns_who_binds_whom(
    critic: str, split: pr.Split, vectors: pr.Embeddings
) -> None:
    symmetric = not split.train.directed
    settings = CRITICS[critic](symmetric=symmetric, **SIZES[critic])  # pyright: ignore[reportCallIssue]
    model = fit_with(split, vectors, critic=settings, seed=0, **QUICK)
    assert separation(model, split.test, vectors) > 0.3


@pytest.mark.long
@pytest.mark.parametrize("key", OBJECTIVES)
def test_every_objective_learns_who_binds_whom(
    key: str, labelled_split: pr.Split, vectors: pr.Embeddings
) -> None:
    objective = OBJECTIVES[key](name=key)  # pyright: ignore[reportCallIssue]
    critic = pr.Separable(rank=8, hidden=(32,), dropout=0, input_dropout=0, symmetric=True)
    settings = quick(max_epochs=4, learning_rate=1e-2)
    model = fit_with(
        labelled_split, vectors, critic=critic, objective=objective, seed=0, **settings
    )
    assert model.card.objective == objective
    assert separation(model, labelled_split.test, vectors) > 0.2


@pytest.mark.parametrize("key", ["infonce_anchor", "infonce", "least_squares", "flo"])
def test_log_ratios_are_normalised_over_the_noise_law(
    key: str, split: pr.Split, vectors: pr.Embeddings
) -> None:
    """Without dropout, which moves scores between training and use."""
    critic = pr.Separable(rank=8, dropout=0, input_dropout=0, symmetric=not split.train.directed)
    settings = quick(max_epochs=10, learning_rate=2e-3)
    model = fit_with(split, vectors, critic=critic, objective=OBJECTIVES[key](), seed=0, **settings)
    joint = split.train.joint.frame
    lefts, rights = joint[LEFT], joint[RIGHT].sample(frac=1, random_state=1).to_numpy()
    noise = pd.DataFrame({LEFT: lefts, RIGHT: rights}).query(f"{LEFT} != {RIGHT}")
    mean_ratio = np.exp(model.score(noise, vectors)["log_ratio"].to_numpy()).mean()
    assert mean_ratio == pytest.approx(1.0, abs=0.2)


def test_ratio_to_labelled_non_pairs_is_normalised_over_them(
    labelled_split: pr.Split, vectors: pr.Embeddings
) -> None:
    critic = pr.Separable(rank=8, dropout=0, input_dropout=0, symmetric=True)
    model = fit_with(labelled_split, vectors, critic=critic, objective=pr.BCE(), seed=0, **QUICK)
    assert model.card.noise.law == "labelled_non_pairs"
    non_pairs = model.score(labelled_split.train.non_pairs, vectors)
    assert np.exp(non_pairs["log_ratio"]).mean() == pytest.approx(1.0, abs=0.05)


def test_learning_from_labels_that_are_not_there_is_refused(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    with pytest.raises(ProvenanceError, match="bce learns from labelled non-pairs"):
        fit_with(undirected_split, vectors, objective=pr.BCE(), seed=0, **QUICK)


@pytest.mark.parametrize("objective", [pr.InfoNCEAnchor(), pr.Brier()], ids=["sums", "columns"])
def test_large_batches_are_taken_in_tiles_with_the_same_result(
    undirected_split: pr.Split,
    vectors: pr.Embeddings,
    objective: Objective,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = quick(max_epochs=1, objective=objective)
    whole = fit_with(undirected_split, vectors, seed=0, **settings)
    monkeypatch.setattr(module, "MAX_SCORES_IN_MEMORY", 128 * 20)
    tiled = fit_with(undirected_split, vectors, seed=0, **settings)
    test = undirected_split.test
    np.testing.assert_allclose(
        tiled.score(test, vectors)["log_ratio"],
        whole.score(test, vectors)["log_ratio"],
        atol=1e-4,
    )


def test_a_bias_of_a_large_batch_starts_from_its_first_pairs(
    vectors: pr.Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix = torch.from_numpy(vectors.matrix())
    sides = torch.arange(80).reshape(2, 40) % len(matrix)
    batch = PairRows(sides[0], sides[1], flip=False).draw(torch.arange(40), torch.Generator())
    monkeypatch.setattr(module, "MAX_PAIRS_SCORED", 16)
    learning = module.RatioModule.build(
        pr.Separable(rank=8),
        pr.InfoNCEAnchor(),
        matrix,
        fitting.DEFAULT_TRAINER,
        self_noise=True,
        seed=0,
    )
    learning.initialise_bias(batch)
    learning.eval()
    of_first, of_all = (
        learning.pair_scores(part).noise_log_mean_exp().item() for part in (batch.first(16), batch)
    )
    assert abs(of_first) < 1e-5
    assert abs(of_all) > 1e-3


def test_infonce_of_a_directed_critic_is_normalised_for_each_right(
    split: pr.Split, vectors: pr.Embeddings
) -> None:
    model = fit_with(split, vectors, objective=pr.InfoNCE(), seed=0, **QUICK)
    expected = "per_right" if split.train.directed else "global"
    assert model.card.normaliser.kind == expected


def test_rights_are_normalised_in_parts_with_the_same_result(
    vectors: pr.Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = made_model(pr.Separable(rank=8), vectors, per_right=True)
    critic, rows = model.scorer.critic, np.arange(len(vectors))
    with torch.inference_mode():
        v = model.scorer.project(vectors, rows, side="right")
        whole = model.scorer.normaliser.right_term(critic, v)
        monkeypatch.setattr(scoring, "PROTEINS_AT_ONCE", 7)
        parts = model.scorer.normaliser.right_term(critic, v)
    assert whole.std() > 0.1
    torch.testing.assert_close(parts, whole, atol=1e-5, rtol=1e-6)


def test_same_seed_same_model_and_another_seed_another(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    scores = [
        fit_with(undirected_split, vectors, seed=seed, **quick(max_epochs=2))
        .score(undirected_split.test, vectors)["log_ratio"]
        .to_numpy()
        for seed in (0, 0, 1)
    ]
    assert np.array_equal(scores[0], scores[1])
    assert not np.allclose(scores[0], scores[2])


def test_training_leaves_the_global_random_state_alone(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    fit_with(undirected_split, vectors, seed=0, **quick(max_epochs=1))
    assert torch.rand(1) == expected


def test_best_epoch_by_the_held_out_objective_is_kept(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    model = fit_with(undirected_split, vectors, seed=0, **QUICK)
    losses = model.history["validation_loss"]
    assert model.card.metrics["best_epoch"] == losses.idxmin()
    assert model.card.metrics["validation_loss"] == losses.min()


def test_training_stops_when_patience_is_lost(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    settings = quick(max_epochs=60, learning_rate=3e-2)
    model = fit_with(undirected_split, vectors, seed=0, patience=2, **settings)
    assert len(model.history) == model.card.metrics["best_epoch"] + 3 < 60


def test_epoch_of_the_highest_auroc_is_kept_if_asked_for(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    settings = quick(learning_rate=3e-2, max_epochs=12)
    model = fit_with(undirected_split, vectors, seed=0, monitor="auroc", **settings)
    history, metrics = model.history, model.card.metrics
    best = int(history["validation_auroc"].to_numpy().argmax())
    assert metrics["best_epoch"] == best
    losses = history["validation_loss"].to_numpy()
    assert best != losses.argmin()
    assert metrics["validation_loss"] == losses[best]
    assert 0.5 < max(history["validation_auroc"]) < 1


def test_averaged_weights_are_the_mean_of_those_that_were_passed(
    undirected_split: pr.Split, vectors: pr.Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[torch.Tensor] = []
    update = module.AveragedModel.update_parameters

    def watch(averaged: module.AveragedModel, model: torch.nn.Module) -> None:
        passed.append(model.get_parameter("left.weight").detach().clone())
        update(averaged, model)

    monkeypatch.setattr(module.AveragedModel, "update_parameters", watch)
    settings = quick(critic=pr.Bilinear(rank=4, symmetric=True), max_epochs=1, batch_size=32)
    model = fit_with(undirected_split, vectors, seed=0, averaging=0.8, **settings)
    mean = passed[0]
    for step, weight in enumerate(passed[1:], start=1):
        mean = torch.lerp(weight, mean, min(0.8, (1 + step) / (10 + step)))
    assert len(passed) > 10
    kept = model.scorer.critic.get_parameter("left.weight")
    torch.testing.assert_close(kept, mean)
    assert not torch.allclose(kept, passed[-1], atol=1e-3)


def test_undirected_pairs_want_a_symmetric_critic(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    with pytest.raises(ConfigError, match=r"critic\.symmetric"):
        fit_with(undirected_split, vectors, critic=pr.Separable(symmetric=False), seed=0, **QUICK)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pairs": "pairs.tsv"}, "pairs: got str 'pairs.tsv'; read a file with read_pairs"),
        ({"vectors": "v.h5"}, "vectors: got str 'v.h5'; read a file with Embeddings.read"),
        ({"trainer": {"max_epochs": 3}}, "trainer: got dict .*TrainerSettings"),
        ({"critic": "separable"}, "critic: 'separable' is not an instance .*Bilinear"),
        ({"objective": pr.InfoNCE}, "objective: .* is not an instance .*InfoNCEAnchor"),
        ({"seed": 1.5}, "seed: expected a whole number from 0 on, got 1.5"),
    ],
)
def test_an_argument_of_another_kind_is_refused_by_its_name(
    undirected_split: pr.Split, vectors: pr.Embeddings, wrong: dict[str, Any], said: str
) -> None:
    arguments: dict[str, Any] = {"pairs": undirected_split, "vectors": vectors} | wrong
    with pytest.raises(ConfigError, match=said):
        pr.fit(**arguments)


@pytest.mark.parametrize("size", [1, 2])
def test_batches_without_noise_are_refused_by_the_setting(
    undirected_split: pr.Split, vectors: pr.Embeddings, size: int
) -> None:
    trainer = pr.TrainerSettings(batch_size=size, max_epochs=1)
    with pytest.raises(ConfigError, match=r"no noise entry.*`trainer\.batch_size`"):
        pr.fit(undirected_split, vectors, trainer=trainer, progress=False)


def test_a_critic_of_segments_refuses_vectors_without_them(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    critic = pr.Attentive(segments=4, hidden=8, symmetric=True)
    assert vectors.dim % 6 == 0  # so that cutting them up would not fail
    with pytest.raises(ConfigError, match="vectors of pooling 'mean' are not"):
        fit_with(undirected_split, vectors, critic=critic, seed=0, **QUICK)


def test_pairs_without_vectors_are_left_out_and_named(
    undirected_split: pr.Split, vectors: pr.Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    fewer = pr.Embeddings.from_arrays(
        vectors.ids[1:], vectors.matrix()[1:], provenance=vectors.provenance
    )
    fit_with(undirected_split, fewer, seed=0, **quick(max_epochs=1))
    assert f"e.g. {vectors.ids[0]}" in caplog.text


def test_too_few_pairs_are_refused(undirected_split: pr.Split, vectors: pr.Embeddings) -> None:
    few = pr.Split.from_tables(
        train=undirected_split.train.select(np.arange(3)),
        validation=undirected_split.validation,
        test=undirected_split.test,
    )
    with pytest.raises(ProvenanceError, match="3 interactions"):
        fit_with(few, vectors, seed=0, **QUICK)


def test_one_validation_pair_is_refused_and_two_are_not(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    def with_validation_pairs(number: int) -> pr.Split:
        validation = undirected_split.validation.select(np.arange(number))
        return pr.Split.from_tables(
            train=undirected_split.train, validation=validation, test=undirected_split.test
        )

    with pytest.raises(ProvenanceError, match="only one interaction with vectors"):
        fit_with(with_validation_pairs(1), vectors, seed=0, **QUICK)
    model = fit_with(with_validation_pairs(2), vectors, seed=0, **quick(max_epochs=1))
    assert np.isfinite(model.card.metrics["validation_loss"])


def test_the_largest_seed_trains(undirected_split: pr.Split, vectors: pr.Embeddings) -> None:
    trained = [
        fit_with(undirected_split, vectors, seed=seed, **quick(max_epochs=1))
        for seed in (LARGEST_SEED, LARGEST_SEED, 2**50)  # a notebook may have one of its own
    ]
    first, again, other = (model.content_hash() for model in trained)
    assert first == again != other


def test_vectors_that_are_all_the_same_are_refused(undirected_split: pr.Split) -> None:
    ids = undirected_split.train.ids + undirected_split.validation.ids
    same = pr.Embeddings.from_arrays(sorted(set(ids)), np.ones((len(set(ids)), 3), np.float32))
    with pytest.raises(ProvenanceError, match="are the same"):
        fit_with(undirected_split, same, seed=0, **QUICK)


def test_validation_pairs_without_vectors_are_said_to_be_missing(
    undirected_split: pr.Split, vectors: pr.Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    kept = vectors.rows(undirected_split.train.ids)
    fewer = pr.Embeddings.from_arrays(
        [vectors.ids[row] for row in kept], vectors.matrix(kept), provenance=vectors.provenance
    )
    model = fit_with(undirected_split, fewer, seed=0, **quick(max_epochs=2))
    assert "no validation pairs" in caplog.text
    assert model.card.metrics["best_epoch"] == 1


def test_a_run_on_other_vectors_of_the_same_encoder_is_refused(
    undirected_split: pr.Split,
    vectors: pr.Embeddings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = undirected_split.train.ids[0]
    matrix = vectors.matrix()
    matrix[vectors.rows([one])] += 1
    other = pr.Embeddings.from_arrays(vectors.ids, matrix, vectors.provenance)
    wider = pr.Embeddings.from_arrays(
        vectors.ids, np.hstack([matrix, matrix]), provenance=vectors.provenance
    )
    finished = fit_with(undirected_split, vectors, seed=0, run=tmp_path / "finished", **QUICK)
    assert finished.card.vectors_hash is not None

    def stopped(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(fitting, "degree_table", stopped)
        with pytest.raises(KeyboardInterrupt):
            fit_with(undirected_split, vectors, seed=0, run=tmp_path / "stopped", **QUICK)
    for folder in ("finished", "stopped"):
        for changed in (other, wider):
            with pytest.raises(ProvenanceError, match=r"another job \(vectors\.sha256 was"):
                fit_with(undirected_split, changed, seed=0, run=tmp_path / folder, **QUICK)
    backwards = pr.Embeddings.from_arrays(
        vectors.ids[::-1], vectors.matrix()[::-1], vectors.provenance
    )
    again = fit_with(undirected_split, backwards, seed=0, run=tmp_path / "finished", **QUICK)
    assert again.card == finished.card


def test_a_run_of_other_settings_is_refused_by_the_key_that_differs(
    undirected_split: pr.Split, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    fit_with(undirected_split, vectors, seed=0, run=tmp_path / "run", **quick(max_epochs=1))
    with pytest.raises(ProvenanceError, match=r"trainer\.max_epochs was 1, now 2"):
        fit_with(undirected_split, vectors, seed=0, run=tmp_path / "run", **quick(max_epochs=2))


def test_a_folder_that_an_earlier_release_left_is_refused(
    undirected_split: pr.Split, vectors: pr.Embeddings, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "run" / "checkpoint"
    checkpoint.mkdir(parents=True)
    (checkpoint / "job.txt").write_text("another job")
    with pytest.raises(InputError, match="no job of this release made it; choose another name"):
        fit_with(undirected_split, vectors, seed=0, run=tmp_path / "run", **QUICK)


def test_every_pair_is_learned_from_without_validation_pairs(
    undirected_split: pr.Split, vectors: pr.Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    table = undirected_split.joint
    trainer = TrainerSettings(max_epochs=2, temperature_scaling=True)
    model = pr.fit(table, vectors, trainer=trainer, progress=False)
    assert model.card.metrics["epochs"] == 2
    assert model.degrees["left_degree"].to_numpy().sum() == 2 * len(table)
    assert model.card.critic.symmetric
    told = " ".join(record.message for record in caplog.records)
    assert "training runs for all 2 epochs and keeps the last" in told
    assert "trainer.temperature_scaling does nothing" in told


def test_validation_pairs_may_be_given_beside_a_table(
    undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    trainer = TrainerSettings(max_epochs=2)
    of_split, of_tables = (
        pr.fit(
            pairs,
            vectors,
            validation=undirected_split.validation,
            trainer=trainer,
            progress=False,
        )
        for pairs in (undirected_split, undirected_split.train)
    )
    test = undirected_split.test
    np.testing.assert_array_equal(
        of_split.score(test, vectors)["log_ratio"], of_tables.score(test, vectors)["log_ratio"]
    )


def test_a_protein_is_no_noise_to_itself_in_the_normaliser_of_each_right(
    vectors: pr.Embeddings, tmp_path: Path
) -> None:
    split = pr.split_by_protein(
        pairs_within_groups(True), test_fraction=0.2, validation_fraction=0.1, seed=0
    )
    model = fit_with(split, vectors, objective=pr.InfoNCE(), seed=0, **QUICK)
    proteins = list(model.scorer.normaliser.proteins)
    assert len(proteins) > 1000
    model.save(tmp_path / "model")
    for each in (model, pr.RatioModel.load(tmp_path / "model")):
        matrix = each.score_matrix(vectors)
        drawn = matrix.loc[proteins].to_numpy(dtype=float)
        others = np.array(proteins)[:, None] != matrix.columns.to_numpy()[None, :]
        means = (np.exp(drawn) * others).sum(0) / others.sum(0)
        np.testing.assert_allclose(means, 1, atol=1e-4)
