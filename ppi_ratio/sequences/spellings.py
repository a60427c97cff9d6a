"""Two ids of one protein in two spellings -> in what they differ, and whether they may be matched.

An id is taken apart into a core and what may stand around it:

| kind | what differs | two ids match on request if |
|---|---|---|
| ``prefix`` | ``9606.``, ``uniprotkb:``, ``UniRef50_``, ``gi|1|ref|..|`` | one id has none |
| ``version`` | ``.2`` | one id has none; or an archive counts the versions of one sequence |
| ``isoform`` | ``-1``, ``.t1``, ``-RA``, ``_P001`` | one id has none, the other has the first |
| ``case`` | upper and lower case | always |

Other differences give a hint and are never matched: ``P12345-2`` beside ``P12345``, and chains of a
PDB entry. Ids with two different prefixes (``9606.TP53``, ``10090.TP53``), or with different
numbers where these count genes or transcripts (``F56D2.1``, ``F56D2.7``), are different proteins.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from ppi_ratio.errors import ConfigError

VERSION, PREFIX, CASE, ISOFORM, CHAIN = "version", "prefix", "case", "isoform", "chain"
MATCHABLE = (VERSION, PREFIX, CASE, ISOFORM)
WORDS = {
    PREFIX: "the prefix",
    VERSION: "the version",
    ISOFORM: "the isoform",
    CASE: "upper and lower case",
    CHAIN: "the chain",
}

_UNIPROT = r"[OPQ]\d[A-Z0-9]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z0-9]{2}\d){1,2}"
_IS_UNIPROT = re.compile(_UNIPROT, re.I)
# RefSeq, Ensembl, GenBank and UniProt count versions of one sequence
_COUNTS_VERSIONS = re.compile(
    rf"[A-Z]{{2}}_\d{{5,}}|ENS[A-Z]*\d{{6,}}|[A-Z]{{3}}\d{{5,}}|{_UNIPROT}", re.I
)
_PIPES = re.compile(
    r"(gi\|\d+\|\w+|sp|tr|ref|gb|emb|dbj|tpg|tpe|tpd|lcl|pir|prf)\|([^|]+)\|?", re.I
)
_PREFIXES = (
    re.compile(r"(\d+)\.(?=[A-Za-z])(.+)"),
    re.compile(r"([A-Za-z][\w/-]*):(.+)"),
    re.compile(r"(UniRef\d+)_(.+)", re.I),
)
_DATABASE_OF = re.compile(r"(?P<uniprot>uniprot|uniref|swiss-?prot|trembl|sp$|tr$)|(?P<ncbi>gi\|)")
_NUMBER = re.compile(r"(?:\.\d+)+$")
_ISOFORM = re.compile(r"(?:-(\d+)|\.t(\d+)|-[RPT]([A-Z])|_[TP](\d{3}))$", re.I)
_ENTRY = r"(?=.?.?.?[A-Za-z])(\d[A-Za-z0-9]{3})"
_CHAINS = (
    re.compile(rf"{_ENTRY}_(\d+\|)Chains?.*", re.I),
    re.compile(rf"pdb\|{_ENTRY}\|(\w{{0,4}})", re.I),
    re.compile(rf"{_ENTRY}_(\w{{1,4}})"),
)


@dataclass(frozen=True)
class Difference:
    """In what two ids of one core differ.

    Attributes:
        kinds: names of the differences, in the order of ``WORDS``.
        matches: whether the ids name one protein for a user who lets these differences pass.
    """

    kinds: tuple[str, ...]
    matches: bool

    def __str__(self) -> str:
        words = [WORDS[kind] for kind in self.kinds]
        return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


@dataclass(frozen=True)
class _Parts:
    core: str
    prefix: str = ""
    version: str = ""
    isoform: str = ""
    chain: str = ""


def check_kinds(kinds: Iterable[str]) -> frozenset[str]:
    """The kinds of differences to pass over, checked.

    Raises:
        ConfigError: if one is not in ``MATCHABLE``.
    """
    given = frozenset(kinds)
    if unknown := sorted(given - {*MATCHABLE}):
        raise ConfigError(
            f"`match_ids`: no kind of difference {unknown[0]!r}; choose of {', '.join(MATCHABLE)}"
        )
    return given


def core_of(name: str) -> str:
    """What two spellings of one protein have in common, in lower case."""
    return _parts(name).core.casefold()


def difference(one: str, other: str) -> Difference | None:
    """In what two ids with one ``core_of`` differ; ``None`` if they name different proteins."""
    first, second = _parts(one), _parts(other)
    kinds, matches = [], True
    if first.prefix != second.prefix:
        if first.prefix and second.prefix:
            return None
        kinds.append(PREFIX)
    for kind, judge in ((VERSION, _version), (ISOFORM, _isoform), (CHAIN, _chain)):
        found = judge(first, second)
        if found is None:
            return None
        if found is not _SAME:
            kinds.append(kind)
            matches &= found is _MATCHES
    if first.core != second.core:
        kinds.append(CASE)
    if not kinds and one != other:  # two names of one database, or of one transcript
        kinds.append(PREFIX if first.prefix else ISOFORM)
    return Difference(tuple(kind for kind in WORDS if kind in kinds), matches)


_SAME, _MATCHES, _HINT = "same", "matches", "hint"


def _version(first: _Parts, second: _Parts) -> str | None:
    if first.version == second.version:
        return _SAME
    if _COUNTS_VERSIONS.fullmatch(first.core):
        return _MATCHES
    if first.version and second.version:
        return None
    return _MATCHES if first.version + second.version == ".1" else _HINT


def _isoform(first: _Parts, second: _Parts) -> str | None:
    if first.isoform == second.isoform:
        return _SAME
    if first.isoform and second.isoform:
        return None
    named = first.isoform + second.isoform
    if named == "-1":
        return _MATCHES if _IS_UNIPROT.fullmatch(first.core) else _HINT
    return _MATCHES if named in ("t1", "a", "p1") else _HINT


def _chain(first: _Parts, second: _Parts) -> str | None:
    if first.chain == second.chain:
        return _SAME
    both = first.chain and second.chain
    return None if both and ("|" in first.chain) == ("|" in second.chain) else _HINT


@lru_cache(maxsize=4096)
def _parts(name: str) -> _Parts:
    for pattern in _CHAINS:
        if found := pattern.fullmatch(name):
            return _Parts(core=found[1], chain=found[2])
    prefix, core = _prefix(name)
    core, version = _cut(core, _NUMBER)
    found = _ISOFORM.search(core)
    if found is None or found.start() == 0:
        return _Parts(core, prefix, version)
    plain, transcript, letter, model = found.groups()
    isoform = next(
        form
        for given, form in (
            (plain, f"-{int(plain or 0)}"),
            (transcript, f"t{int(transcript or 0)}"),
            (letter, (letter or "").casefold()),
            (model, f"p{int(model or 0)}"),
        )
        if given
    )
    return _Parts(core[: found.start()], prefix, version, isoform)


def _prefix(name: str) -> tuple[str, str]:
    """What stands before an id, and the id; ids of digits alone keep their prefix."""
    for pattern in (_PIPES, *_PREFIXES):
        found = pattern.fullmatch(name)
        if found is not None and any(letter.isalpha() for letter in found[2]):
            before = found[1].casefold()
            database = _DATABASE_OF.match(before)
            return (database.lastgroup or "" if database else before), found[2]
    return "", name


def _cut(name: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    found = pattern.search(name)
    return (name, "") if found is None or not found.start() else (name[: found.start()], found[0])


def passes(found: Difference, kinds: Collection[str]) -> bool:
    """Whether two ids match for a user who lets ``kinds`` of differences pass."""
    return found.matches and set(found.kinds) <= set(kinds)
