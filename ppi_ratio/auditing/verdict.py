"""Checks of a table -> two to six plain sentences, the most important one first."""

from collections.abc import Mapping, Sequence
from functools import partial

from ppi_ratio.auditing.results import Check, Severity
from ppi_ratio.auditing.score_files import HARD

MAX_SENTENCES = 6

Made = Mapping[str, Check]


def verdict(checks: Sequence[Check], scores: str = "") -> str:
    """What the checks mean for metrics computed on the table.

    Args:
        checks: the checks that were made.
        scores: which column of the prediction file was judged, if one was.
    """
    made = {check.check: check for check in checks}
    sentences: list[str] = []
    judged = partial(_scores, title=scores)
    parts = (_leaks, _limits, judged, _kinds, _identity, _classes, _coverage, _sequences, _rows)
    for part in parts:
        found = part(made)
        if len(sentences) + len(found) <= MAX_SENTENCES:
            sentences += found
    return " ".join(sentences)


def _leaks(made: Made) -> list[str]:
    shared = made.get("training_pairs")
    if shared is None or not shared.count:
        return []
    sentence = (
        f"{shared.count:,} of {shared.of:,} pairs ({shared.share:.1%}) are training pairs, e.g. "
        f"{shared.examples[0]}; remove them before you judge a model"
    )
    conflicts = made["training_conflicts"].count
    return [
        sentence + (f" ({conflicts:,} have the other label in training)." if conflicts else ".")
    ]


def _limits(made: Made) -> list[str]:
    return [made["limits"].explanation] if "limits" in made else []


def _kinds(made: Made) -> list[str]:
    kinds = made.get("two_kinds")
    if kinds is None:
        return []
    return [
        f"The table is of two kinds of proteins ({kinds.share:.0%} of the interactions have one of "
        "each); judge by non-pairs of one of each too, or read it as directed."
    ]


def _scores(made: Made, title: str) -> list[str]:
    area = made.get("score_auroc")
    if area is None:
        return []
    within = made.get("score_per_protein_auroc")
    among = (
        ""
        if within is None
        else f"; among the pairs of one protein, the scores reach {_of(within)}"
    )
    column = made["score_values"]
    which = (
        f" ({title}; only {column.count} values: hard calls)" if _is_hard(column) else f" ({title})"
    )
    if area.severity is Severity.WARNING:
        return [
            f"Interactions have the lower scores{which}: AUROC {_of(area)}, and "
            f"{1 - _value(area):.3f} with the sign turned; if lower is better, audit again with "
            "`lower_is_better`, else the scores mislead."
        ]
    others, explained = made["other_pairs_auroc"], made.get("explained_by_identity")
    if explained is None:
        return [
            f"The scores{which} hardly tell interactions from non-pairs (AUROC {_of(area)}){among}."
        ]
    share = min(max(_value(explained), 0.0), 1.0)
    if explained.severity is Severity.OK:
        return [
            f"The scores{which} reach AUROC {_of(area)}, and the two proteins alone explain little "
            f"of it: their scores in other pairs reach {_of(others)}{among}."
        ]
    return [
        f"The scores{which} reach AUROC {_of(area)}, but the scores of the two proteins in their "
        f"other pairs reach {_of(others)}: the two proteins alone explain {share:.0%} of the part "
        f"above 0.5{among}."
    ]


def _is_hard(column: Check) -> bool:
    return column.count is not None and column.count <= HARD


