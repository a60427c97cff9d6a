"""Text of a column -> labels or numbers, in the spellings that tables use."""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError

SPREADSHEET_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
LABEL_FORMS = "1/0, 1/-1, true/false, yes/no, positive/negative, interacting/non-interacting or +/-"


class _Spelling(NamedTuple):
    """Words for an interaction and for a non-pair, in lower case.

    Attributes:
        interaction, non_pair: the words.
        alone: whether a column of one of the two words alone holds labels.
    """

    interaction: frozenset[str]
    non_pair: frozenset[str]
    alone: bool


def _words(interaction: str, non_pair: str, *, alone: bool) -> _Spelling:
    return _Spelling(frozenset(interaction.split()), frozenset(non_pair.split()), alone)


SPELLINGS = (
    _words("1 1.0 true", "0 0.0 false", alone=True),
    _words("1 1.0 +1", "-1 -1.0", alone=False),
    _words("yes", "no", alone=True),
    _words("positive pos", "negative neg", alone=True),
    _words(
        "interacting interaction interacts interact interactor binding binds binder",
        "noninteracting noninteraction noninteractor notinteracting nointeraction nonbinding "
        "nonbinder notbinding none",
        alone=True,
    ),
    _words("y", "n", alone=False),
    _words("t", "f", alone=False),
    _words("p", "n", alone=False),
    _words("+", "-", alone=False),
)

FEW = 100  # distinct values up to which a column may hold labels in several spellings


def labels_of(text: pd.Series) -> pd.Series:
    """1.0 for an interaction, 0.0 for a non-pair, missing where the text is no label.

    One spelling holds for the whole column: the one that most of its values are in.
    """
    codes, distinct = pd.factorize(text)
    counts = np.bincount(codes, minlength=len(distinct))
    plain = [value.lower() for value in distinct]
    if len(plain) <= FEW:
        plain = [re.sub(r"(?<=\w)[\s_-]+(?=\w)", "", value) for value in plain]
    best, covered = np.full(len(plain), np.nan), 0
    for spelling in SPELLINGS:
        interaction, non_pair = (np.isin(plain, [*words]) for words in spelling[:2])
        one, both = interaction | non_pair, interaction.any() and non_pair.any()
        count = int(counts[one].sum())
        if count > covered and (both or spelling.alone):
            best, covered = np.where(one, interaction, np.nan), count
    return pd.Series(best[codes], index=text.index)


def numbers_of(text: pd.Series, name: str, title: str) -> pd.Series:
    """Finite numbers; missing where the text is no finite number.

    A comma may be the decimal sign, and a column of percentages gives the numbers before the sign.

    Args:
        text: the column.
        name: the table, for messages.
        title: the column, for messages.

    Raises:
        InputError: if commas may stand for thousands as well as for decimals.
    """
    numbers = finite_numbers(text)
    if not numbers.isna().any():
        return numbers
    if text.str.endswith("%").any() and (text.str.endswith("%") | (text == "")).all():
        text = text.str.removesuffix("%").str.strip()
    with_comma = text.loc[text.str.fullmatch(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")]
    if len(with_comma):
        if with_comma.str.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}").all():
            raise InputError(
                f"{name}: {title} holds numbers such as {with_comma.iloc[0]!r}, in which the comma "
                "may be a decimal sign or set off thousands; write numbers with a decimal point"
            )
        text = text.where(~text.index.isin(with_comma.index), text.str.replace(",", "."))
    return finite_numbers(text)


def finite_numbers(text: pd.Series) -> pd.Series:
    """Finite numbers; missing where the text is no finite number."""
    numbers = np.asarray(pd.to_numeric(text, errors="coerce"), dtype=float)
    return pd.Series(np.where(np.isfinite(numbers), numbers, np.nan), index=text.index)
