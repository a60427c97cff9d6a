import re
from pathlib import Path

import pytest

from ppi_ratio.comparison.plan import Plan
from ppi_ratio.errors import ConfigError
from ppi_ratio.settings.comparison import read_comparison
from ppi_ratio.settings.experiment import as_yaml, read_experiment

FOLDER = Path(__file__).parents[2] / "configs"
COMPARISONS = sorted((FOLDER / "compare").glob("*.yaml"))
CONFIGS = [path for path in sorted(FOLDER.rglob("*.yaml")) if path not in COMPARISONS]
GOLD = FOLDER / "human" / "gold_standard.yaml"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_config_is_valid_and_survives_being_written(
    path: Path, tmp_path: Path
) -> None:
    experiment = read_experiment(path)
    copy = tmp_path / "copy.yaml"
    copy.write_text(as_yaml(experiment))
    assert read_experiment(copy) == experiment


@pytest.mark.parametrize("path", COMPARISONS, ids=lambda path: path.stem)
def test_every_shipped_comparison_is_valid(path: Path) -> None:
    comparison = read_comparison(path, [])
    assert Plan.of(comparison).reference == "infonce_anchor"


def test_override_reaches_a_nested_key() -> None:
    experiment = read_experiment(GOLD, ["trainer.learning_rate=1.0e-2", "seed=7"])
    assert experiment.trainer.learning_rate == 1e-2
    assert experiment.seed == 7


def split_text(settings: str) -> str:
    return re.sub(r"(?ms)^split:.*?^(?=critic)", f"split: {{{settings}}}\n", GOLD.read_text())


