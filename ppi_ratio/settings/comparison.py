"""YAML -> ``Comparison``: objectives, critics and baselines to compare, and the data."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field, PositiveInt
from pydantic.dataclasses import dataclass

from ppi_ratio.critics import CriticSettings
from ppi_ratio.evaluation.baselines import BASELINES, LOG_RATIOS
from ppi_ratio.objectives import ObjectiveSettings
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.runtime.seeds import Seed
from ppi_ratio.settings.experiment import check_symmetry
from ppi_ratio.settings.reading import read_settings
from ppi_ratio.settings.splits import Columns, GivenSplit, SplitSettings
from ppi_ratio.training.settings import TrainerSettings

ALL_BASELINES = tuple(BASELINES)


@dataclass(frozen=True, config=STRICT)
class HeldOutSplits:
    """The held-out-protein protocol on one pair table.

    Attributes:
        name: chooses this protocol.
        pairs: the pair table.
        directed: whether (a, b) and (b, a) are different pairs.
        seed: of the first split; the seeds of the others count up from it.
        n_held_out: number of proteins held out in each split.
        published: follow the published code of the protocol, with its leaks; see
            ``comparison.held_out``.
        min_score: lowest score of a row that is read as an interaction.
        columns: columns of ids and labels, as of ``PairColumns.parse``.
    """

    name: Literal["held_out_proteins"]
    pairs: Path
    directed: bool
    seed: Seed
    n_held_out: PositiveInt = 170
    published: bool = False
    min_score: float | None = None
    columns: Columns | None = None


ComparedSplit = Annotated[SplitSettings | HeldOutSplits, Field(discriminator="name")]


@dataclass(frozen=True, config=STRICT)
class Comparison:
    """The objectives, critics and baselines to compare, and the data to compare them on.

    Attributes:
        title: heading of the report.
        embeddings: files with the vectors of the proteins, in any form that ``Embeddings.read``
            reads. Vectors of one encoder may stand in several files.
        split: how the pairs are divided into training, validation and test.
        objectives: losses; the others are compared to the first.
        critics: networks; every objective trains every critic.
        trainer: trainer settings of every objective and critic.
        n_splits: number of splits. Their seeds count up from the seed of ``split``. Must be 1 for
            tables that were divided before.
        n_seeds: number of trainings of every objective and critic on every split.
        tuning: values to try of trainer settings, by name of the setting; the values with the
            highest validation AUROC are used.
        baselines: names of baselines to show beside the models.
        encoder: name of the encoder, if the vector files do not state it.
        ensembles: lists of scorers whose log ratios are averaged; the log ratios of each scorer
            are first averaged over its seeds. A scorer is an objective, or a baseline whose
            scores are log ratios.
        renormalise: renormalise the log ratios of every model and ensemble to a mean ratio of 1,
            over pairs drawn from the marginals of the test pairs. No label is read, and only
            calibration changes.
        keep_models: True to save every trained model.
        seed: seed of drawn non-pairs; the seeds of trainings count up from it.

    Raises:
        pydantic.ValidationError: if a setting is wrong. ``read_comparison`` raises a
            ``ConfigError`` in plain words instead.

    Examples:
        >>> import ppi_ratio as pr
        >>> split = {"name": "pair", "pairs": "pairs.tsv", "directed": False, "seed": 0}
        >>> comparison = pr.Comparison(
        ...     title="Does the anchor help?",
        ...     embeddings="vectors.h5",
        ...     split=split | {"test_fraction": 0.2, "validation_fraction": 0.2},
        ...     objectives=[pr.InfoNCEAnchor(), pr.InfoNCE()],
        ...     critics=[pr.Separable()],
        ...     trainer=pr.TrainerSettings(),
        ... )
        >>> comparison.n_seeds, [objective.name for objective in comparison.objectives]
        (1, ['infonce_anchor', 'infonce'])
    """

    title: str
    embeddings: Path | list[Path]
    split: ComparedSplit
    objectives: Annotated[list[ObjectiveSettings], Field(min_length=1)]
    critics: Annotated[list[CriticSettings], Field(min_length=1)]
    trainer: TrainerSettings
    n_splits: PositiveInt = 1
    n_seeds: PositiveInt = 1
    tuning: dict[str, list[float | int]] = Field(default_factory=dict)
    baselines: list[str] = Field(default_factory=lambda: list(ALL_BASELINES))
    encoder: str | None = None
    ensembles: list[Annotated[list[str], Field(min_length=2)]] = Field(default_factory=list)
    renormalise: bool = False
    keep_models: bool = False
    seed: Seed = 0

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Comparison":
        unknown = sorted(set(self.baselines) - set(BASELINES))
        if unknown:
            raise ValueError(
                f"`baselines`: there is no baseline {unknown[0]!r}; choose from "
                f"{', '.join(BASELINES)}"
            )
        known = TrainerSettings.__dataclass_fields__
        wrong = sorted(set(self.tuning) - set(known))
        if wrong:
            raise ValueError(
                f"unknown key `tuning.{wrong[0]}`; tune trainer settings: {', '.join(known)}"
            )
        if "refit" in self.tuning:
            raise ValueError(
                "`tuning.refit`: cannot be tuned, because tuning takes the validation AUROC and "
                "refit learns from validation pairs; set `trainer.refit`"
            )
        self._check_split()
        for key, chosen in (("objectives", self.objectives), ("critics", self.critics)):
            if any(member in chosen[:place] for place, member in enumerate(chosen)):
                raise ValueError(f"`{key}`: two entries are equal; leave one out")
        self._check_ensembles()
        for critic in self.critics:
            check_symmetry(critic, directed=self.split.directed)
        return self

    def _check_split(self) -> None:
        if not isinstance(self.split, GivenSplit):
            return
        if self.n_splits > 1:
            raise ValueError(
                "`n_splits`: must be 1, because tables that were divided before are one split"
            )
        for part in ("validation", "test"):
            if getattr(self.split, part) is None:
                raise ValueError(
                    f"`split.{part}`: a comparison chooses on validation pairs and judges on test "
                    "pairs, so it needs this table"
                )

    def _check_ensembles(self) -> None:
        objectives = [
            name
            for name, objective in zip(names_of(self.objectives), self.objectives, strict=True)
            if not objective.optimum.is_skewed
        ]
        possible = [*objectives, *(name for name in self.baselines if name in LOG_RATIOS)]
        for members in self.ensembles:
            unknown = [name for name in members if name not in possible]
            if unknown:
                raise ValueError(
                    f"`ensembles`: {unknown[0]!r} gives no log ratios in this comparison; choose "
                    f"from {', '.join(possible)}"
                )
            if not set(members) & set(objectives):
                raise ValueError(
                    f"`ensembles`: no objective among {', '.join(members)}; add one of "
                    f"{', '.join(objectives)}"
                )


ADAPTER = pydantic.TypeAdapter(Comparison)


def read_comparison(path: Path, overrides: Sequence[str] = ()) -> Comparison:
    """Read the settings of a comparison from a YAML file; unknown keys are errors.

    Args:
        path: the file.
        overrides: settings to change, such as ``trainer.max_epochs=5``.

    Raises:
        ConfigError: if a key is unknown or a value is wrong; names the key.
        FileNotFoundError: if there is no such file.

    Examples:
        >>> from pathlib import Path
        >>> import ppi_ratio as pr
        >>> _ = Path("compare.yaml").write_text("tittle: Toy data")
        >>> pr.read_comparison(Path("compare.yaml"))
        Traceback (most recent call last):
        ppi_ratio.errors.ConfigError: compare.yaml: ...tittle...
    """
    return read_settings(path, ADAPTER, overrides)


def names_of(members: Sequence[ObjectiveSettings] | Sequence[CriticSettings]) -> list[str]:
    """The name of each member, with the settings that differ from members of the same name."""
    return [
        member.name
        + _differing_settings(member, [other for other in members if other.name == member.name])
        for member in members
    ]


def _differing_settings(member: Any, of_same_name: Iterable[Any]) -> str:  # noqa: ANN401
    settings = [dataclasses.asdict(each) for each in of_same_name]
    differing = [
        f"{key}={value}"
        for key, value in dataclasses.asdict(member).items()
        if any(other[key] != value for other in settings)
    ]
    return f"({', '.join(differing)})" if differing else ""
