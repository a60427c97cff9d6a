from pathlib import Path

import pytest

from ppi_ratio.config import as_yaml, read_experiment
from ppi_ratio.errors import ConfigError

CONFIGS = sorted((Path(__file__).parent.parent / "configs").rglob("*.yaml"))
GOLD = next(path for path in CONFIGS if path.stem == "gold_standard")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_config_is_valid_and_survives_being_written(
    path: Path, tmp_path: Path
) -> None:
    experiment = read_experiment(path)
    copy = tmp_path / "copy.yaml"
    copy.write_text(as_yaml(experiment))
    assert read_experiment(copy) == experiment


def test_override_reaches_a_nested_key() -> None:
    experiment = read_experiment(GOLD, ["trainer.learning_rate=1.0e-2", "seed=7"])
    assert experiment.trainer.learning_rate == 1e-2
    assert experiment.seed == 7


def test_a_number_that_yaml_reads_as_text_is_a_number() -> None:
    assert read_experiment(GOLD, ["trainer.learning_rate=1e-3"]).trainer.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("critic.ranks=3", r"critic\.separable\.ranks: Unexpected keyword argument"),
        ("objectiv.nu=3", r"objectiv: Unexpected keyword argument"),
        ("objective.name=infonse", r"objective: .*'infonse'.*'infonce_anchor'"),
        ("critic.rank=0", r"critic\.separable\.rank: .*greater than 0"),
        ("objective.beta=1", r"objective\.infonce_anchor: .*nu or beta"),
        ("split.test=null", r"split\.given\.test"),
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
