"""Log ratios against one noise law -> log ratios against another, from degrees of proteins.

A log ratio compares a pair with a noise law: log r = log p(x, y) / (q0(x) q0(y)). Against another
product law q0' the log ratio of the same pair is

    log r' = log r + log q0(x) + log q0(y) - log q0'(x) - log q0'(y)

The four terms come from the degrees of the training proteins; nothing is retrained. Choose the law
of the non-pairs that interactions must outscore, or that the prior of a probability refers to:

| non-pairs | law | effect |
|---|---|---|
| drawn uniformly over proteins | ``uniform`` | adds the log degrees of both proteins |
| drawn uniformly over the proteins of each role | ``role_matched`` | adds the log degrees too |
| ``degree_weighted``, ``degree_matched``, ``rewired`` | the same name | none: the learned law |
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ppi_ratio.errors import ConfigError, InputError
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.pairs import NOISE_LAWS
from ppi_ratio.sequences import IdIndex

LEARNED_LAW = "degree_weighted"
PSEUDOCOUNT = 0.5  # half the degree of a protein that was seen once


@dataclass(frozen=True, eq=False)
class UnaryTerms:
    """A product law of noise: log q0 of single proteins on either side, in nats.

    Attributes:
        left, right: log q0 by id, for the proteins with a known degree; the exponentials of a side
            sum to 1.
        unseen: log q0 of every other protein, on the left and on the right.
    """

    left: pd.Series = field(repr=False)
    right: pd.Series = field(repr=False)
    unseen: tuple[float, float]

    def of(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Log q0(left) + log q0(right) of pairs of ids, in nats; shape ``(pair,)``."""
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
    """How often a noise law draws each protein, computed from degrees.

    ``uniform`` draws all proteins of ``degrees`` equally often. ``role_matched`` does so with the
    proteins that have a degree on that side. ``degree_weighted`` draws in proportion to the degree.
    ``degree_matched`` and ``rewired`` keep each degree exactly, which has the same effect.

    Args:
        degrees: number of training interactions of each protein, indexed by id, in the columns
            ``left_degree`` and ``right_degree``; see ``RatioModel.degrees``.
        law: a key of ``NOISE_LAWS``.
        pseudocount: degree assumed for a protein without a degree. Within a class (C1, C2 or C3)
            it moves all log ratios by the same number. Between classes it says how rare an unseen
            protein is; a held-out protein need not be rare.

    Raises:
        ConfigError: if there is no such law, or the pseudocount is not positive.
        InputError: if no protein has a degree.
    """
    if law not in NOISE_LAWS:
        raise ConfigError(f"no noise law {law!r}; known ones: {', '.join(NOISE_LAWS)}")
    if not pseudocount > 0:
        raise ConfigError(
            f"pseudocount stands for a degree and must be positive, got {pseudocount}"
        )
    left, right = (
        _log_weights(pd.Series(degrees[side], dtype=float), law, pseudocount)
        for side in (LEFT_DEGREE, RIGHT_DEGREE)
    )
    return UnaryTerms(left[0], right[0], (left[1], right[1]))


def check_learned_law(law: str) -> None:
    """Refuse a model whose noise law does not follow from degrees.

    Raises:
        ConfigError: if the model learned from labelled non-pairs.
    """
    if law != LEARNED_LAW:
        raise ConfigError(
            "the model learned from labelled non-pairs, whose law does not follow from degrees; "
            "only a model that learned from interactions alone has log ratios against other laws"
        )


def log_ratios_against(
    law: str,
    log_ratio: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    degrees: pd.DataFrame,
    *,
    pseudocount: float = PSEUDOCOUNT,
) -> np.ndarray:
    """Log ratios against ``LEARNED_LAW`` -> log ratios against ``law``, in nats; ``(pair,)``.

    For the other arguments and the errors see ``unary_log_weights``.
    """
    learned, wanted = (
        unary_log_weights(degrees, name, pseudocount=pseudocount) for name in (LEARNED_LAW, law)
    )
    return shift_log_ratio(log_ratio, left, right, from_=learned, to=wanted)


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
        raise InputError("no protein has a degree, so the law cannot be computed")
    total = np.log(drawn.sum())
    return np.log(drawn) - total, float(np.log(other) - total)
