"""What is said of the mutual information of held-out pairs."""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ppi_ratio.evaluation.metrics import Interval

BETA = 1.0  # weight of the anchor class per noise slot in the skill
MAX_EXPONENT = 700.0  # beyond, exp is not finite in float64


@dataclass(frozen=True, eq=False)
class ShuffleNull:
    """The plug-in where pairing is undone: partners permuted among the held-out joint pairs.

    If left and right were independent, the mean of a calibrated log ratio would not be above 0:
    it would be minus a Kullback-Leibler divergence. The null asks what pairing adds, whatever the
    calibration. Partners are permuted within random groups of 128 pairs, whose scores are one
    matrix; a pair that keeps its partner, or a protein that would meet itself, is left out of a
    shuffle's mean.

    Attributes:
        values: the plug-in of each shuffle, nats; shape ``(shuffle,)``.
        p_value: (1 + number of shuffles with at least the observed plug-in) / (1 + shuffles).
    """

    values: np.ndarray = field(repr=False)
    p_value: float

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def sd(self) -> float:
        return float(self.values.std(ddof=1))


@dataclass(frozen=True)
class Diagnostics:
    """What can be said of a ratio without knowing the true one; all of it held out.

    Attributes:
        log_normaliser: g, log of the mean ratio of noise pairs, nats; 0 at the truth.
        left_spread: standard deviation over left proteins of each one's own log-normaliser,
            nats; 0 at the truth and with endless pairs.
        right_spread: the same over right proteins.
        inverse_ratio: mean of 1/r over joint pairs; 1 at the truth where every noise pair could
            be a joint one.
        skill: H(Z) - L of InfoNCE-anchor with beta = 1, nats. L is a strictly proper score, so
            that models trained with different objectives compare by it; with a skill below 0 a
            model says less than one that knows nothing.
    """

    log_normaliser: float
    left_spread: float
    right_spread: float
    inverse_ratio: float
    skill: float

    @property
    def normalised_skill(self) -> float:
        """J = (1 + beta) skill; at the truth it comes near the mutual information from below."""
        return (1 + BETA) * self.skill

    @property
    def noise_ratio(self) -> float:
        """Mean ratio of noise pairs, E0 r; 1 at the truth."""
        return math.exp(min(self.log_normaliser, MAX_EXPONENT))


@dataclass(frozen=True, eq=False)
class Information:
    """Mutual information of held-out pairs in nats, and what speaks for it.

    Attributes:
        plug_in: mean log ratio of the joint pairs, with its 95 % interval over proteins.
        own_estimate: the training objective's own, if it has one.
        null: the plug-in with permuted partners.
        diagnostics: what needs no truth.
        training: the plug-in of the training pairs, if they were given.
        verdict: how to read all this, in one line; see ``mutual_information``.
        notes: what was left out, and what to beware of.
        own_source: what the own estimate is a mean of, or why there is none.
        n_proteins: of the joint pairs.
        log_ratios: of the joint pairs; shape ``(pair,)``.
        noise_log_ratios: of the noise pairs behind the diagnostics; shape ``(noise,)``.
    """

    plug_in: Interval
    own_estimate: float | None
    null: ShuffleNull
    diagnostics: Diagnostics
    training: float | None
    verdict: str
    notes: tuple[str, ...]
    own_source: str
    n_proteins: int
    log_ratios: np.ndarray = field(repr=False)
    noise_log_ratios: np.ndarray = field(repr=False)

    @property
    def bits(self) -> float:
        """The plug-in in bits."""
        return self.plug_in.value / math.log(2)

    @property
    def donsker_varadhan(self) -> float:
        """Plug-in - g: blind to a constant in the log ratio."""
        return self.plug_in.value - self.diagnostics.log_normaliser

    @property
    def nwj(self) -> float:
        """Plug-in - E0 r + 1, the bound of Nguyen, Wainwright & Jordan."""
        return self.plug_in.value - self.diagnostics.noise_ratio + 1

    @property
    def frame(self) -> pd.DataFrame:
        """Columns quantity, value, bits, low, high and note, a row for each quantity.

        A value is in nats and has bits, or is a ratio or a probability and has none. Low and high
        are 95 % intervals: of the plug-in over proteins, of the null over shuffles.
        """
        found, null = self.diagnostics, self.null
        own = math.nan if self.own_estimate is None else self.own_estimate
        low, high = np.quantile(null.values, [0.025, 0.975])
        rows = [
            _nats(
                "plug_in",
                self.plug_in.value,
                f"{len(self.log_ratios):,} pairs, {self.n_proteins:,} proteins",
                (self.plug_in.low, self.plug_in.high),
            ),
            _nats("own_estimate", own, self.own_source),
            _nats(
                "shuffle_null",
                null.mean,
                f"mean of {len(null.values):,} shuffles",
                (float(low), float(high)),
            ),
            _nats("shuffle_null_sd", null.sd, ""),
            _plain("p_value", null.p_value, "of the plug-in under null"),
            _nats("log_normaliser", found.log_normaliser, "g; 0 at the truth"),
            _nats("left_spread", found.left_spread, "sd of g over the lefts"),
            _nats("right_spread", found.right_spread, "sd of g over the rights"),
            _nats("donsker_varadhan", self.donsker_varadhan, "plug-in - g"),
            _plain("noise_excess", found.noise_ratio - 1, "E0 r - 1; 0 at the truth"),
            _nats("nwj", self.nwj, "plug-in - (E0 r - 1)"),
            _plain("inverse_ratio", found.inverse_ratio, "E1 1/r; 1 at the truth"),
            _nats("skill", found.skill, "H(Z) - L of the anchor"),
            _nats("normalised_skill", found.normalised_skill, "J = 2 skill"),
        ]
        if self.training is not None:
            rows.append(_nats("training_plug_in", self.training, "never to be quoted"))
        return pd.DataFrame(rows)


def _nats(
    quantity: str, value: float, note: str, bounds: tuple[float, float] = (math.nan, math.nan)
) -> dict[str, object]:
    return _plain(quantity, value, note, bounds) | {"bits": value / math.log(2)}


def _plain(
    quantity: str, value: float, note: str, bounds: tuple[float, float] = (math.nan, math.nan)
) -> dict[str, object]:
    return {
        "quantity": quantity,
        "value": value,
        "bits": math.nan,
        "low": bounds[0],
        "high": bounds[1],
        "note": note,
    }
