import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from command_line import Run
from small_world import pairs_within_groups

from ppi_ratio.comparison.comparing import compare
from ppi_ratio.comparison.fold_runs import BaselineRun, ModelRun, RunScores
from ppi_ratio.comparison.folds import read_folds, read_vectors
from ppi_ratio.comparison.held_out import ALL_ORDERED, HeldOutProteins
from ppi_ratio.comparison.plan import Plan, plan_runs
from ppi_ratio.comparison.scorers import scored_groups
from ppi_ratio.comparison.tables import ComparisonTables
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.evaluation.baselines import ULSIF, BaselineTask, IdPairs
from ppi_ratio.evaluation.metrics import auroc, seed_interval
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.report.page import write_report
from ppi_ratio.runs.comparing import run_comparison
from ppi_ratio.settings.comparison import read_comparison

CONFIG = {
    "title": "two objectives",
    "split": {
        "name": "protein",
        "directed": False,
        "test_fraction": 0.3,
        "validation_fraction": 0.15,
        "seed": 0,
    },
    "objectives": [{"name": "infonce_anchor"}, {"name": "infonce"}],
    "critics": [{"name": "bilinear", "rank": 4, "symmetric": True}],
    "trainer": {"batch_size": 64, "max_epochs": 3},
    "n_splits": 2,
    "n_seeds": 2,
    "baselines": ["degree", "cosine", "identity"],
}


def written(folder: Path, vectors: Embeddings) -> Path:
    vectors_path, pairs_path = folder / "vectors.npz", folder / "pairs.tsv"
    matrix = vectors.matrix(vectors.rows(np.array(vectors.ids, dtype=object)))
    np.savez(vectors_path, ids=np.array(vectors.ids), vectors=matrix)
    pairs_within_groups(False).frame.to_csv(pairs_path, sep="\t", index=False, header=False)
    values = CONFIG | {"embeddings": str(vectors_path)}
    values["split"] = CONFIG["split"] | {"pairs": str(pairs_path)}
    path = folder / "compare.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


@pytest.fixture
def config(tmp_path: Path, vectors: Embeddings) -> Path:
    return written(tmp_path, vectors)


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, vectors: Embeddings
) -> tuple[Path, ComparisonTables]:
    """The run folder of two objectives, splits and seeds each, and its tables."""
    folder = tmp_path_factory.mktemp("finished")
    comparison = read_comparison(written(folder, vectors), [])
    return folder / "run", run_comparison(comparison, folder / "run", workers=1)


Finished = tuple[Path, ComparisonTables]


def test_results_have_every_run(finished: Finished) -> None:
    folder, tables = finished
    results = tables.results
    models = results.query("kind == 'model' and metric == 'auroc'")
    runs = set(zip(models["split"], models["scorer"], models["seed"], strict=True))
    assert len(runs) == 2 * 2 * 2
    assert set(results["scorer"]) == {
        "infonce_anchor",
        "infonce",
        "infonce_anchor ensemble",
        "infonce ensemble",
        "degree",
        "cosine",
    }
    for name in ("results", "summary", "differences", "curves", "proteins", "history"):
        assert len(pd.read_parquet(folder / f"{name}.parquet"))
    sheet = json.loads((folder / "comparison.json").read_text())
    assert [split["seed"] for split in sheet["data"]["splits"]] == [0, 1]
    assert not [path for path in (folder / "runs").iterdir() if path.is_dir()]


def test_summary_and_differences_are_means_over_the_results(finished: Finished) -> None:
    where = (
        "pairs == 'C3' and non_pairs == 'degree-matched' and metric == 'auroc' and kind == 'model'"
    )
    tables = finished[1]
    values = tables.results.query(where).pivot_table("value", "scorer", "split")
    for scorer, row in tables.summary.query(where).set_index("scorer").iterrows():
        expected = seed_interval(values.loc[str(scorer)].to_numpy())
        assert (row["mean"], row["low"]) == pytest.approx((expected.value, expected.low))
    row = tables.differences.query(where).set_index("scorer").loc["infonce"]
    gaps = values.loc["infonce"] - values.loc["infonce_anchor"]
    assert row["difference"] == pytest.approx(gaps.mean())
    assert row["reference"] == "infonce_anchor"


