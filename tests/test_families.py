"""The families' dicts and the unions that configs are read with name the same members."""

from typing import get_args

from ppi_ratio.critics import CRITICS, CriticSettings
from ppi_ratio.objectives import OBJECTIVES, ObjectiveSettings


def test_dict_and_union_of_objectives_agree() -> None:
    assert tuple(OBJECTIVES.values()) == get_args(get_args(ObjectiveSettings)[0])
    assert all(member().name == key for key, member in OBJECTIVES.items())


def test_dict_and_union_of_critics_agree() -> None:
    assert tuple(CRITICS.values()) == get_args(get_args(CriticSettings)[0])
    assert all(member().name == key for key, member in CRITICS.items())
