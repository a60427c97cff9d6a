"""What an audit says: checks with counts, a verdict in words, and both as JSON."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pandas as pd

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.io.atomic import replacing
from ppi_ratio.io.tables import check_no_folder

FORMAT, SUFFIX = "ppi_ratio.audit", ".json"
EXAMPLES = 3
EXAMPLE_SEPARATOR = "; "


class Severity(StrEnum):
    """What a finding means for numbers made from the table."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Check:
    """One question to a table, and its answer.

    Attributes:
        check: what was looked at.
        severity: ``ok``, ``note``: to be known, ``warning``: numbers made from the table mislead.
        explanation: what was counted and, where it is not ok, what to do.
        count: how many were found, of ``of``; ``None`` where nothing is counted.
        value: a share or an AUROC, as the explanation says.
        examples: a few ids, pairs or rows.
    """

    check: str
    severity: Severity
    explanation: str
    count: int | None = None
    of: int | None = None
    value: float | None = None
    examples: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Count of ``of``, 0 where there is nothing to find."""
        return (self.count or 0) / self.of if self.of else 0.0


@dataclass(frozen=True)
class Audit:
    """What is wrong or leaking in a table of pairs, or in scores of it.

    Attributes:
        pairs: name of the table.
        directed: whether (a, b) and (b, a) were taken for different pairs.
        checks: one for each question, in the order of the data's way.
        verdict: two to six sentences, the most important first.
    """

    pairs: str
    directed: bool
    checks: tuple[Check, ...] = field(repr=False)
    verdict: str

    def __getitem__(self, check: str) -> Check:
        """The check of that name.

        Raises:
            KeyError: if it was not made, for want of what it needs.
        """
        for made in self.checks:
            if made.check == check:
                return made
        raise KeyError(f"no check {check!r} was made; there are {', '.join(self.names)}")

    @property
    def title(self) -> str:
        """The table and how it was read."""
        return f"{self.pairs}, read as {'directed' if self.directed else 'undirected'} pairs"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the checks that were made."""
        return tuple(made.check for made in self.checks)

    @property
    def frame(self) -> pd.DataFrame:
        """Columns check, count, of, value, severity, examples and explanation, a row per check.

        Counts are Int64 and missing where nothing is counted.
        """
        rows = [
            {
                "check": made.check,
                "count": made.count,
                "of": made.of,
                "value": made.value,
                "severity": made.severity.value,
                "examples": EXAMPLE_SEPARATOR.join(made.examples),
                "explanation": made.explanation,
            }
            for made in self.checks
        ]
        types = {"count": "Int64", "of": "Int64", "value": "float64"}
        return pd.DataFrame(rows).astype(types)

    def to_json(self) -> str:
        """The audit as strict JSON: what is not known is null, never NaN."""
        content = {
            "format": FORMAT,
            "pairs": self.pairs,
            "directed": self.directed,
            "verdict": self.verdict,
            "checks": [asdict(made) for made in self.checks],
        }
        return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"

    def write(self, path: Path) -> None:
        """Write the JSON; a reader never finds half of it.

        Raises:
            ConfigError: if the name does not end in ``.json``.
        """
        check_audit_name(path)
        with replacing(path) as partial:
            partial.write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def from_json(cls, text: str) -> "Audit":
        """The audit that ``to_json`` wrote.

        Raises:
            InputError: if it is something else.
        """
        try:
            content = json.loads(text)
            if content["format"] != FORMAT:
                raise InputError(f"its format is {content['format']!r}, expected {FORMAT!r}")
            checks = tuple(map(_read_check, content["checks"]))
            return cls(content["pairs"], content["directed"], checks, content["verdict"])
        except (RecursionError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"not the JSON of an audit ({error}); write it again") from error


def check_audit_name(path: Path) -> None:
    """Refuse a name that does not say JSON, before the work is done.

    Raises:
        ConfigError: if the name does not end in ``.json``, or is that of a folder.
    """
    if path.suffix != SUFFIX:
        raise ConfigError(f"{path}: write an audit to a name ending in {SUFFIX}")
    check_no_folder(path)


def _read_check(entry: dict[str, Any]) -> Check:
    lists = {"severity": Severity(entry["severity"]), "examples": tuple(entry["examples"])}
    return Check(**{**entry, **lists})
