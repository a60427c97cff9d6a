"""``model.json``: settings and provenance of a model, and how its scores were normalised."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pydantic
from pydantic.dataclasses import dataclass

from ppi_ratio.critics import CriticFactory
from ppi_ratio.embeddings import Provenance
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.model import members
from ppi_ratio.objectives import Objective
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.training.settings import TrainerSettings

FORMAT = "ppi_ratio.model"
FORMAT_VERSION = 1
MAX_CARD_BYTES = 2**20


@dataclass(frozen=True, config=STRICT)
class NoiseCard:
    """The noise law: a ratio compares a pair with the pairs that this law draws.

    Attributes:
        law: "degree_weighted" is p(left) p(right), where each protein is as frequent as in the
            interactions; "labelled_non_pairs" is the law of the non-pairs in the training table.
        self_pairs: whether noise contains pairs of a protein with itself.
        kinds: "two" if all interactions have one protein of each of two kinds, such as hosts and
            pathogens; noise pairs then have one of each too, and the ratio says nothing about
            pairs of one kind.
    """

    law: Literal["degree_weighted", "labelled_non_pairs"] = "degree_weighted"
    self_pairs: Literal["kept", "left out"] = "left out"
    kinds: Literal["one", "two"] = "one"

    @property
    def is_all_pairs(self) -> bool:
        """Whether noise keeps interactions, so that its law is that of all pairs."""
        return self.law == "degree_weighted"


@dataclass(frozen=True, config=STRICT)
class NormaliserCard:
    """How critic scores are turned into log ratios; see ``scoring.Normaliser``.

    Attributes:
        kind: "global" subtracts one constant, "per_right" a number for each right protein.
        log_normaliser: log of the mean of exp(score) under the noise law before normalising, in
            nats. It is 0 at the optimum of an objective that learns log r; a value far from 0 then
            says that training ended before the optimum.
    """

    kind: Literal["global", "per_right"]
    log_normaliser: pydantic.FiniteFloat


@dataclass(frozen=True, config=STRICT)
class ModelCard:
    """The content of ``model.json``.

    Attributes:
        critic: settings of the critic.
        objective: the objective, with its settings.
        trainer: settings of training.
        seed: seed of weights, batches and dropout.
        dim: numbers per protein in the vectors.
        directed: whether the training pairs have a direction.
        optimum: value of the objective's ``Optimum``.
        normaliser: how scores are turned into log ratios.
        noise: the law that the ratio compares with.
        vectors: provenance of the vectors.
        training_pairs: name of the table of training pairs.
        split_hash: content hash of the split.
        metrics: numbers about the training, such as the best epoch and its validation loss.
        ppi_ratio: version of the package that made the model.
        vectors_hash: SHA-256 of the vectors of training and validation proteins; None in models of
            early releases.
    """

    critic: pydantic.InstanceOf[CriticFactory]
    objective: pydantic.InstanceOf[Objective]
    trainer: TrainerSettings
    seed: int
    dim: int
    directed: bool
    optimum: str
    normaliser: NormaliserCard
    noise: NoiseCard
    vectors: Mapping[str, str | int | None]
    training_pairs: str
    split_hash: str
    metrics: Mapping[str, float]
    ppi_ratio: str
    vectors_hash: str | None = None
    format: Literal["ppi_ratio.model"] = FORMAT
    version: Literal[1] = FORMAT_VERSION

    @property
    def provenance(self) -> Provenance:
        return Provenance.from_dict(self.vectors)

    def summary(self, n_pairs: int, n_proteins: int) -> str:
        """The card in at most ten lines, with the numbers of training pairs and their proteins."""
        lines = [
            "RatioModel",
            f"objective: {self.objective.name}",
            f"critic: {self.critic.name}",
            f"vectors: {self.provenance.describe()}, {self.dim} dimensions",
            f"training: {self.training_pairs}, {n_pairs:,} pairs of {n_proteins:,} proteins",
            f"directed: {'yes' if self.directed else 'no'}",
            f"noise law: {self.noise.law}, self pairs {self.noise.self_pairs}"
            + (", one protein of each of two kinds" if self.noise.kinds == "two" else ""),
            f"seed: {self.seed}",
        ]
        if "best_epoch" in self.metrics:
            best, epochs = self.metrics["best_epoch"] + 1, self.metrics["epochs"]
            lines.append(f"best epoch: {best:.0f} of {epochs:.0f}")
        return "\n  ".join(lines)


def card_text(card: ModelCard) -> str:
    """The text of ``model.json``."""
    content = pydantic.TypeAdapter(ModelCard).dump_python(card, mode="json")
    content |= {
        "critic": members.CRITIC.entry(card.critic),
        "objective": members.OBJECTIVE.entry(card.objective),
    }
    return json.dumps(content, indent=2) + "\n"


def read_card(
    path: Path,
    *,
    critic: type[CriticFactory] | None = None,
    objective: type[Objective] | None = None,
) -> ModelCard:
    """Read ``model.json``; the inverse of ``card_text``.

    Args:
        path: ``model.json``.
        critic: class of the critic's settings, needed if ``CRITICS`` does not list it.
        objective: class of the objective, needed if ``OBJECTIVES`` does not list it.

    Raises:
        ConfigError: if a class is needed and not given, or another class is given.
        InputError: if the file is damaged, or is not the card of a model.
        ProvenanceError: if the format of the file is newer than this release reads.
    """
    if path.stat().st_size > MAX_CARD_BYTES:
        raise InputError(f"{path}: larger than {MAX_CARD_BYTES:,} bytes; copy the model again")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}); copy the model again") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{path}: not the card of a model (its format is not {FORMAT!r})")
    version = content.get("version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise ProvenanceError(
            f"{path}: format version {version} is newer than this ppi_ratio reads "
            f"({FORMAT_VERSION}); upgrade ppi_ratio"
        )
    try:
        content |= {
            "critic": members.CRITIC.read(content.get("critic"), critic),
            "objective": members.OBJECTIVE.read(content.get("objective"), objective),
        }
        if isinstance(content.get("noise"), dict):
            content["noise"].pop(
                "known_partners", None
            )  # release 0.1.0 wrote this key, always with one value
        return pydantic.TypeAdapter(ModelCard).validate_python(content)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}; copy the model again") from error
    except pydantic.ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(map(str, fault["loc"]))
        raise InputError(f"{path}: {key}: {fault['msg']}; copy the model again") from error
