"""The result of a measurement of mutual information: estimates, shuffle null, diagnostics."""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ppi_ratio.evaluation.metrics import Interval

ANCHOR_BETA = 1.0  # weight of the anchor class per noise slot, in the skill
MAX_EXPONENT = 700.0  # above, exp overflows float64


@dataclass(frozen=True, eq=False)
class ShuffleNull:
    """Plug-in estimates after permuting the partners of the held-out interactions.

    The null shows how much of the estimate comes from which left belongs to which right, also for
    a ratio that is not calibrated. If left and right were independent, the mean of a calibrated
    log ratio would be minus a Kullback-Leibler divergence, and never above 0. Partners are permuted
    within random groups of 128 interactions, whose scores form one matrix. A shuffle's mean leaves
    out interactions that keep their partner, and self pairs.

    Attributes:
        values: plug-in of each shuffle, in nats; shape ``(shuffle,)``.
        p_value: (1 + number of shuffles with at least the observed plug-in) / (1 + shuffles).
    """

    values: np.ndarray = field(repr=False)
    p_value: float

    @property
    def mean(self) -> float:
        """Mean over shuffles, in nats."""
        return float(self.values.mean())

    @property
    def sd(self) -> float:
        """Standard deviation over shuffles, in nats."""
        return float(self.values.std(ddof=1))


@dataclass(frozen=True)
class Diagnostics:
    """Checks of a ratio on held-out pairs that need no true ratio.

    Attributes:
        log_normaliser: g, the log of the mean ratio of noise pairs, in nats; 0 for the true ratio.
        left_spread: standard deviation over left proteins of the log-normaliser of each, in nats;
            0 for the true ratio and infinitely many pairs.
        right_spread: standard deviation over right proteins of the log-normaliser of each.
        inverse_ratio: mean of 1/r over interactions; 1 for the true ratio if every noise pair
            could be an interaction.
        skill: H(Z) - L of InfoNCE-anchor with beta = 1, in nats. L is a strictly proper score, so
            models trained with different objectives can be compared. A skill below 0 is worse
            than that of a constant ratio.
    """

    log_normaliser: float
    left_spread: float
    right_spread: float
    inverse_ratio: float
    skill: float

    @property
    def normalised_skill(self) -> float:
        """J = (1 + beta) skill; for the true ratio close to the mutual information, from below."""
        return (1 + ANCHOR_BETA) * self.skill

    @property
    def noise_ratio(self) -> float:
        """Mean ratio of noise pairs, E0 r; 1 for the true ratio."""
        return math.exp(min(self.log_normaliser, MAX_EXPONENT))


@dataclass(frozen=True, eq=False)
class Information:
    """Mutual information of held-out interactions in nats, with the evidence for it.

    Attributes:
        plug_in: mean log ratio of the interactions, with a 95 % interval over proteins.
        own_estimate: the estimate of the training objective, if the objective gives one.
        null: plug-in estimates with permuted partners.
        diagnostics: checks that need no true ratio.
        training: the plug-in of the training pairs, if they were given.
        verdict: one line on how to read the result; see ``mutual_information``.
        notes: what was left out, and cautions.
        own_source: objective and batches of ``own_estimate``, or why there is no such estimate.
        n_proteins: number of proteins in the interactions.
        log_ratios: log ratios of the interactions; shape ``(pair,)``.
        noise_log_ratios: log ratios of the noise pairs in the diagnostics; shape ``(noise,)``.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data(n_pairs=1000)
        >>> split = pr.split_by_pair(pairs, seed=0)
        >>> trainer = pr.TrainerSettings(batch_size=256, max_epochs=20)
        >>> model = pr.fit(split, vectors, trainer=trainer, progress=False)
        >>> found = pr.mutual_information(model, split.test, vectors, seed=0)
        >>> found.plug_in.low < found.plug_in.value < found.plug_in.high  # nats
        True
        >>> abs(found.diagnostics.log_normaliser) < 0.1  # the ratio is normalised
        True
        >>> found.nwj <= found.donsker_varadhan  # the tighter of two lower bounds
        True
        >>> found.frame["quantity"].tolist()[:3]
        ['plug_in', 'own_estimate', 'shuffle_null']
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
        """Plug-in - g, which does not depend on a constant in the log ratio."""
        return self.plug_in.value - self.diagnostics.log_normaliser

    @property
    def nwj(self) -> float:
        """Plug-in - E0 r + 1, the bound of Nguyen, Wainwright & Jordan."""
        return self.plug_in.value - self.diagnostics.noise_ratio + 1

    @property
    def frame(self) -> pd.DataFrame:
        """One row per quantity; columns quantity, value, bits, low, high and note.

        Values are in nats and also given in bits, except ratios and probabilities. Low and high
        are 95 % intervals, over proteins for the plug-in and over shuffles for the null.
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
            rows.append(_nats("training_plug_in", self.training, "do not quote"))
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
