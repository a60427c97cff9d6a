"""Scores or hits -> a table of pairs with probabilities and classes."""

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model.probability import Rule
from ppi_ratio.pairs import LEFT, NOTE, RIGHT
from ppi_ratio.pairs.leakage import CLASSES
from ppi_ratio.search import Hits
from ppi_ratio.sequences import IdIndex

NO_VECTOR = "no vector for "  # begins the note of a row without a vector
LOG_RATIO, PROBABILITY, PAIR_CLASS = "log_ratio", "probability", "pair_class"


def score_table(
    left: np.ndarray | pd.Categorical,
    right: np.ndarray | pd.Categorical,
    log_ratio: Float[np.ndarray, " pair"],
    pair_class: np.ndarray | pd.Categorical,
    *,
    rule: Rule | None,
) -> pd.DataFrame:
    """One row per pair, in order.

    Args:
        left: name of each left protein.
        right: name of each right protein.
        log_ratio: in nats.
        pair_class: C1, C2 or C3 of each pair.
        rule: how probabilities follow; None if scores give no probability.
    """
    columns = {
        LEFT: left,
        RIGHT: right,
        LOG_RATIO: log_ratio,
        PROBABILITY: np.full_like(log_ratio, np.nan) if rule is None else rule(log_ratio),
        PAIR_CLASS: pair_class,
    }
    return pd.DataFrame(columns)


def hit_table(
    hits: Hits,
    left_names: np.ndarray,
    right_names: np.ndarray,
    left_seen: Bool[np.ndarray, " left"],
    right_seen: Bool[np.ndarray, " right"],
    *,
    rule: Rule | None,
) -> pd.DataFrame:
    """One row per hit, in order. Names and classes are categories: no text is copied per hit.

    Both name columns have the same categories, so that they can be compared.

    Args:
        hits: positions among lefts and rights, and log ratios.
        left_names: name of each left protein, ``(left,)``.
        right_names: name of each right protein, ``(right,)``.
        left_seen: whether each left protein was in training.
        right_seen: whether each right protein was in training.
        rule: how probabilities follow; None if scores give no probability.
    """
    codes, names = pd.factorize(np.concatenate([left_names, right_names]))
    dtype = pd.CategoricalDtype(names)
    left_codes, right_codes = np.split(codes.astype(np.int32), [len(left_names)])
    unseen = (~left_seen).astype(np.int8), (~right_seen).astype(np.int8)
    lefts, rights = (np.ascontiguousarray(hits[side]) for side in ("left", "right"))
    return score_table(
        pd.Categorical.from_codes(left_codes.take(lefts), dtype=dtype),
        pd.Categorical.from_codes(right_codes.take(rights), dtype=dtype),
        np.ascontiguousarray(hits["log_ratio"]),
        pd.Categorical.from_codes(unseen[0].take(lefts) + unseen[1].take(rights), CLASSES),
        rule=rule,
    )


def notes_of(
    candidates: pd.DataFrame, left_rows: np.ndarray, right_rows: np.ndarray, vectors: Embeddings
) -> pd.Series:
    """Why each row has no score; empty for a row with a score."""
    notes = pd.Series("", index=candidates.index, dtype="str")
    for side, rows in ((RIGHT, right_rows), (LEFT, left_rows)):
        missing = rows < 0
        notes[missing] = NO_VECTOR + _with_hints(candidates.loc[missing, side], vectors)
    both = (left_rows < 0) & (right_rows < 0)
    notes[both] += " and " + _with_hints(candidates.loc[both, RIGHT], vectors)
    if NOTE in candidates:
        given = candidates[NOTE] != ""
        notes[given] = candidates.loc[given, NOTE]
    return notes


def _with_hints(missing: pd.Series, vectors: Embeddings) -> pd.Series:
    """Each id, followed by the reason if its vector is unusable, or by a hint at a similar id."""
    unusable = IdIndex(vectors.unusable)
    reasons = list(vectors.unusable.values())
    hinted: dict[str, str] = {}
    for name in missing.unique():
        (row,) = unusable.rows([name])
        hinted[name] = f"{name} ({reasons[row]})" if row >= 0 else vectors.index.example([name])
    return missing.astype(str).map(hinted)