DRAWN = "pairs: p.tsv, directed: false, validation_fraction: 0.1, seed: 0"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("name: protein, test_fraction: 0.2, disjoint: true", {"disjoint": True}),
        (
            "name: cluster, test_fraction: 0.2, fasta: p.fasta, min_identity: 0.4",
            {"fasta": Path("p.fasta"), "min_identity": 0.4, "method": "auto"},
        ),
        ("name: species, test_species: [4932, YEAST]", {"test_species": ("4932", "YEAST")}),
    ],
)
def test_every_kind_of_drawn_split_can_be_configured(
    settings: str, expected: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(split_text(f"{settings}, {DRAWN}"))
    experiment = read_experiment(path)
    assert {key: getattr(experiment.split, key) for key in expected} == expected
    path.write_text(as_yaml(experiment))
    assert read_experiment(path) == experiment


@pytest.mark.parametrize("given", [("train",), ("train", "validation"), ("train", "test")])
def test_validation_and_test_tables_may_be_missing(given: tuple[str, ...], tmp_path: Path) -> None:
    for part in given:
        (tmp_path / f"{part}.tsv").write_text("P1 P2\nP3 P4\n")
    keys = ", ".join(f"{part}: {tmp_path / part}.tsv" for part in given)
    path = tmp_path / "config.yaml"
    path.write_text(split_text(f"name: given, {keys}, directed: false"))
    experiment = read_experiment(path)
    split = experiment.split.read()
    assert {part for part, table in split.parts.items() if len(table)} == set(given)
    path.write_text(as_yaml(experiment))
    assert read_experiment(path) == experiment


@pytest.mark.parametrize("missing", ["validation", "test"])
def test_a_comparison_needs_validation_and_test_tables(missing: str) -> None:
    with pytest.raises(ConfigError, match=rf"split\.{missing}`: a comparison .* needs this table"):
        read_comparison(FOLDER / "compare" / "gold_standard.yaml", [f"split.{missing}=null"])


def test_keys_that_do_not_fit_the_kind_of_split_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(split_text(f"name: pair, test_fraction: 0.2, disjoint: true, {DRAWN}"))
    with pytest.raises(ConfigError, match="`split`: a split by pair cannot be disjoint"):
        read_experiment(path)
    path.write_text(split_text(f"name: cluster, test_fraction: 0.2, {DRAWN}"))
    with pytest.raises(ConfigError) as caught:
        read_experiment(path)
    assert "missing key `split.fasta`" in str(caught.value)
    assert "missing key `split.min_identity`" in str(caught.value)


def test_a_number_that_yaml_reads_as_text_is_a_number() -> None:
    assert read_experiment(GOLD, ["trainer.learning_rate=1e-3"]).trainer.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("critic.ranks=3", r"unknown key `critic\.ranks`; did you mean `rank`\?"),
        ("trainer.batchsize=3", r"unknown key `trainer\.batchsize`; did you mean `batch_size`\?"),
        ("split.hue=3", "unknown key `split.hue`; choose from train, validation, test,"),
        ("objectiv.nu=3", r"unknown key `objectiv`; did you mean `objective`\?"),
        ("colour=3", "unknown key `colour`; choose from embeddings, split, .*, match_ids$"),
        ("objective.name=infonse", r'`objective\.name`: there is no "infonse"; did you mean `info'),
        ("critic={rank: 8}", "missing key `critic.name`"),
        ("critic.rank=0", r"`critic\.rank`: expected a number greater than 0, got 0"),
        ("critic.rank=four", r'`critic\.rank`: expected a whole number, got "four"'),
        ("critic.rank=1.5", r"`critic\.rank`: expected a whole number, got 1\.5"),
        ("critic.hidden=3", r"`critic\.hidden`: expected a list, got 3"),
        ("critic.symmetric=3", r"`critic\.symmetric`: expected true or false, got 3"),
        ("trainer=3", "`trainer`: expected keys and values, got 3"),
        ("trainer.monitor=x", "`trainer.monitor`: expected 'loss' or 'auroc', got \"x\""),
        ("embeddings=3", "`embeddings`: expected a path, got 3"),
        ("encoder=3", "`encoder`: expected text, got 3"),
        ("objective.nu=1", r"`objective`: .*nu or beta"),
        ("split.train=null", r"`split\.train`: expected a path, got null"),
        ("seed=-1", r"`seed`: expected a number greater than or equal to 0, got -1"),
        ("seed=4294967296", r"`seed`: expected a number less than or equal to 4294967295"),
        ("seed=.inf", r"`seed`: expected a finite number, got inf"),
        ("seed", r"override 'seed': expected key.path=value"),
        ("seed.x=1", r"override 'seed\.x=1': `seed` has a value, so it has no keys"),
        ("critic.symmetric=false", r"`critic\.symmetric`: the pairs have no direction"),
        ("noise={name: uniform}", "`noise`: every objective learns against degree-weighted noise"),
        ("noise=degree_weighted", "`noise`: .*leave this key out"),
    ],
)
def test_a_fault_is_reported_with_the_path_of_its_key(override: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        read_experiment(GOLD, [override])


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_experiment(GOLD, ["critic.rank=0", "trainer.patience=0", "trainer.x=1", "y=2"])
    lines = str(caught.value).removeprefix(f"{GOLD}: ").splitlines()
    keys = ["critic.rank", "trainer.patience", "trainer.x", "y"]
    assert sorted(line.split("`")[1] for line in lines) == sorted(keys)


def test_a_fault_in_a_list_is_reported_with_its_position() -> None:
    wrong = ["objectives=[{name: infonce}, {name: nce, slope: 1}]", "embeddings=3"]
    with pytest.raises(ConfigError) as caught:
        read_comparison(FOLDER / "compare" / "yeast_demo.yaml", wrong)
    assert "unknown key `objectives[1].slope`" in str(caught.value)
    assert "`embeddings`: expected a path or a list, got 3" in str(caught.value)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_noise_key_of_earlier_versions_changes_nothing(path: Path) -> None:
    as_before = read_experiment(path, ["noise={name: degree_weighted}"])
    assert as_before == read_experiment(path)
    assert "\nnoise:" not in as_yaml(as_before)


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "!!python/object/apply:os.system ['true']"])
def test_a_file_that_is_not_a_configuration_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        read_experiment(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such configuration"):
        read_experiment(tmp_path / "none.yaml")
