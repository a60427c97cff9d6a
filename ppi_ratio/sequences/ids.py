"""Ids as files spell them -> which protein each id names. The whole package uses this one rule.

``docs/reference/ids.md`` states the rule for users:

- An id is the first word of a FASTA header, or a field of a table. Equal ids are one protein.
- An id of the form ``db|accession|name``, with a database of ``DATABASES``, has two aliases: the
  accession and the name. Two ids with one accession are one protein.
- An alias that several proteins of a list share names none of them.
- An isoform (``P12345-2``) is another protein, so the name of the entry is no alias of it.
- Versions (``.2``), prefixes (``9606.``) and letter case are never ignored. If ignoring one of
  them would find an id, ``hint`` names that id.
- Where sequence hashes are known, two ids with equal sequences are one protein too.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import TypeVar

import numpy as np
import pandas as pd

# ``pdb`` is left out: its second field is a structure, which may hold several proteins
DATABASES = ("sp", "tr", "ref", "gb", "emb", "dbj", "tpg", "tpe", "tpd")
RECORD = re.compile(rf"(?:{'|'.join(DATABASES)})\|([^|]+)\|([^|]*)")
ISOFORM = re.compile(r"-\d+$")
VERSION = re.compile(r"\.\d+$")
PREFIX = re.compile(r"^(?:\d+\.(?=[A-Za-z])|[A-Za-z][\w-]*:|UniRef\d+_)")
ABSENT, SHARED = -1, -2
HINTS_TRIED = 1000  # missing ids for which a hint is looked for

Value = TypeVar("Value")


def accession_of(name: str) -> str:
    """``P12345`` for ``sp|P12345|NAME_HUMAN``; an id of another form is returned unchanged."""
    return _parsed(name)[0]


def one_spelling(ids: Iterable[str]) -> dict[str, str]:
    """Which ids to replace, so that each protein of a list is named by one id.

    Each protein keeps its shortest id; of equally short ids, the first in alphabetical order. The
    answer does not depend on the order of ``ids``.

    Returns:
        The kept id by replaced id; ids that stay are not in it.
    """
    distinct = set(ids)
    records = [name for name in distinct if _parsed(name)[0] != name]
    spellings, accessions_of = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for name in records:
        accession, entry = _parsed(name)
        spellings[accession] |= {name, accession} & distinct
        if entry:
            accessions_of[entry].add(accession)
    for entry in accessions_of.keys() & distinct - spellings.keys():
        if len(accessions := accessions_of[entry]) == 1:
            spellings[min(accessions)].add(entry)
    found = {}
    for group in spellings.values():
        shortest = min(group, key=lambda name: (len(name), name))
        found |= dict.fromkeys(group - {shortest}, shortest)
    return found


def looked_up(values: Mapping[str, Value], ids: Iterable[str]) -> list[Value | None]:
    """The value of each id; keys may spell the protein in another way. None where there is none."""
    keys = list(values)
    return [values[keys[row]] if row >= 0 else None for row in IdIndex(keys).rows(ids)]


class IdIndex:
    """Finds proteins in a list of distinct ids, by id or by alias."""

    def __init__(self, ids: Iterable[str], hashes: Iterable[str] | None = None) -> None:
        """``hashes`` are the ``sequence_hash`` of each protein, empty where it is not known."""
        names = _array(ids).tolist()
        self._exact = dict(zip(names, range(len(names)), strict=True))
        self._hashes = None if hashes is None else _array(hashes).tolist()

    def rows(self, ids: Iterable[str], hashes: Iterable[str] | None = None) -> np.ndarray:
        """Row of each id, -1 where there is none; shape ``(ids,)``, int64.

        ``hashes`` has one sequence hash per id, empty where the sequence is not known. With it, a
        protein that is not found by id is found by its sequence.
        """
        codes, distinct = pd.factorize(_array(ids), use_na_sentinel=False)
        exact = map(self._exact.get, distinct)  # in C; only what is left needs the rule
        found = np.array(
            [self._row(distinct[place]) if row is None else row for place, row in enumerate(exact)],
            dtype=np.int64,
        )
        rows = found[codes].clip(min=ABSENT)
        if hashes is not None and self._by_hash:
            known = (self._by_hash.get(each, ABSENT) for each in hashes)
            rows = np.where(rows < 0, np.fromiter(known, np.int64, len(rows)), rows)
        return rows

    @cached_property
    def names(self) -> np.ndarray:
        """The name of each protein in output: its accession, or its id if others share it."""
        accessions = map(accession_of, self._exact)
        return np.array(
            [
                accession if self._row(accession) == row else name
                for row, (name, accession) in enumerate(zip(self._exact, accessions, strict=True))
            ],
            dtype=object,
        )

    def example(self, missing: Iterable[str]) -> str:
        """One id that was not found, for a message; ids with a hint are preferred."""
        return self.examples(missing, 1)[0]

    def examples(self, missing: Iterable[str], count: int) -> tuple[str, ...]:
        """Up to ``count`` ids that were not found, with their hints; ids with a hint first."""
        hints = {name: self.hint(name) for name in islice(missing, HINTS_TRIED)}
        first = sorted(hints, key=lambda name: not hints[name])[:count]
        return tuple(f"{name} ({hints[name]})" if hints[name] else name for name in first)

    def hint(self, name: str) -> str:
        """Why an id was not found, if a similar id is in the list; else empty."""
        alias = accession_of(name)
        if self._row(name) == SHARED:
            first, second, *_ = self._sharing[alias]
            return f"{alias} stands for {first} and for {second}: write one of these in full"
        for what, (plain, rows) in self._loose.items():
            row = rows.get(plain(alias))
            if row is not None:
                return f"did you mean {[*self._exact][row]}? They differ in {what}"
        return ""

    @cached_property
    def _aliases(self) -> dict[str, int]:
        found = dict(self._exact)
        for name, row in self._exact.items():
            for alias in filter(None, _parsed(name)) if "|" in name else ():
                found[alias] = row if found.get(alias, row) == row else SHARED
        return found

    @cached_property
    def _sharing(self) -> dict[str, list[str]]:
        """All ids that have an alias."""
        found = defaultdict(list)
        for name in self._exact:
            for alias in {name, *_parsed(name)}:
                found[alias].append(name)
        return found

    @cached_property
    def _by_hash(self) -> dict[str, int]:
        """The first row of each sequence."""
        numbered = enumerate(self._hashes or [])
        return {each: row for row, each in reversed([*numbered]) if each}

    @cached_property
    def _loose(self) -> dict[str, tuple[Callable[[str], str], dict[str, int]]]:
        """For each difference: the function that removes it, and rows by what then remains."""
        found = {}
        for what, plain in DIFFERENCES.items():
            rows = {plain(alias): row for alias, row in self._aliases.items() if row >= 0}
            found[what] = plain, rows
        return found

    def _row(self, name: str) -> int:
        """Row of an id, or ABSENT, or SHARED."""
        row = self._exact.get(name)
        if row is not None:
            return row
        accession, entry = _parsed(name)
        found = self._aliases.get(accession)
        if found is not None:
            return found
        return self._exact.get(entry, ABSENT)


def _array(ids: Iterable[str]) -> np.ndarray:
    """The ids as an array; pandas' own iteration over Arrow strings is twenty times slower."""
    if isinstance(ids, pd.Series | pd.Index):
        return ids.to_numpy(object)
    return ids if isinstance(ids, np.ndarray) else np.array([*ids], dtype=object)


def _parsed(name: str) -> tuple[str, str]:
    """Accession and entry name; for an id of another form, the id itself and an empty name."""
    record = RECORD.fullmatch(name) if "|" in name else None
    if record is None:
        return name, ""
    accession, entry = record.groups()
    return accession, "" if ISOFORM.search(accession) else entry


def _without(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda name: pattern.sub("", name)


def _bare(name: str) -> str:
    """An id without prefix, version, isoform and case."""
    for pattern in (PREFIX, VERSION, ISOFORM):
        name = pattern.sub("", name)
    return name.casefold()


DIFFERENCES: dict[str, Callable[[str], str]] = {
    "the version": _without(VERSION),
    "the prefix": _without(PREFIX),
    "the isoform": _without(ISOFORM),
    "upper and lower case": str.casefold,
    "more than one of prefix, version, isoform and case": _bare,
}