def test_an_ensemble_has_the_mean_scores_of_its_seeds(finished: Finished) -> None:
    folder, tables = finished
    parts = [np.load(path) for path in sorted(folder.glob("runs/0-infonce_anchor-*.npz"))]
    assert len(parts) == 2
    where = "split == 0 and scorer == 'infonce_anchor ensemble' and metric == 'auroc'"
    row = tables.results.query(where).iloc[0]
    mean = (parts[0]["group_0"] + parts[1]["group_0"]) / 2
    labels = np.repeat([1, 0], [row["n_joint"], row["n_non_pairs"]])
    assert row["value"] == pytest.approx(auroc(labels, mean))


def test_vectors_may_stand_in_several_files(config: Path, tmp_path: Path) -> None:
    with np.load(tmp_path / "vectors.npz") as held:
        for name, rows in (("a", slice(0, 70)), ("b", slice(70, None))):
            np.savez(tmp_path / name, ids=held["ids"][rows], vectors=held["vectors"][rows])
    paths = ", ".join(str(tmp_path / f"{name}.npz") for name in "ab")
    whole = read_vectors(read_comparison(config, []))
    parts = read_vectors(read_comparison(config, [f"embeddings=[{paths}]"]))
    assert parts.ids == whole.ids
    np.testing.assert_array_equal(parts.matrix(), whole.matrix())


def test_the_classes_of_a_comparison_know_equal_sequences(config: Path, tmp_path: Path) -> None:
    """Every protein of test pairs has the sequence of a training protein, under another id."""
    rng = np.random.default_rng(0)
    names = [f"P{number}" for number in range(40)]
    renamed = [f"Q{number}" for number in range(40)]
    ends = rng.permuted(np.tile(np.arange(40), (30, 1)), axis=1)[:, :2]
    for part, ids in (("train", names), ("validation", names), ("test", renamed)):
        lines = "".join(f"{ids[left]}\t{ids[right]}\n" for left, right in ends)
        (tmp_path / f"{part}.tsv").write_text(lines)
    tables = {part: str(tmp_path / f"{part}.tsv") for part in ("train", "validation", "test")}
    split = yaml.safe_dump({"name": "given", "directed": False, **tables}, default_flow_style=True)
    comparison = read_comparison(config, [f"split={split.strip()}", "n_splits=1"])
    hashes = [f"sequence of {number}" for number in (*range(40), *range(40))]
    matrix = np.tile(rng.normal(size=(40, 4)), (2, 1))
    vectors = Embeddings.from_arrays([*names, *renamed], matrix, hashes=hashes)
    (fold,) = read_folds(comparison, vectors)
    assert {group.pairs for group in fold.groups} == {"C1"}


