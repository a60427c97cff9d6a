"""Ids that were not found in a list -> a check of how many are there in another spelling."""

from collections.abc import Collection, Iterable, Iterator

from ppi_ratio.auditing.results import Check, Severity
from ppi_ratio.pairs import PairTable
from ppi_ratio.sequences import IdIndex, Proteins

REMEDY = "if these are the same proteins, match their ids (`match_ids`)"


def spelling_check(name: str, index: IdIndex, missing: Iterable[str], what: str) -> Iterator[Check]:
    """A check if an id that was not found differs from a listed id in its spelling only.

    Args:
        name: of the check.
        index: the list.
        missing: ids that were not found in it.
        what: what the ids are, for the explanation.
    """
    missing = [*missing]
    near = index.near(missing)
    if near:
        sure = any(found.matches for found in near.values())
        yield Check(
            name,
            Severity.WARNING if sure else Severity.NOTE,
            f"{what} in another spelling: {'; '.join(index.hints(missing))}; {REMEDY}",
            len(near),
            len(missing),
        )


def with_matched_ids(
    pairs: PairTable,
    proteins: Proteins | None,
    training: PairTable | None,
    kinds: Collection[str],
) -> tuple[PairTable, PairTable | None]:
    """The two tables with their ids as the sequences and the first table spell them.

    Raises:
        InputError: if an id may be two proteins.
        ConfigError: if ``kinds`` holds an unknown kind of difference.
    """
    if not kinds:
        return pairs, training
    if proteins is not None:
        pairs = pairs.named_as(IdIndex(proteins.ids, match=kinds))
    if training is not None:
        if proteins is not None:
            training = training.named_as(IdIndex(proteins.ids, match=kinds))
        training = training.named_as(IdIndex(pairs.ids, match=kinds))
    return pairs, training
