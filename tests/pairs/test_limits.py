"""Tables whose size or shape sets limits, and what is said of them."""

import pandas as pd
import pytest

from ppi_ratio.auditing import Severity, audit
from ppi_ratio.pairs import PairTable
from ppi_ratio.pairs.limits import limits

CHAIN = [(f"P{i}", f"P{i + 1}") for i in range(200)]
STAR = [("HUB", f"Q{i}") for i in range(160)]


def table(pairs: list[tuple[str, str]], label: int | None = None) -> PairTable:
    frame = pd.DataFrame(pairs, columns=["left", "right"])
    rows = frame if label is None else frame.assign(label=label)
    return PairTable.from_rows(rows, directed=False, name="made")


@pytest.mark.parametrize(
    ("pairs", "severity", "said"),
    [
        (table(CHAIN, 0), Severity.WARNING, "All 200 labels are 0, so the table holds no"),
        (table(STAR), Severity.WARNING, "All 160 interactions are of one protein, HUB"),
        (table(STAR + CHAIN[:40]), Severity.WARNING, "One protein, HUB, is in 80% of the 200"),
        (
            table(CHAIN[:60]),
            Severity.NOTE,
            "±0.10, and that of a test of 20% of them (12)",
        ),
    ],
)
def test_limits_are_said_first_in_the_verdict(
    pairs: PairTable, severity: Severity, said: str
) -> None:
    (sentence,) = limits(pairs)
    assert said in sentence
    found = audit(pairs)
    assert found["limits"].severity is severity
    assert found.verdict.startswith(sentence)


def test_a_small_star_has_both_limits() -> None:
    first, second = limits(table(STAR[:60]))
    assert "of one protein, HUB" in first
    assert "60 interactions are few" in second


def test_a_table_without_limits_has_none() -> None:
    assert limits(table(CHAIN)) == []
    assert limits(table(STAR[:100] + CHAIN[:100])) == []
    assert "limits" not in audit(table(CHAIN)).names
