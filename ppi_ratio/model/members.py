"""A critic or an objective <-> its entry in a model's card, whether a dict lists it or not.

A card holds the fields of the dataclass. Where the dict does not list the class, the card holds
the name of the class too. It never holds an import path: whoever loads the model passes the class.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast

import pydantic

from ppi_ratio.critics import CRITICS, CriticFactory
from ppi_ratio.errors import ConfigError, InputError, first_line
from ppi_ratio.objectives import OBJECTIVES, Objective

NAME, CLASS = "name", "class"  # no field of a dataclass can be called ``class``

Member = TypeVar("Member", bound=CriticFactory | Objective)


@dataclasses.dataclass(frozen=True)
class Family(Generic[Member]):
    """Critics or objectives, and how cards hold them.

    Attributes:
        key: key of the card, and argument of ``RatioModel.load`` that takes a class.
        dict_name: public name of the dict of members.
        members: the dict: name of a member -> its class.
        attributes: attributes that a member must have.
    """

    key: str
    dict_name: str
    members: Mapping[str, type[Member]]
    attributes: tuple[str, ...]

    def check(self, member: Member) -> None:
        """Refuse, before training, a member that a card could not hold.

        Raises:
            ConfigError: if ``member`` is not a dataclass, lacks an attribute, or has the name of
                another class of the dict. Also if its settings change when stored as JSON.
        """
        kind = type(member).__name__
        if isinstance(member, type) or not dataclasses.is_dataclass(member):
            raise ConfigError(
                f"{self.key}: {member!r} is not an instance of a dataclass; give settings, such as "
                f"{next(iter(self.members.values())).__name__}()"
            )
        lacking = [name for name in self.attributes if not hasattr(member, name)]
        if lacking:
            raise ConfigError(f"{self.key}: the class {kind} lacks {', '.join(lacking)}")
        if not isinstance(member.name, str):
            raise ConfigError(f"{self.key}: the name of {kind} is {member.name!r}, expected text")
        listed = self.members.get(member.name)
        if listed not in (None, type(member)):
            raise ConfigError(
                f"{self.key}: {kind} is called {member.name!r}, as {listed.__name__} of "
                f"{self.dict_name} is; give it another name"
            )
        settings = self.entry(member)
        try:
            stored = json.loads(json.dumps(settings, allow_nan=False))
            again = self.entry(_build(type(member), stored))
        except (TypeError, ValueError, NameError, pydantic.PydanticUserError) as error:
            raise ConfigError(
                f"{self.key}: the settings of {kind} cannot be stored as JSON and read again "
                f"({first_line(error)})"
            ) from error
        if again != settings:
            raise ConfigError(
                f"{self.key}: the settings of {kind} change when they are stored as JSON and read "
                f"again, from {settings} to {again}"
            )

    def entry(self, member: Member) -> dict[str, object]:
        """The settings of a member as the card holds them."""
        fields = dataclasses.asdict(member)
        if type(member) in self.members.values():
            return fields
        return {NAME: member.name, CLASS: type(member).__name__} | fields

    def read(self, values: Any, given: type[Member] | None) -> Member:  # noqa: ANN401 -- of JSON
        """Make a member from its entry in a card; the inverse of ``entry``.

        Args:
            values: the entry.
            given: class of the member, needed if the dict does not list it.

        Raises:
            ConfigError: if the class that the card names is needed and is not ``given``.
            InputError: if the card is damaged.
        """
        if not isinstance(values, dict) or not isinstance(values.get(NAME), str):
            raise InputError(f"{self.key}: has no name")
        kind = self._class_of(values[NAME], values.get(CLASS), given)
        try:
            return _build(kind, values)
        except pydantic.ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, (self.key, *fault["loc"])))
            raise InputError(f"{where}: {fault['msg']}") from error
        except ValueError as error:
            raise InputError(f"{self.key}: {first_line(error)}") from error

    def _class_of(self, name: str, stored: object, given: type[Member] | None) -> type[Member]:
        listed = self.members.get(name)
        if stored is None and listed is None:
            raise InputError(f"{self.key}.name: {name!r} is not in {self.dict_name}")
        wanted = stored if listed is None or stored is not None else listed.__name__
        if given is not None and given.__name__ != wanted:
            raise ConfigError(
                f"{self.key}: the model was trained with {wanted} ({name!r}), and the class given "
                f"is {given.__name__}"
            )
        kind = given if stored is not None else listed
        if kind is None:
            raise ConfigError(
                f"{self.key}: the model was trained with the class {wanted} ({name!r}), which is "
                f"not in {self.dict_name}; pass it: RatioModel.load(path, {self.key}={wanted})"
            )
        return kind


def _build(kind: type[Member], values: Mapping[str, object]) -> Member:
    """A member of ``kind`` with these fields; a list becomes a tuple if the field is a tuple.

    Raises:
        ValueError: if a field is unknown or wrong.
    """
    fields = {field.name for field in dataclasses.fields(cast(Any, kind))}
    settings = {key: value for key, value in values.items() if key in fields}
    unknown = sorted(values.keys() - fields - {NAME, CLASS})
    if unknown:
        raise ValueError(f"{unknown[0][:80]!r} is not one of the settings of {kind.__name__}")
    return pydantic.TypeAdapter[Member](kind).validate_python(settings)


CRITIC = Family("critic", "CRITICS", CRITICS, ("name", "symmetric", "build"))
OBJECTIVE = Family("objective", "OBJECTIVES", OBJECTIVES, ("name", "optimum", "needs", "loss"))
