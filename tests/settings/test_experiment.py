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
    return re.sub(r"(?ms)^split:.*?^(?=noise)", f"split: {{{settings}}}\n", GOLD.read_text())


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
def test_every_kind_of_split_can_be_configured(
    settings: str, expected: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(split_text(f"{settings}, {DRAWN}"))
    experiment = read_experiment(path)
    assert {key: getattr(experiment.split, key) for key in expected} == expected
    path.write_text(as_yaml(experiment))
    assert read_experiment(path) == experiment


def test_a_split_that_does_not_go_with_its_keys_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(split_text(f"name: pair, test_fraction: 0.2, disjoint: true, {DRAWN}"))
    with pytest.raises(ConfigError, match=r"split\.pair: .*disjoint is of splits by protein"):
        read_experiment(path)
    path.write_text(split_text(f"name: cluster, test_fraction: 0.2, {DRAWN}"))
    with pytest.raises(ConfigError) as caught:
        read_experiment(path)
    assert "split.cluster.fasta: Field required" in str(caught.value)
    assert "split.cluster.min_identity: Field required" in str(caught.value)


def test_a_number_that_yaml_reads_as_text_is_a_number() -> None:
    assert read_experiment(GOLD, ["trainer.learning_rate=1e-3"]).trainer.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("critic.ranks=3", r"critic\.separable\.ranks: Unexpected keyword argument"),
        ("objectiv.nu=3", r"objectiv: Unexpected keyword argument"),
        ("objective.name=infonse", r"objective: .*'infonse'.*'infonce_anchor'"),
        ("critic.rank=0", r"critic\.separable\.rank: .*greater than 0"),
        ("objective.nu=1", r"objective\.infonce_anchor: .*nu or beta"),
        ("split.test=null", r"split\.given\.test"),
        ("seed=-1", r"seed: Input should be greater than or equal to 0"),
        ("seed=4294967296", r"seed: Input should be less than or equal to 4294967295"),
        ("seed", r"--set seed: expected key.path=value"),
        ("seed.x=1", r"--set seed.x=1: seed holds a value"),
    ],
)
def test_a_wrong_key_is_answered_with_its_path(override: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        read_experiment(GOLD, [override])


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_experiment(GOLD, ["critic.rank=0", "trainer.patience=0"])
    assert "critic.separable.rank" in str(caught.value)
    assert "trainer.patience" in str(caught.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "!!python/object/apply:os.system ['true']"])
def test_a_file_that_is_no_configuration_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        read_experiment(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such configuration"):
        read_experiment(tmp_path / "none.yaml")
