"""Log ratios against one noise law -> log ratios against another, by counts of single proteins.

A log ratio compares a pair with a named law of noise, log r = log p(x, y) / (q0(x) q0(y)). Against
another product law q0' the same pair has

    log r' = log r + log q0(x) + log q0(y) - log q0'(x) - log q0'(y)

and these terms are counted, nothing is learned anew. The law to shift to is that of the non-pairs
among which scores are to be ranked, or at whose prevalence a probability is wanted:

| non-pairs | law | what the shift does |
|---|---|---|
| drawn uniformly over proteins | ``uniform`` | brings the degrees back in, which tell there |
| the same, each side from its role | ``role_matched`` | the same |
| ``degree_weighted``, ``degree_matched``, ``rewired`` | the same name | nothing: as learned |
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.pairs import NOISE_LAWS
from ppi_ratio.sequences import IdIndex

LEARNED_LAW = "degree_weighted"
PSEUDOCOUNT = 0.5  # half the degree of a protein that was seen once


@dataclass(frozen=True, eq=False)
class UnaryTerms:
    """A product law of noise: log q0 of single proteins on either side, in nats.

    Attributes:
        left, right: by id, of the proteins that the law was counted over; exp of each sums to 1.
        unseen: of every other protein, on the left and on the right.
    """

    left: pd.Series = field(repr=False)
    right: pd.Series = field(repr=False)
    unseen: tuple[float, float]

    def of(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """What the law says of pairs of ids, log q0(left) + log q0(right); shape ``(pair,)``."""
        lefts, rights = (
            np.append(terms, unseen)[IdIndex(terms.index).rows(ids)]
            for terms, unseen, ids in zip(
                (self.left, self.right), self.unseen, (left, right), strict=True
            )
        )
        return lefts + rights


def unary_log_weights(
    degrees: pd.DataFrame, law: str, *, pseudocount: float = PSEUDOCOUNT
) -> UnaryTerms:
    """How often a noise law draws each protein, from the degrees of the training pairs.

    ``uniform`` draws every protein of ``degrees`` alike; ``role_matched`` those with a degree on
    that side; ``degree_weighted`` by degree. The laws ``degree_matched`` and ``rewired`` keep each
    degree exactly, so that their proteins too come up by degree.

    Args:
        degrees: joint training pairs of each protein, indexed by id, in the columns
            ``left_degree`` and ``right_degree``, as ``RatioModel.degrees`` has them.
        law: a key of ``NOISE_LAWS``.
        pseudocount: the degree lent to a protein without one. Among pairs with as many unseen
            proteins (C1, C2, C3) it moves all alike; across these classes it says how rare an
            unseen protein is taken to be, and one that was held out is not rare.

    Raises:
        ValueError: if there is no such law, no degree, or a pseudocount that is not positive.
    """
    if law not in NOISE_LAWS:
        raise ValueError(f"no noise law {law!r}; known ones: {', '.join(NOISE_LAWS)}")
    if not pseudocount > 0:
        raise ValueError(f"pseudocount stands for a degree and must be positive, got {pseudocount}")
    left, right = (
        _log_weights(pd.Series(degrees[side], dtype=float), law, pseudocount)
        for side in (LEFT_DEGREE, RIGHT_DEGREE)
    )
    return UnaryTerms(left[0], right[0], (left[1], right[1]))


def shift_log_ratio(
    log_ratio: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    *,
    from_: UnaryTerms,
    to: UnaryTerms,
) -> np.ndarray:
    """Log ratios of pairs against ``to`` instead of ``from_``, in nats; shape ``(pair,)``."""
    return log_ratio + from_.of(left, right) - to.of(left, right)


def _log_weights(degrees: pd.Series, law: str, pseudocount: float) -> tuple[pd.Series, float]:
    """For one side, log q0 of each protein that the law draws there, and of any other."""
    if law == "uniform":
        drawn, other = pd.Series(1.0, index=degrees.index), 1.0
    elif law == "role_matched":
        drawn, other = pd.Series(1.0, index=degrees.index[(degrees > 0).to_numpy()]), 1.0
    else:
        drawn, other = degrees[degrees > 0], pseudocount
    if not len(drawn):
        raise ValueError("no protein has a degree, so that nothing can be counted")
    total = np.log(drawn.sum())
    return np.log(drawn) - total, float(np.log(other) - total)
