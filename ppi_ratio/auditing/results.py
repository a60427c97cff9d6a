"""The result of an audit: checks with counts, a verdict in words, and both as JSON."""

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
    """What a finding means for metrics computed on the table."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Check:
    """One check of a table, and its result.

    Attributes:
        check: name of the check.
        severity: ``ok``; ``note``, if a reader of metrics should know; or ``warning``, if metrics
            computed on the table mislead.
        explanation: what was counted and, for a warning, what to do.
        count: how many were found; ``None`` if nothing is counted.
        of: how many were looked at.
        value: a share from 0 to 1 or an AUROC, as the explanation says.
        examples: up to three ids, pairs or rows.
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
        """``count`` divided by ``of``; 0 if nothing was looked at."""
        return (self.count or 0) / self.of if self.of else 0.0


@dataclass(frozen=True)
class Audit:
    """The result of ``audit``: checks of a table of pairs, and a verdict.

    Attributes:
        pairs: name of the table.
        directed: whether (a, b) and (b, a) are different pairs.
        checks: rows first, then labels, degrees, sequences, training, shortcuts and scores.
        verdict: two to six sentences, the most important one first.

    Examples:
        >>> import pandas as pd
        >>> import ppi_ratio as pr
        >>> rows = pd.DataFrame({"left": ["P1", "P1", "P2"], "right": ["P2", "P2", "P2"]})
        >>> found = pr.audit(pr.PairTable.from_rows(rows, directed=False, name="example"))
        >>> found["repeated_rows"].count, found["self_pairs"].count, found["self_pairs"].of
        (1, 1, 3)
        >>> print(found.verdict)
        1 interactions are few... Of 3 rows, 1 name a pair again, 1 pair a protein with itself.
    """

    pairs: str
    directed: bool
    checks: tuple[Check, ...] = field(repr=False)
    verdict: str

    def __getitem__(self, check: str) -> Check:
        """The check of a name.

        Raises:
            KeyError: if the check was not made, because its inputs were not given.
        """
        for made in self.checks:
            if made.check == check:
                return made
        raise KeyError(f"no check {check!r} was made; there are {', '.join(self.names)}")

    @property
    def title(self) -> str:
        """The name of the table, and whether it is directed."""
        return f"{self.pairs}, read as {'directed' if self.directed else 'undirected'} pairs"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the checks that were made, in order."""
        return tuple(made.check for made in self.checks)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per check: check, count, of, value, severity, examples and explanation.

        Counts are Int64, and missing if nothing is counted.

        Examples:
            >>> import ppi_ratio as pr
            >>> pairs, _ = pr.toy_data()
            >>> table = pr.audit(pairs).frame
            >>> table.loc[table["severity"] != "ok", "check"].to_list()
            ['self_pairs', 'repeated_rows', 'reversed_rows', 'prevalence']
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
        """The audit as strict JSON: a missing number is null, never NaN."""
        content = {
            "format": FORMAT,
            "pairs": self.pairs,
            "directed": self.directed,
            "verdict": self.verdict,
            "checks": [asdict(made) for made in self.checks],
        }
        return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"

    def write(self, path: Path) -> None:
        """Write the audit as JSON, atomically.

        Raises:
            ConfigError: if the name does not end in ``.json``.

        Examples:
            >>> from pathlib import Path
            >>> import ppi_ratio as pr
            >>> pairs, _ = pr.toy_data()
            >>> found = pr.audit(pairs)
            >>> found.write(Path("audit.json"))
            >>> pr.Audit.from_json(Path("audit.json").read_text()) == found
            True
        """
        check_audit_name(path)
        with replacing(path) as partial:
            partial.write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def from_json(cls, text: str) -> "Audit":
        """The audit that ``to_json`` turned into text.

        Raises:
            InputError: if the text is not the JSON of an audit.
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
    """Refuse a file name that no audit can be written to, before any work is done.

    Raises:
        ConfigError: if the name does not end in ``.json``, or a folder has it.
    """
    if path.suffix != SUFFIX:
        raise ConfigError(f"{path}: write an audit to a name ending in {SUFFIX}")
    check_no_folder(path)


def _read_check(entry: dict[str, Any]) -> Check:
    lists = {"severity": Severity(entry["severity"]), "examples": tuple(entry["examples"])}
    return Check(**{**entry, **lists})