def test_a_missing_vector_file_leaves_no_folder(config: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nosuch\.h5"):
        run_comparison(read_comparison(config, ["embeddings=nosuch.h5"]), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.long
def test_the_number_of_processes_does_not_change_the_results(config: Path, tmp_path: Path) -> None:
    comparison = read_comparison(
        config, ["baselines=[]", "n_splits=1", "n_seeds=1", "trainer.max_epochs=1"]
    )
    alone = run_comparison(comparison, tmp_path / "alone", workers=1)
    together = run_comparison(comparison, tmp_path / "together", workers=2)
    pd.testing.assert_frame_equal(alone.results, together.results)


def test_comparisons_in_memory_and_in_a_folder_have_equal_results(
    config: Path, tmp_path: Path
) -> None:
    words = ["n_splits=1", "n_seeds=1", "trainer.max_epochs=1", "baselines=[degree]"]
    comparison = read_comparison(config, words)
    in_folder = run_comparison(comparison, tmp_path / "run", workers=1, progress=False)
    in_memory = compare(comparison, progress=False)
    pd.testing.assert_frame_equal(in_memory.results, in_folder.results)


def test_other_files_in_the_folder_are_kept(config: Path, tmp_path: Path) -> None:
    words = ["n_splits=1", "n_seeds=1", "trainer.max_epochs=1", "baselines=[degree]"]
    run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)
    (tmp_path / "run" / "notes.txt").write_text("mine")
    words[3] = "baselines=[]"
    run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"
    assert "degree" not in (tmp_path / "run" / "config.yaml").read_text().split("baselines")[1]


def test_finished_runs_are_not_computed_again(config: Path, tmp_path: Path) -> None:
    comparison = read_comparison(
        config, ["n_splits=1", "trainer.max_epochs=1", "baselines=[degree]"]
    )
    whole = run_comparison(comparison, tmp_path / "run", workers=1)
    lost, *kept = sorted((tmp_path / "run" / "runs").glob("*infonce*.npz"))
    lost.unlink()
    before = {path: path.stat().st_mtime_ns for path in kept}
    again = run_comparison(comparison, tmp_path / "run", workers=1)
    pd.testing.assert_frame_equal(again.results, whole.results)
    assert lost.exists()
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    assert sorted(path.name for path in tmp_path.glob("run*")) == ["run"]


def test_tuning_chooses_the_setting_with_the_highest_validation_auroc(
    config: Path, tmp_path: Path
) -> None:
    comparison = read_comparison(
        config, ["tuning={learning_rate: [1.0e-5, 1.0e-2]}", "n_splits=1", "n_seeds=1"]
    )
    run_comparison(comparison, tmp_path / "run", workers=1)
    tuned = pd.read_parquet(tmp_path / "run" / "tuning.parquet")
    assert tuned["chosen"].tolist().count(True) == 2
    for scorer in ("infonce_anchor", "infonce"):
        own = tuned.query(f"scorer == '{scorer}'").sort_values("validation_auroc")
        assert own["chosen"].tolist() == [False, True]


def test_tuning_is_the_same_with_and_without_refitting(config: Path, tmp_path: Path) -> None:
    words = ["tuning={learning_rate: [1.0e-3, 1.0e-2]}", "n_splits=1", "n_seeds=1"]
    tuned = []
    for name in ("false", "true"):
        comparison = read_comparison(config, [*words, f"trainer.refit={name}"])
        run_comparison(comparison, tmp_path / name, workers=1)
        tuned.append(pd.read_parquet(tmp_path / name / "tuning.parquet"))
    pd.testing.assert_frame_equal(*tuned)
    assert "validation pairs together" in write_report(tmp_path / "true").read_text()


@pytest.mark.parametrize("scorer", ["infonce_anchor", "degree"])
def test_with_refitting_models_and_baselines_learn_from_the_same_pairs(
    scorer: str, config: Path, tmp_path: Path
) -> None:
    comparison = read_comparison(config, ["n_splits=1", "n_seeds=1", "trainer.refit=true"])
    (fold,) = read_folds(comparison, read_vectors(comparison))
    split = fold.split
    assert len(fold.learned) == len(split.train) + len(split.validation)
    runs = plan_runs(Plan.of(comparison), {})
    run = next(run for run in runs if run.scorer == scorer)
    both = run.compute(fold).scores
    if isinstance(run, ModelRun):
        run = replace(run, trainer=replace(run.trainer, refit=False))
    less = run.compute(replace(fold, learned=split.train)).scores
    changed = [
        not np.allclose(scores, others)
        for scores, others in zip(both.groups, less.groups, strict=True)
        if scores is not None and others is not None
    ]
    assert any(changed)  # whom neither has seen has no degree


def test_with_refitting_a_baseline_draws_no_noise_between_proteins_held_apart(
    config: Path, tmp_path: Path
) -> None:
    words = ["n_splits=1", "trainer.refit=true", "split.disjoint=true", "baselines=[ulsif]"]
    comparison = read_comparison(config, words)
    (fold,) = read_folds(comparison, read_vectors(comparison))
    split, group = fold.split, fold.groups[0]
    assert split.held_apart == set(split.validation.joint.ids)
    (found, *_) = BaselineRun(0, "ulsif").compute(fold).scores.groups
    pairs = group.table.frame
    task = BaselineTask(
        degrees=degree_table(fold.learned),
        candidates=IdPairs(pairs["left"].to_numpy(), pairs["right"].to_numpy()),
        directed=False,
        vectors=fold.vectors,
        training=fold.learned,
    )
    assert found is not None
    apart = replace(task, held_apart=split.held_apart)
    np.testing.assert_allclose(found, ULSIF().score(apart), atol=1e-5)
    assert not np.allclose(found, ULSIF().score(task), atol=1e-2)


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("split.seed=1", "split"),
        ("seed=1", "seed"),
        ("trainer.refit=true", "trainer.refit"),
        ("keep_models=true", "keep_models"),
        ("renormalise=true", "renormalise"),
    ],
)
def test_a_folder_with_runs_of_other_settings_is_refused(
    override: str, named: str, config: Path, tmp_path: Path
) -> None:
    words = ["n_splits=1", "n_seeds=1", "trainer.max_epochs=1", "baselines=[degree]"]
    run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)
    before = (tmp_path / "run" / "config.yaml").read_text()
    with pytest.raises(
        ProvenanceError, match=rf"result of another job \({re.escape(named)}[ .].*was"
    ):
        run_comparison(read_comparison(config, [*words, override]), tmp_path / "run", workers=1)
    assert (tmp_path / "run" / "config.yaml").read_text() == before
    run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)


