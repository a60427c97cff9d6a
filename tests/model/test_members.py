"""What a card holds of critics and objectives that no dict lists, and what it cannot hold."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from torch import Tensor

import ppi_ratio as pr
from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.objectives import Needs, Optimum


@dataclass(frozen=True)
class Powers:
    """An objective with settings of several kinds."""

    optimum: ClassVar = Optimum.UP_TO_CONSTANT
    needs: ClassVar = Needs()
    name: str = "powers"
    powers: tuple[int, ...] = (1, 2)
    weight: Any = 0.5

    def loss(self, scores: pr.PairScores) -> Tensor:
        return sum(scores.noise_log_mean_exp() / n for n in self.powers) - scores.joint.mean()


@dataclass(frozen=True)
class WithoutNeeds:
    optimum: ClassVar = Optimum.UP_TO_CONSTANT
    name: str = "without_needs"

    def loss(self, scores: pr.PairScores) -> Tensor:
        return -scores.joint.mean()


REFUSED: dict[str, tuple[Any, str]] = {
    "a class": (Powers, "not an instance of a dataclass"),
    "no dataclass": (object(), "not an instance of a dataclass"),
    "a member's name": (Powers(name="infonce"), "Powers is called 'infonce', as InfoNCE of OBJ"),
    "a name that is no text": (Powers(name=3), "name of Powers is 3"),  # pyright: ignore[reportArgumentType]
    "no needs": (WithoutNeeds(), "the class WithoutNeeds lacks needs"),
    "an array": (Powers(weight=np.ones(2)), "cannot be stored as JSON"),
    "no number": (Powers(weight=float("nan")), "cannot be stored as JSON"),
    "numbers as keys": (Powers(weight={1: "a"}), "change when they are stored"),
}


@pytest.fixture(scope="module")
def saved(
    undirected_split: pr.Split, vectors: pr.Embeddings, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("members") / "model"
    powers = Powers(powers=(1, 3))
    trainer = pr.TrainerSettings(max_epochs=1)
    model = pr.fit(undirected_split, vectors, objective=powers, trainer=trainer, progress=False)
    model.save(path)
    return path


def test_settings_come_back_as_they_were(saved: Path) -> None:
    assert pr.RatioModel.load(saved, objective=Powers).card.objective == Powers(powers=(1, 3))


def test_the_card_names_the_class_and_no_module(saved: Path) -> None:
    stored = json.loads((saved / "model.json").read_text())["objective"]
    assert stored == {"name": "powers", "class": "Powers", "powers": [1, 3], "weight": 0.5}
    assert __name__ not in (saved / "model.json").read_text()


def test_without_its_class_a_model_says_which_to_pass(saved: Path) -> None:
    with pytest.raises(ConfigError, match=r"class Powers .*load\(path, objective=Powers\)"):
        pr.RatioModel.load(saved)


def test_another_class_than_the_one_trained_with_is_refused(saved: Path) -> None:
    with pytest.raises(ConfigError, match=r"trained with Powers .* class given is Brier"):
        pr.RatioModel.load(saved, objective=pr.Brier)
    with pytest.raises(ConfigError, match=r"trained with Separable .* class given is MLP"):
        pr.RatioModel.load(saved, objective=Powers, critic=pr.MLP)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class": 3}, "objective"),
        ({"class": None}, "'powers' is not in OBJECTIVES"),
        ({"powers": "many"}, "objective.powers"),
        ({"colour": "blue"}, "'colour' is not one of the settings of Powers"),
        ({"name": ["powers"]}, "has no name"),
    ],
)
def test_a_damaged_entry_is_named(
    saved: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    card = json.loads((saved / "model.json").read_text())
    card["objective"] |= changes
    copy = tmp_path / "model"
    copy.mkdir()
    for path in saved.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "model.json").write_text(json.dumps(card))
    with pytest.raises((InputError, ConfigError), match=message):
        pr.RatioModel.load(copy, objective=Powers)


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_card_cannot_hold_is_refused_before_training(
    case: str, undirected_split: pr.Split, vectors: pr.Embeddings
) -> None:
    objective, message = REFUSED[case]
    with pytest.raises(ConfigError, match=message):
        pr.fit(undirected_split, vectors, objective=objective, seed=0, progress=False)
