"""A member of a family is one class and one entry of its dict; the rest follows from the dict."""

from typing import get_args, get_type_hints

import pydantic
import pytest

import ppi_ratio as pr
from ppi_ratio.critics import CRITICS, CriticFactory, CriticSettings
from ppi_ratio.embeddings import EncoderSettings
from ppi_ratio.objectives import OBJECTIVES, Objective, ObjectiveSettings

MEMBERS = [*OBJECTIVES.items(), *CRITICS.items()]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_is_read_by_its_key(name: str) -> None:
    found = pydantic.TypeAdapter[Objective](ObjectiveSettings).validate_python({"name": name})
    assert (type(found), found.name) == (OBJECTIVES[name], name)


@pytest.mark.parametrize("name", CRITICS)
def test_a_critic_is_read_by_its_key(name: str) -> None:
    found = pydantic.TypeAdapter[CriticFactory](CriticSettings).validate_python({"name": name})
    assert (type(found), found.name) == (CRITICS[name], name)


def test_keys_are_the_names_that_the_classes_take() -> None:
    names = [
        (name, member)
        for member in dict.fromkeys(member for _, member in MEMBERS)
        for name in get_args(get_type_hints(member)["name"])
    ]
    assert sorted(names, key=str) == sorted(MEMBERS, key=str)


@pytest.mark.parametrize("member", dict.fromkeys(member for _, member in MEMBERS))
def test_every_member_satisfies_its_protocol_and_is_a_public_name(member: type) -> None:
    protocol = Objective if member in OBJECTIVES.values() else CriticFactory
    assert isinstance(member(), protocol)
    assert getattr(pr, member.__name__) is member


def test_every_encoder_is_settings_that_build_one() -> None:
    assert pr.ENCODERS
    assert all(isinstance(each, EncoderSettings) for each in pr.ENCODERS.values())
