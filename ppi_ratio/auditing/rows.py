"""A table of pairs -> checks of its rows, its labels and its degrees."""

import math
from collections.abc import Iterator

import numpy as np

from ppi_ratio.auditing.id_checks import spelling_check
from ppi_ratio.auditing.results import EXAMPLES, Check, Severity
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, Drop, PairTable
from ppi_ratio.pairs.limits import is_few, limits
from ppi_ratio.pairs.rows import CONFLICT, MALFORMED, REPEATED, REVERSED, SELF_PAIR
from ppi_ratio.pairs.table import union
from ppi_ratio.sequences import IdIndex, Proteins

HUB_SHARE = 0.01  # share of the proteins, the most connected ones, that are called hubs
MANY = 0.1  # share of pairs with a protein of one label above which metrics mislead
HUB_LOAD = 0.25  # share of interactions with a hub above which a reader should know it


def row_checks(pairs: PairTable) -> Iterator[Check]:
    """Checks of the rows that reading kept, left out or merged."""
    drops = {drop.reason: drop for drop in pairs.drops}
    n_rows = len(pairs) + sum(drop.count for drop in pairs.drops)
    yield Check("pairs", Severity.OK, "distinct pairs among the rows read", len(pairs), n_rows)
    yield _dropped(
        "malformed_rows",
        [drops.get(MALFORMED)],
        n_rows,
        "rows with fewer than two ids, which are left out",
        Severity.WARNING,
    )
    yield _self_pairs(pairs, drops.get(SELF_PAIR), n_rows)
    again = [drops.get(reason) for reason in (REPEATED, REVERSED, CONFLICT)]
    yield _dropped(
        "repeated_rows",
        again,
        n_rows,
        "rows that name a pair again, with any label and, if undirected, in either order; each "
        "pair is kept once",
        Severity.NOTE,
    )
    yield _reversed(pairs, drops.get(REVERSED), n_rows)
    yield _dropped(
        "label_conflicts",
        [drops.get(CONFLICT)],
        len(pairs),
        "pairs with both labels; they are kept as interactions, so check how the non-pairs were "
        "drawn",
        Severity.WARNING,
    )


def label_checks(pairs: PairTable) -> Iterator[Check]:
    """Checks of the share of interactions, and of proteins whose pairs all have one label."""
    n_joint = len(pairs.joint)
    prevalence = n_joint / len(pairs) if len(pairs) else 0.0
    if not pairs.is_labelled:
        explanation = "the table has no labels: all pairs are interactions; draw non-pairs by a law"
        yield Check("prevalence", Severity.NOTE, explanation, n_joint, len(pairs), prevalence)
        return
    if n_joint in (0, len(pairs)):
        explanation = "all pairs have one label, so that no AUROC is defined"
        yield Check("prevalence", Severity.WARNING, explanation, n_joint, len(pairs), prevalence)
        return
    explanation = "interactions; their share is the AUPRC of a score without information"
    yield Check("prevalence", Severity.OK, explanation, n_joint, len(pairs), prevalence)
    yield from _one_class_checks(pairs)


def limit_checks(pairs: PairTable) -> Iterator[Check]:
    """What is not possible with the table, if its size or one protein sets limits."""
    found = limits(pairs)
    if found:
        only_few = len(found) == 1 and is_few(pairs)
        severity = Severity.NOTE if only_few else Severity.WARNING
        yield Check("limits", severity, " ".join(found), len(found))


def degree_checks(pairs: PairTable) -> Iterator[Check]:
    """The share of interactions with a hub."""
    degrees = pairs.joint.degrees("both").sort_values(ascending=False, kind="stable")
    if not len(degrees):
        return
    n_hubs = math.ceil(HUB_SHARE * len(degrees))
    hubs = degrees.index[:n_hubs]
    left, right, ids = pairs.joint.coded
    is_hub = ids.isin(hubs.tolist())
    share = float((is_hub[left] | is_hub[right]).mean())
    yield Check(
        "hubs",
        Severity.NOTE if share > HUB_LOAD else Severity.OK,
        f"the {HUB_SHARE:.0%} of the proteins with most interactions, and the share of "
        f"interactions with such a protein; the largest degree is {degrees.iloc[0]:,}, the median "
        f"{degrees.median():g}",
        n_hubs,
        len(degrees),
        share,
        tuple(f"{name} ({degree:,})" for name, degree in degrees.head(EXAMPLES).items()),
    )