@pytest.mark.parametrize(
    ("file", "named"),
    [("vectors.npz", "vectors was"), ("pairs.tsv", "pairs was")],
)
def test_runs_on_files_that_have_changed_are_refused(
    file: str, named: str, config: Path, vectors: Embeddings, tmp_path: Path
) -> None:
    comparison = read_comparison(config, ["n_splits=1", "n_seeds=1", "trainer.max_epochs=1"])
    run_comparison(comparison, tmp_path / "run", workers=1)
    if file == "vectors.npz":
        matrix = vectors.matrix()
        matrix[comparison.seed] += 1  # of one protein
        np.savez(tmp_path / file, ids=np.array(vectors.ids), vectors=matrix)
    else:
        lines = (tmp_path / file).read_text().splitlines(keepends=True)
        (tmp_path / file).write_text("".join(lines[1:]))
    with pytest.raises(ProvenanceError, match=named):
        run_comparison(comparison, tmp_path / "run", workers=1)
    with pytest.raises(ProvenanceError, match=named):  # refused once, refused again
        run_comparison(comparison, tmp_path / "run", workers=1)


def test_a_folder_with_a_damaged_job_file_is_refused(config: Path, tmp_path: Path) -> None:
    words = ["n_splits=2", "n_seeds=1", "trainer.max_epochs=1", "baselines=[degree]"]
    run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)
    words[0] = "n_splits=1"
    run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)
    runs = {path.name[0] for path in (tmp_path / "run" / "runs").iterdir()}
    assert runs == {"0", "1"}  # runs of both splits are still there
    (tmp_path / "run" / "job.json").write_text("{")
    with pytest.raises(InputError, match="no job of this release made it"):
        run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)


def test_the_hash_of_pairs_depends_on_the_order_of_rows(config: Path) -> None:
    comparison = read_comparison(config, [])
    fold, _ = read_folds(comparison, read_vectors(comparison))
    group = fold.groups[0]
    turned = replace(group.table, frame=group.table.frame[::-1])
    other = replace(fold, groups=(replace(group, table=turned), *fold.groups[1:]))
    assert fold.pairs_hash() != other.pairs_hash()


def test_added_seeds_and_baselines_are_computed_and_old_runs_are_kept(
    config: Path, tmp_path: Path
) -> None:
    words = ["n_splits=1", "n_seeds=1", "trainer.max_epochs=1", "baselines=[degree]"]
    less = run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "runs").glob("*.npz")}
    assert len(kept) == 3
    words[1:] = ["n_seeds=2", "trainer.max_epochs=1", "baselines=[degree, ulsif]"]
    more = run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    both = less.results.merge(more.results)
    assert len(both) == len(less.results)
    assert {"ulsif", "infonce ensemble"} <= set(more.summary["scorer"])


def test_an_ensemble_of_several_scorers_is_the_mean_of_their_log_ratios(
    config: Path, tmp_path: Path
) -> None:
    members = ["infonce", "ulsif"]
    comparison = read_comparison(
        config, ["n_splits=1", "baselines=[ulsif]", f"ensembles=[[{', '.join(members)}]]"]
    )
    folds = read_folds(comparison, read_vectors(comparison))
    runs = plan_runs(Plan.of(comparison), {})
    scores = {run.key: run.compute(folds[0]).scores for run in runs}
    scored = list(scored_groups(runs, scores, folds, Plan.of(comparison).ensembles))
    joined = [each for each in scored if each.scorer == "infonce + ulsif ensemble"]
    assert len(joined) == len(folds[0].groups)
    for number, found in enumerate(joined):
        first, second, other = (
            scores[run.key].groups[number] for run in runs if run.scorer in members
        )
        assert first is not None
        assert second is not None
        assert other is not None
        expected = (first + (second + other) / 2) / 2  # baselines come first
        np.testing.assert_allclose(found.pairs.scores, expected)
        assert found.calibrated


