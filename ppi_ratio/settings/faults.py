"""Validation errors of pydantic -> plain sentences that name the wrong key."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import pydantic
from pydantic_core import ErrorDetails

LONGEST_VALUE = 60  # characters of a value in a message
NAME = "name"  # the key that selects a member of a family, or the kind of a split

EXPECTED = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("list_type", "tuple_type"), "a list"),
    **dict.fromkeys(("dict_type", "dataclass_type", "model_attributes_type"), "keys and values"),
    "string_type": "text",
    "path_type": "a path",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "invalid_key": "a key that is text",
}


class Kind(Enum):
    """What is wrong with a key."""

    MISSING = auto()
    UNKNOWN = auto()
    WRONG = auto()


@dataclass(frozen=True)
class Fault:
    """One fault of the settings.

    Attributes:
        kind: what is wrong with the key.
        key: path of the key, e.g. ``objectives[0].beta``; empty if several keys are at fault.
        said: the rule that a wrong value breaks, or a hint on an unknown key.
    """

    kind: Kind
    key: str
    said: str = ""

    def __str__(self) -> str:
        if self.kind is Kind.MISSING:
            return f"missing key `{self.key}`"
        if self.kind is Kind.UNKNOWN:
            return f"unknown key `{self.key}`" + (f"; {self.said}" if self.said else "")
        return f"`{self.key}`: {self.said}" if self.key else self.said


def faults_of(
    error: pydantic.ValidationError, values: object, adapter: pydantic.TypeAdapter[Any]
) -> list[Fault]:
    """Every fault once, in the order of pydantic.

    Args:
        error: the error that ``adapter`` raised.
        values: the settings that ``adapter`` was given.
        adapter: its schema lists the known keys.
    """
    schema = adapter.json_schema()
    found: list[Fault] = []
    expected: dict[str, list[str]] = {}  # pydantic reports what each member of a union expects
    for entry in error.errors(include_url=False):
        steps = list(_steps(entry["loc"], values))
        key, context = _joined(steps), entry.get("ctx", {})
        match entry["type"]:
            case "missing" | "missing_argument":
                found.append(Fault(Kind.MISSING, key))
            case "unexpected_keyword_argument":
                known = _known(schema, steps[:-1], values)
                found.append(Fault(Kind.UNKNOWN, key, hint(str(steps[-1]), known)))
            case "union_tag_not_found":
                found.append(Fault(Kind.MISSING, _joined([*steps, NAME])))
            case "union_tag_invalid":
                known = context["expected_tags"].replace("'", "").split(", ")
                said = f"there is no {_shown(context['tag'])}; {hint(context['tag'], known)}"
                found.append(Fault(Kind.WRONG, _joined([*steps, NAME]), said))
            case "value_error":
                found.append(Fault(Kind.WRONG, key, str(context["error"])))
            case kind:
                words = EXPECTED[kind].format(**context) if kind in EXPECTED else _rule(entry)
                expected.setdefault(key, []).append(words)
                said = f"expected {' or '.join(expected[key])}, got {_shown(entry['input'])}"
                found = [fault for fault in found if fault.key != key or len(expected[key]) == 1]
                found.append(Fault(Kind.WRONG, key, said))
    return found


def hint(word: str, known: list[str]) -> str:
    """The known word nearest to an unknown one, or all known words; empty if there are none."""
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"choose from {', '.join(known)}" if known else ""


def _rule(entry: ErrorDetails) -> str:
    """The rule that a value breaks, e.g. ``a number greater than 0``."""
    words = entry["msg"].removeprefix("Input should be ")
    return f"a number {words}" if words.startswith(("greater", "less")) else words


def _steps(place: tuple[int | str, ...], values: object) -> Iterator[int | str]:
    """The keys that lead to a fault, without the names of union members that pydantic adds."""
    for step in place:
        if isinstance(values, dict):
            if step not in values and step == values.get(NAME):
                continue
            values = values.get(step)
        elif isinstance(values, list | tuple) and isinstance(step, int):
            values = values[step]
        else:
            continue
        yield step


def _joined(steps: list[int | str]) -> str:
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."


def _known(schema: dict[str, Any], steps: list[int | str], values: Any) -> list[str]:  # noqa: ANN401
    """The keys that a part of the settings may have, from the JSON schema of all settings."""
    part = schema
    for step in steps:
        part, values = _chosen(schema, part, values), values[step]
        part = part.get("items", {}) if isinstance(step, int) else part["properties"][step]
    properties = _chosen(schema, part, values).get("properties", {})
    return [name for name, each in properties.items() if not each.get("deprecated")]


def _chosen(schema: dict[str, Any], part: dict[str, Any], values: object) -> dict[str, Any]:
    """Follow a reference in the schema; in a family, take the member that ``values`` names."""
    if "discriminator" in part and isinstance(values, dict):
        part = {"$ref": part["discriminator"]["mapping"][values[NAME]]}
    if "$ref" in part:
        return schema["$defs"][part["$ref"].rpartition("/")[2]]
    return part
