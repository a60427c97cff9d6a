"""The families' dicts and the unions that configs are read with name the same members."""

from typing import get_args, get_type_hints

from ppi_ratio.critics import CRITICS, CriticSettings
from ppi_ratio.objectives import OBJECTIVES, ObjectiveSettings


def test_dict_and_union_of_objectives_agree() -> None:
    members = dict.fromkeys(OBJECTIVES.values())
    assert tuple(members) == get_args(get_args(ObjectiveSettings)[0])


def test_keys_of_objectives_are_the_names_of_their_classes() -> None:
    names = {
        (name, member)
        for member in OBJECTIVES.values()
        for name in get_args(get_type_hints(member)["name"])
    }
    assert names == set(OBJECTIVES.items())


def test_dict_and_union_of_critics_agree() -> None:
    assert tuple(CRITICS.values()) == get_args(get_args(CriticSettings)[0])
    assert all(member().name == key for key, member in CRITICS.items())