def test_renormalised_models_and_ensembles_have_a_mean_ratio_of_one_over_noise(
    config: Path, tmp_path: Path
) -> None:
    words = ["n_splits=1", "baselines=[ulsif, cosine]", "ensembles=[[infonce, ulsif]]"]
    found = {}
    for name in ("true", "false"):
        comparison = read_comparison(config, [*words, f"renormalise={name}"])
        found[name] = run_comparison(comparison, tmp_path / name, workers=1).results
    (fold,) = read_folds(comparison, read_vectors(comparison))
    assert "normalised over that of the test pairs" in write_report(tmp_path / "true").read_text()
    runs = [RunScores.read(path) for path in sorted((tmp_path / "true" / "runs").glob("*.npz"))]
    assert [len(run.noise) for run in runs].count(0) == 1  # cosine is no log ratio
    for number, group in enumerate(fold.groups):
        noise = group.noise(comparison.seed)
        sizes = {len(there(run.noise[number])) for run in runs if run.noise}
        assert sizes == {len(noise.frame)}
    results = found["true"].merge(
        found["false"],
        on=["split", "critic", "scorer", "kind", "seed", "pairs", "non_pairs", "metric"],
    )
    assert len(results) == len(found["true"])
    ranks = results["metric"].isin(["auroc", "auprc", "per_protein_auroc"]).to_numpy()
    before, after = (results[f"value_{which}"].to_numpy() for which in "xy")
    np.testing.assert_allclose(before[ranks], after[ranks], atol=1e-9)
    judged = (results["metric"] == "ece").to_numpy()
    assert judged.sum() >= 2 * 4
    assert (before[judged] != after[judged]).all()


def test_an_ensemble_is_normalised_over_the_mean_of_its_members_noise(
    config: Path, tmp_path: Path
) -> None:
    words = ["n_splits=1", "baselines=[ulsif]", "ensembles=[[infonce, ulsif]]", "renormalise=true"]
    comparison = read_comparison(config, words)
    (fold,) = read_folds(comparison, read_vectors(comparison))
    runs = plan_runs(Plan.of(comparison), {})
    scores = {run.key: run.compute(fold).scores for run in runs}
    found = {
        (each.scorer, each.group.name, each.seed): each.pairs.scores
        for each in scored_groups(runs, scores, [fold], Plan.of(comparison).ensembles)
    }
    for number, group in enumerate(fold.groups):
        (ratio,), members = (
            [scores[run.key] for run in runs if run.scorer == name] for name in ("ulsif", "infonce")
        )
        values, noise = (
            (np.mean([there(each[number]) for each in parts], axis=0) + there(own[number])) / 2
            for parts, own in (
                ([each.groups for each in members], ratio.groups),
                ([each.noise for each in members], ratio.noise),
            )
        )
        expected = values - np.log(np.exp(noise).mean())
        joined = found["infonce + ulsif ensemble", group.name, -1]
        np.testing.assert_allclose(joined, expected, atol=1e-5)
        values, noise = (there(each[number]) for each in (members[0].groups, members[0].noise))
        expected = values - np.log(np.exp(noise).mean())
        np.testing.assert_allclose(found["infonce", group.name, 0], expected, atol=1e-5)