def _identity(made: Made) -> list[str]:
    prevalence = made["prevalence"]
    identity = made.get("identity_auroc")
    if identity is None:
        if prevalence.severity is Severity.NOTE:
            return [
                "The table has no labels, so it has no AUROC; draw non-pairs by a named law "
                "(ppi-ratio non-pairs)."
            ]
        return [
            f"With {prevalence.count:,} interactions among {prevalence.of:,} pairs, one label is "
            "too rare for an AUROC."
        ]
    degree = made["degree_auroc"]
    if identity.severity is Severity.OK and degree.severity is Severity.OK:
        return [
            f"Protein identity and degree do not predict the labels (AUROC {_of(identity)} and "
            f"{_of(degree)}), so a high AUROC here shows which pairs interact."
        ]
    if identity.severity is Severity.OK:
        source = f"Degree alone predicts the labels (AUROC {_of(degree)})"
    else:
        source = (
            f"Protein identity alone predicts the labels (AUROC {_of(identity)}; degree alone "
            f"{_of(degree)})"
        )
    strong = Severity.WARNING in (identity.severity, degree.severity)
    shows = "shows" if strong else "partly shows"
    return [
        f"{source}: a high AUROC here {shows} which proteins interact often, not which pairs "
        "interact.",
        "Use degree-matched non-pairs and per-protein AUROC.",
    ]


def _classes(made: Made) -> list[str]:
    if "C1" not in made:
        return []
    kin = _relatives(made)
    counts = {name: made[name].count or 0 for name in ("C1", "C2", "C3")}
    near = made.get("training_otherwise_spelled")
    if near is not None:
        kin = (
            f"; {near.count:,} of {near.of:,} other proteins are in training in another spelling, "
            f"or nearly so (`match_ids`){kin}"
        )
    if not counts["C1"] + counts["C2"]:
        if near is not None:
            return [f"No protein is in the training table under the same id{kin}."]
        return [f"No protein is in the training table (all pairs are C3){kin}."]
    listed = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return [
        f"By their proteins in training, the pairs are {listed}: judge each class separately{kin}."
    ]


def _relatives(made: Made) -> str:
    """What is known of relatives in training, as the end of a sentence; empty if not looked for."""
    missing = made.get("training_without_sequence")
    if missing is None:
        return ""
    relatives, ours = made.get("training_relatives"), made.get("without_sequence")
    unknown = [
        f"{found.count:,} of {found.of:,} {what} proteins have no sequence"
        for found, what in ((missing, "training"), (ours, "tested"))
        if found is not None and found.count
    ]
    limit = f"; {' and '.join(unknown)}, so relatives of these cannot be found" if unknown else ""
    if relatives is None:
        return limit
    if relatives.count:
        return (
            f"; {relatives.count:,} of {relatives.of:,} unseen proteins have a relative in "
            f"training and {made['training_homologs'].count:,} pairs are similar to a training "
            f"pair on both sides{limit}"
        )
    return limit or "; no unseen protein has a relative in training"


def _coverage(made: Made) -> list[str]:
    unscored = made.get("pairs_without_score")
    if unscored is None or not unscored.count:
        return []
    return [
        f"{unscored.count:,} of {unscored.of:,} pairs have no score, e.g. {unscored.examples[0]}; "
        "metrics leave them out."
    ]


def _sequences(made: Made) -> list[str]:
    missing = made.get("without_sequence")
    if missing is None or not missing.count:
        return []
    named = missing.examples[0]
    near = made.get("sequences_otherwise_spelled")
    hint = (
        f"; {near.count:,} of these have one under an id that differs in spelling (`match_ids`)"
        if near is not None
        else ""
    )
    return [f"{missing.count:,} of {missing.of:,} proteins have no sequence, e.g. {named}{hint}."]


def _rows(made: Made) -> list[str]:
    n_rows = made["pairs"].of
    kinds = {
        "repeated_rows": "name a pair again",
        "self_pairs": "pair a protein with itself",
        "malformed_rows": "lack an id",
    }
    found = [f"{made[name].count:,} {does}" for name, does in kinds.items() if made[name].count]
    if not found:
        return [f"All {n_rows:,} rows are distinct pairs of two proteins."]
    conflicts = made["label_conflicts"].count
    both = f"; {conflicts:,} pairs have both labels" if conflicts else ""
    return [f"Of {n_rows:,} rows, {', '.join(found)}{both}."]


def _value(check: Check) -> float:
    assert check.value is not None
    return check.value


def _of(check: Check) -> str:
    return f"{_value(check):.3f}"