def kind_checks(pairs: PairTable, training: PairTable | None) -> Iterator[Check]:
    """Whether (nearly) every interaction has one protein of each of two kinds.

    Most pairs of the test part of a split by protein have one protein that was held out. With the
    training pairs, this is told apart from two kinds.
    """
    every = pairs.joint
    if training is not None:
        every = union([every, training.joint], name=pairs.name)
    kinds = every.kinds
    if kinds is None:
        return
    across = kinds.n_pairs - kinds.n_inside
    one_kind = 0
    if pairs.is_labelled:
        left, right = (
            kinds.are_second(pairs.non_pairs.frame[side].to_numpy()) for side in (LEFT, RIGHT)
        )
        one_kind = int((left == right).sum())
    non_pairs = f"; {one_kind:,} non-pairs have two of one kind" if one_kind else ""
    yield Check(
        "two_kinds",
        Severity.WARNING,
        f"interactions with one protein of each of two kinds{non_pairs}: whoever tells the kinds "
        "apart tells such non-pairs, without knowing who interacts"
        + ("" if training or not kinds.n_inside else "; or one of two was held out by a split"),
        across,
        kinds.n_pairs,
        across / kinds.n_pairs,
        (kinds.describe(),),
    )


def sequence_checks(pairs: PairTable, proteins: Proteins) -> Iterator[Check]:
    """The proteins without a sequence."""
    left, right, ids = pairs.coded
    index = IdIndex(proteins.ids)
    missing = index.rows(ids) < 0
    share = float((missing[left] | missing[right]).mean()) if len(pairs) else 0.0
    yield Check(
        "without_sequence",
        Severity.WARNING if missing.any() else Severity.OK,
        f"proteins without a sequence; {share:.1%} of the pairs cannot be embedded because of them",
        int(missing.sum()),
        len(ids),
        share,
        index.examples(ids[missing], EXAMPLES),
    )
    what = "proteins without a sequence that are among the sequences"
    yield from spelling_check("sequences_otherwise_spelled", index, ids[missing], what)


def _one_class_checks(pairs: PairTable) -> Iterator[Check]:
    left, right, ids = pairs.coded
    is_joint = (pairs.frame[LABEL] == 1).to_numpy()
    in_joint, in_non_pairs = (
        np.isin(np.arange(len(ids)), np.append(left[chosen], right[chosen]))
        for chosen in (is_joint, ~is_joint)
    )
    for name, alone, kind in (
        ("only_in_joint", in_joint & ~in_non_pairs, "interactions"),
        ("only_in_non_pairs", in_non_pairs & ~in_joint, "non-pairs"),
    ):
        share = float((alone[left] | alone[right]).mean())
        yield Check(
            name,
            _graded(int(alone.sum()), share, MANY),
            f"proteins that are in {kind} only; they give away the labels of {share:.1%} of the "
            "pairs",
            int(alone.sum()),
            len(ids),
            share,
            tuple(ids[alone][:EXAMPLES]),
        )


def _dropped(
    name: str, drops: list[Drop | None], of: int, explanation: str, severity: Severity
) -> Check:
    found = [drop for drop in drops if drop is not None]
    count = sum(drop.count for drop in found)
    examples = tuple(example for drop in found for example in drop.examples)[:EXAMPLES]
    return Check(
        name, severity if count else Severity.OK, explanation, count, of, examples=examples
    )


def _self_pairs(pairs: PairTable, dropped: Drop | None, n_rows: int) -> Check:
    kept = (pairs.frame[LEFT] == pairs.frame[RIGHT]).to_numpy()
    examples = tuple(" ".join(ids) for ids in pairs.frame.loc[kept, [LEFT, RIGHT]].to_numpy())
    count = int(kept.sum()) + (dropped.count if dropped else 0)
    return Check(
        "self_pairs",
        Severity.NOTE if count else Severity.OK,
        "rows of a protein with itself"
        + (f"; {kept.sum():,} are kept, because the table was read so" if kept.any() else ""),
        count,
        n_rows,
        examples=((dropped.examples if dropped else ()) + examples)[:EXAMPLES],
    )


def _reversed(pairs: PairTable, dropped: Drop | None, n_rows: int) -> Check:
    if not pairs.directed:
        explanation = "repeated rows that name the pair in the other order, with the same label"
        return _dropped("reversed_rows", [dropped], n_rows, explanation, Severity.NOTE)
    count = pairs.both_directions
    return Check(
        "both_directions",
        Severity.NOTE if count else Severity.OK,
        "pairs of proteins listed as (a, b) and as (b, a); if there are many, the table may be "
        "undirected",
        count,
        len(pairs),
    )


def _graded(count: int, share: float, many: float) -> Severity:
    if not count:
        return Severity.OK
    return Severity.WARNING if share > many else Severity.NOTE