def there(scores: np.ndarray | None) -> np.ndarray:
    assert scores is not None
    return scores


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("baselines=[oracle]", "there is no baseline 'oracle'; choose from degree"),
        ("tuning={rank: [1, 2]}", r"unknown key `tuning\.rank`; tune trainer settings: batch_size"),
        ("tuning={refit: [0, 1]}", r"`tuning\.refit`: cannot be tuned, because"),
        ("objectives=[]", "objectives"),
        ("objectives=[{name: nwj}, {name: nwj}]", "`objectives`: two entries are equal"),
        ("n_splits=0", "n_splits"),
        (
            "ensembles=[[infonce, degree]]",
            "'degree' gives no log ratios in this comparison; choose from",
        ),
        ("ensembles=[[infonce, ulsif]]", "'ulsif' gives no log ratios"),
        ("ensembles=[[infonce]]", "ensembles"),
    ],
)
def test_wrong_settings_are_refused(config: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_comparison(config, [override])


def test_scorers_without_log_ratios_have_no_ensembles_and_no_calibration_metrics(
    config: Path, tmp_path: Path
) -> None:
    objectives = "objectives=[{name: infonce}, {name: ml_cpc}]"
    with pytest.raises(ConfigError, match="'ml_cpc' gives no log ratios in this"):
        read_comparison(config, [objectives, "ensembles=[[infonce, ml_cpc]]"])
    words = [objectives, "n_splits=1", "trainer.max_epochs=1", "baselines=[degree]"]
    tables = run_comparison(read_comparison(config, words), tmp_path / "run", workers=1)
    judged = tables.summary.query("metric == 'log_loss'")
    assert set(judged["scorer"]) == {"infonce", "infonce ensemble"}
    curves = pd.read_parquet(tmp_path / "run" / "curves.parquet")
    assert "ml_cpc" not in set(curves.query("curve == 'reliability'")["scorer"])
    assert "ml_cpc" in write_report(tmp_path / "run").read_text()


def test_a_critic_that_does_not_fit_the_vectors_is_refused_before_training(
    config: Path, tmp_path: Path
) -> None:
    critics = "critics=[{name: bilinear, symmetric: true}, {name: attentive, symmetric: true}]"
    with pytest.raises(ConfigError, match=r"critic\.segments: vectors of 12 numbers"):
        run_comparison(read_comparison(config, [critics]), tmp_path / "run", workers=1)
    assert not (tmp_path / "run").exists()


def test_the_command_prints_the_summary(run: Run, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ["--set", "n_splits=1", "--set", "n_seeds=1", "--set", "trainer.max_epochs=1"]
    outcome = run("compare", config, "--out", out, "--workers", "1", *words)
    assert outcome.code == 0, outcome.err
    assert "infonce_anchor" in outcome.out


@pytest.mark.parametrize("published", [False, True])
def test_all_pairs_of_held_out_proteins_are_tested_and_none_is_trained_on(published: bool) -> None:
    pairs = pairs_within_groups(True)
    protocol = HeldOutProteins(n_held_out=40, published=published)
    split = protocol.split(pairs, seed=3)
    held_out = set(split.test.ids)
    n = len(held_out)
    assert n < 40 if published else n == 40
    assert len(split.test) == (n**2 if published else n * (n - 1))
    assert not held_out & set(split.train.ids)
    assert bool(held_out & set(split.validation.ids)) == published
    listed = set(map(tuple, pairs.frame[["left", "right"]].to_numpy()))
    joint = set(map(tuple, split.test.joint.frame.to_numpy()))
    assert joint == {pair for pair in listed if set(pair) <= held_out}
    again = protocol.split(pairs, seed=3)
    assert again.content_hash() == split.content_hash()


def test_proteins_of_role_matched_candidates_have_the_right_roles() -> None:
    pairs = pairs_within_groups(True)
    protocol = HeldOutProteins(n_held_out=40)
    split = protocol.split(pairs, seed=0)
    groups = {group.non_pairs: group for group in protocol.groups(split, pairs, seed=0)}
    lefts, rights = set(pairs.frame["left"]), set(pairs.frame["right"])
    matched = groups["role-matched"].table.frame
    assert set(matched["left"]) <= lefts
    assert set(matched["right"]) <= rights
    role = groups[ALL_ORDERED].table.frame
    knows_role = role["left"].isin(list(lefts)) & role["right"].isin(list(rights))
    assert auroc(role["label"].to_numpy(), knows_role.to_numpy().astype(float)) > 0.5
    assert len(groups["degree-matched"].table.joint) == len(split.test.joint)


def test_published_scaling_uses_statistics_of_the_test_proteins(vectors: Embeddings) -> None:
    pairs = pairs_within_groups(True)
    protocol = HeldOutProteins(n_held_out=40, published=True)
    split = protocol.split(pairs, seed=0)
    scaled = protocol.scaled_vectors(split, pairs, vectors)
    own = scaled.matrix(scaled.rows(np.array(split.test.ids, dtype=object)))
    np.testing.assert_allclose(own.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(own.std(0), 1, atol=1e-4)
    assert HeldOutProteins().scaled_vectors(split, pairs, vectors) is vectors


CONFIGS = sorted((Path(__file__).parents[2] / "configs" / "compare").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_comparisons_are_valid(path: Path) -> None:
    comparison = read_comparison(path, [])
    assert Plan.of(comparison).reference == "infonce_anchor"
