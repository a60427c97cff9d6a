"""Ids as files spell them -> which protein each id names. The whole package uses this one rule.

``docs/reference/ids.md`` states the rule for users:

- An id is the first word of a FASTA header, or a field of a table. Equal ids are one protein.
- An id of the form ``db|accession|name``, with a database of ``DATABASES``, has two aliases: the
  accession and the name. Two ids with one accession are one protein.
- An alias that several proteins of a list share names none of them.
- An isoform (``P12345-2``) is another protein, so the name of the entry is no alias of it.
- Versions (``.2``), prefixes (``9606.``) and letter case are ignored on request only (``match``).
  If ignoring one of them would find an id, ``hint`` names that id (``spellings.py``).
- Where sequence hashes are known, two ids with equal sequences are one protein too.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.sequences.spellings import Difference, check_kinds, core_of, difference, passes

# ``pdb`` is left out: its second field is a structure, which may hold several proteins
DATABASES = ("sp", "tr", "ref", "gb", "emb", "dbj", "tpg", "tpe", "tpd")
RECORD = re.compile(rf"(?:{'|'.join(DATABASES)})\|([^|]+)\|([^|]*)")
ISOFORM = re.compile(r"-\d+$")
ABSENT, SHARED = -1, -2

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

    def __init__(
        self,
        ids: Iterable[str],
        hashes: Iterable[str] | None = None,
        *,
        match: Iterable[str] = (),
    ) -> None:
        """List the ids.

        Args:
            ids: the ids of the list.
            hashes: the ``sequence_hash`` of each protein, empty where it is not known.
            match: kinds of differences in spelling that do not count: ``version``, ``prefix``,
                ``case`` and ``isoform``.
        """
        self.match = check_kinds(match)
        names = _array(ids).tolist()
        self._names = names
        self._exact = dict(zip(names, range(len(names)), strict=True))
        self._hashes = None if hashes is None else _array(hashes).tolist()

    def rows(self, ids: Iterable[str], hashes: Iterable[str] | None = None) -> np.ndarray:
        """Row of each id, -1 where there is none; shape ``(ids,)``, int64.

        ``hashes`` has one sequence hash per id, empty where the sequence is not known. With it, a
        protein that is not found by id is found by its sequence.

        Raises:
            InputError: if differences in spelling do not count, and an id may be two proteins.
        """
        codes, distinct = pd.factorize(_array(ids), use_na_sentinel=False)
        exact = map(self._exact.get, distinct)  # in C; only what is left needs the rule
        found = np.array(
            [self._row(distinct[place]) if row is None else row for place, row in enumerate(exact)],
            dtype=np.int64,
        )
        if self.match:
            self._check_apart(distinct, found)
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
        hints = {name: self.hint(name) for name in missing}
        first = sorted(hints, key=lambda name: not hints[name])[:count]
        return tuple(f"{name} ({hints[name]})" if hints[name] else name for name in first)

    def told(self, missing: Iterable[str], what: str) -> str:
        """What a message says of ids that were not found: an example, kinds of hints, and an id.

        Args:
            missing: the ids that were not found.
            what: what the message calls this list, such as ``the vectors``.
        """
        missing = list(missing)
        hints = self.hints(missing)
        found = [self.example(missing), *(hints if len(missing) > 1 else ())]
        if any(each.matches for each in self.near(missing).values()):
            found.append("such ids are matched on request (`match_ids`)")
        if self._exact:
            found.append(f"{what} have e.g. {next(iter(self._exact))}")
        return "; ".join(found)

    def hints(self, missing: Iterable[str]) -> tuple[str, ...]:
        """How many ids would be found in another spelling, by what differs, with an example."""
        near = self._near(missing)
        counts = Counter(each for _, each in near.values())
        first = {each: (name, row) for name, (row, each) in reversed(near.items())}
        said = []
        for each, count in counts.most_common():
            name, row = first[each]
            verb = "differs" if count == 1 else "differ"
            sure = "" if each.matches else ", and may be other proteins"
            said.append(f"{count:,} {verb} in {each}{sure}, e.g. {name} and {self._listed(row)}")
        return tuple(said)

    def near(self, missing: Iterable[str]) -> dict[str, Difference]:
        """The ids that were not found but resemble a listed id, with what differs."""
        return {name: found for name, (_, found) in self._near(missing).items()}

    def hint(self, name: str) -> str:
        """Why an id was not found, if a similar id is in the list; else empty."""
        alias = accession_of(name)
        if self._row(name) == SHARED:
            first, second, *_ = self._sharing[alias]
            return f"{alias} stands for {first} and for {second}: write one of these in full"
        near = self._nearest(name)
        if near is None:
            return ""
        row, found = near
        return f"did you mean {self._listed(row)}? They differ in {found}"

    def replaced(self, ids: Iterable[str]) -> dict[str, str]:
        """The name of the listed protein by given id, for ids that only ``match`` finds.

        Raises:
            InputError: if an id may be two proteins.
        """
        given = [*dict.fromkeys(ids)]
        rows = zip(given, self.rows(given).tolist(), strict=True)
        return {
            name: str(self.names[row])
            for name, row in rows
            if row >= 0 and self._alias_row(name) == ABSENT
        }

    def _near(self, missing: Iterable[str]) -> dict[str, tuple[int, Difference]]:
        return {name: found for name in missing if (found := self._nearest(name)) is not None}

    def _nearest(self, name: str) -> tuple[int, Difference] | None:
        """The row of the listed id that differs least from an id that was not found."""
        near = self._candidates(name)
        return min(near, key=lambda one: (not one[1].matches, len(one[1].kinds)), default=None)

    def _candidates(self, name: str) -> list[tuple[int, Difference]]:
        alias = accession_of(name)
        listed = [
            (row, difference(alias, other)) for other, row in self._by_core.get(core_of(alias), ())
        ]
        return [(row, found) for row, found in listed if found is not None and found.kinds]

    def _matched(self, name: str) -> int:
        """Row of the one listed id that differs in nothing but ``match``; else ABSENT.

        Raises:
            InputError: if there are several.
        """
        near = {row: found for row, found in self._candidates(name) if passes(found, self.match)}
        if len(near) > 1:
            first, second, *_ = near
            raise InputError(
                f"{name} may be {self._listed(first)} or {self._listed(second)}; it differs from "
                f"them in {near[first]} and in {near[second]}, which do not count (`match_ids`): "
                "write one of these in full"
            )
        return next(iter(near), ABSENT)

    def _check_apart(self, names: Iterable[str], rows: np.ndarray) -> None:
        """Refuse to match ids of different proteins, such as of two species, with one listed id."""
        first: dict[int, str] = {}
        for name, row in zip(names, rows.tolist(), strict=True):
            if row >= 0 and self._alias_row(name) == ABSENT:
                other = first.setdefault(row, name)
                if other != name and difference(accession_of(other), accession_of(name)) is None:
                    raise InputError(
                        f"{other} and {name} would both be {self._listed(row)}, but are different "
                        "proteins; leave the differences in their spelling in (`match_ids`), or "
                        "write them as the list does"
                    )

    def _listed(self, row: int) -> str:
        return self._names[row]

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
    def _by_core(self) -> dict[str, list[tuple[str, int]]]:
        """Ids and aliases, with their rows, by ``core_of``."""
        found = defaultdict(list)
        for alias, row in self._aliases.items():
            if row >= 0 and (alias not in self._exact or accession_of(alias) == alias):
                found[core_of(alias)].append((alias, row))
        return found

    def _row(self, name: str) -> int:
        """Row of an id, or ABSENT, or SHARED; ``match`` is asked last."""
        row = self._alias_row(name)
        return self._matched(name) if row == ABSENT and self.match else row

    def _alias_row(self, name: str) -> int:
        """Row of an id by the rule, or ABSENT, or SHARED."""
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
