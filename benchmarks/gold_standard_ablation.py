"""The effect of single choices on the human gold standard, measured on validation pairs.

The test part is not read. Early stopping uses the objective on validation interactions, and the
table shows the ranking of validation pairs. Its values are therefore slightly too high, equally for
all choices.

    python benchmarks/gold_standard_ablation.py data/bernett/train.tsv.gz data/bernett/val.tsv.gz \
        --vectors data/vectors/unirep_bernett.h5 --out runs/ablation \
        --results benchmarks/results/gold_standard_ablation.tsv --profiles runs/profiles.h5 \
        --mean-sd runs/unirep_mean_sd.h5 --segments runs/unirep_segments.h5

benchmarks/unirep_vectors.py makes runs/unirep_mean_sd.h5, benchmarks/unirep_segments.py makes
runs/unirep_segments.h5, and this command makes runs/profiles.h5:

    ppi-ratio embed data/bernett/sequences.fasta.gz --encoder hydropathy_charge \
        --out runs/profiles.h5
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import torch
import typer
from rich.console import Console

from ppi_ratio.critics import MLP, Attentive, Bilinear, CriticFactory, Separable
from ppi_ratio.embeddings import Embeddings, concatenate
from ppi_ratio.evaluation.baselines import ULSIF, BaselineTask, IdPairs
from ppi_ratio.evaluation.metrics import ScoredPairs, metrics_for, value
from ppi_ratio.io.atomic import replacing
from ppi_ratio.io.tables import write_table
from ppi_ratio.model.fitting import fit
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.objectives import NCE, InfoNCEAnchor, Objective
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairTable, Split, read_pairs
from ppi_ratio.training.settings import TrainerSettings

CRITIC = Separable(rank=128, hidden=(512,), dropout=0.5, input_dropout=0.2, symmetric=True)
OBJECTIVE = InfoNCEAnchor(beta=1.0)
BASE, WITH_ATTENTION = "base", "segments, attentive"
ATTENTIVE = Attentive(segment_dim=256, symmetric=True)
UNIREP, WITH_PROFILES, MEAN_SD = "unirep", "with profiles", "mean_sd, with profiles"
SEGMENTS = "mean_sd, with profiles, segments"
SHOWN = ("auroc", "auprc", "per_protein_auroc", "ece")
# averages rank better, and longer, than they are calibrated
AVERAGED = {"averaging": 0.995, "monitor": "auroc", "temperature_scaling": True}
FAST = AVERAGED | {"learning_rate": 1e-3}


@dataclass(frozen=True)
class Choice:
    """Settings of one training; the defaults are ``base``, and ``ulsif`` needs no training."""

    critic: CriticFactory = CRITIC
    objective: Objective = OBJECTIVE
    trainer: Mapping[str, Any] = field(default_factory=dict)
    whitened_to: int | None = None
    vectors: str = UNIREP
    ulsif: ULSIF | None = None
    renormalise: bool = False


CHOICES = {
    BASE: Choice(),
    "critic bilinear": Choice(Bilinear(rank=128, symmetric=True)),
    "rank 32": Choice(replace(CRITIC, rank=32)),
    "rank 512": Choice(replace(CRITIC, rank=512)),
    "hidden 1024": Choice(replace(CRITIC, hidden=(1024,))),
    "hidden 512, 512": Choice(replace(CRITIC, hidden=(512, 512))),
    "dropout 0.3, input 0.1": Choice(replace(CRITIC, dropout=0.3, input_dropout=0.1)),
    "dropout 0.7, input 0.4": Choice(replace(CRITIC, dropout=0.7, input_dropout=0.4)),
    "batch 256": Choice(trainer={"batch_size": 256}),
    "batch 4096": Choice(trainer={"batch_size": 4096}),
    "rate 1e-3": Choice(trainer={"learning_rate": 1e-3}),
    "rate 1e-4": Choice(trainer={"learning_rate": 1e-4}),
    "weight decay 0.1": Choice(trainer={"weight_decay": 0.1}),
    "fp32": Choice(trainer={"precision": "fp32"}),
    "nu 1": Choice(objective=InfoNCEAnchor(nu=1.0)),
    "beta 0.1": Choice(objective=InfoNCEAnchor(beta=0.1)),
    "beta 10": Choice(objective=InfoNCEAnchor(beta=10.0)),
    "one direction": Choice(objective=InfoNCEAnchor(beta=1.0, both_directions=False)),
    "nce": Choice(objective=NCE()),
    "averaged": Choice(trainer=AVERAGED),
    "averaged, input noise 1": Choice(replace(CRITIC, input_noise=1.0), trainer=AVERAGED),
    "with profiles": Choice(vectors=WITH_PROFILES),
    "averaged, with profiles": Choice(trainer=AVERAGED, vectors=WITH_PROFILES),
    "averaged, input noise 1, with profiles": Choice(
        replace(CRITIC, input_noise=1.0), trainer=AVERAGED, vectors=WITH_PROFILES
    ),
    "averaged, input noise 1, mean and sd, with profiles": Choice(
        replace(CRITIC, input_noise=1.0), trainer=AVERAGED, vectors=MEAN_SD
    ),
    "averaged, input noise 1, mean and sd, with profiles, renormalised": Choice(
        replace(CRITIC, input_noise=1.0), trainer=AVERAGED, vectors=MEAN_SD, renormalise=True
    ),
    "averaged, input noise 1, mean and sd, with profiles, not scaled": Choice(
        replace(CRITIC, input_noise=1.0),
        trainer=AVERAGED | {"temperature_scaling": False},
        vectors=MEAN_SD,
    ),
    WITH_ATTENTION: Choice(ATTENTIVE, trainer=FAST, vectors=SEGMENTS),
    "segments, attentive, 16 heads": Choice(
        replace(ATTENTIVE, heads=16), trainer=FAST, vectors=SEGMENTS
    ),
    "segments, separable": Choice(replace(CRITIC, input_noise=1.0), trainer=FAST, vectors=SEGMENTS),
    "ulsif": Choice(ulsif=ULSIF()),
    "ulsif, mean and sd, with profiles": Choice(ulsif=ULSIF(), vectors=MEAN_SD),
    "ulsif, the same, power 0.5": Choice(ulsif=ULSIF(power=0.5), vectors=MEAN_SD),
    "ulsif, the same, power 1": Choice(ulsif=ULSIF(power=1), vectors=MEAN_SD),
    "ulsif, the same, shrinkage 1e-3": Choice(ulsif=ULSIF(shrinkage=1e-3), vectors=MEAN_SD),
    "ulsif, the same, shrinkage 4e-3": Choice(ulsif=ULSIF(shrinkage=4e-3), vectors=MEAN_SD),
    "ulsif, segments": Choice(ulsif=ULSIF(), vectors=SEGMENTS),
    "whitened to 256": Choice(whitened_to=256),
    "whitened to 64": Choice(whitened_to=64),
    "critic mlp, batch 256": Choice(MLP(hidden=256, symmetric=True), trainer={"batch_size": 256}),
}
# of the scores of several choices, seed by seed
MEANS = {
    "averaged, input noise 1, mean and sd, with profiles, and ulsif": (
        "averaged, input noise 1, mean and sd, with profiles",
        "ulsif, mean and sd, with profiles",
    ),
    "segments, attentive, and ulsif, mean and sd, with profiles": (
        WITH_ATTENTION,
        "ulsif, mean and sd, with profiles",
    ),
    "segments, attentive, and ulsif, segments": (WITH_ATTENTION, "ulsif, segments"),
}
TRAINER = {
    "batch_size": 1024,
    "learning_rate": 3e-4,
    "max_epochs": 40,
    "patience": 5,
    "precision": "bf16",
}


def main(
    train: Annotated[Path, typer.Argument(help="Labelled training pairs.")],
    validation: Annotated[Path, typer.Argument(help="Labelled validation pairs.")],
    vectors: Annotated[Path, typer.Option(help="Vectors of all their proteins.")],
    out: Annotated[Path, typer.Option(help="Folder of finished cells of these data and choices.")],
    results: Annotated[Path, typer.Option(help="Table to write.")],
    seeds: Annotated[int, typer.Option(help="Trainings of each choice.")] = 2,
    profiles: Annotated[
        Path | None, typer.Option(help="Vectors that some choices put beside them.")
    ] = None,
    mean_sd: Annotated[
        Path | None, typer.Option(help="Vectors with standard deviations, of some choices.")
    ] = None,
    segments: Annotated[
        Path | None, typer.Option(help="Vectors of segments, of the attentive choices.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Choices; all if not given.")] = None,
) -> None:
    """Train missing models; write and print the table of all finished ones."""
    if mean_sd and not profiles:
        raise typer.BadParameter("--mean-sd goes with --profiles")
    if segments and not mean_sd:
        raise typer.BadParameter("--segments goes with --mean-sd")
    tables = [read_pairs(path, directed=False) for path in (train, validation)]
    split = Split.from_tables(train=tables[0], validation=tables[1], test=tables[1])
    read = Embeddings.read(vectors, encoder="unirep")
    held = read.in_memory({name for table in tables for name in table.ids} & set(read.ids))
    vectors_of = {UNIREP: held}
    if profiles:
        beside = Embeddings.read(profiles)
        vectors_of[WITH_PROFILES] = concatenate([held, beside])
        if mean_sd:
            longer = common(held, mean_sd)
            vectors_of[MEAN_SD] = concatenate([longer, beside])
            if segments:
                vectors_of[SEGMENTS] = concatenate([longer, beside, common(held, segments)])
    out.mkdir(parents=True, exist_ok=True)
    for seed in range(seeds):
        for name in only or CHOICES:
            path, choice = out / f"{name.replace(' ', '_')}__{seed}.npy", CHOICES[name]
            if choice.vectors in vectors_of and not path.exists():
                scores = scores_of(choice, split, vectors_of[choice.vectors], seed)
                with replacing(path) as partial, partial.open("wb") as file:
                    np.save(file, scores)
    table = tabulate(out, split.restrict_to(held.ids)[0].validation)
    write_table(table, results)
    Console(width=140).print(table.to_string(index=False, float_format="%.4f"))


def common(held: Embeddings, path: Path) -> Embeddings:
    """The vectors at ``path`` of the proteins in ``held``."""
    read = Embeddings.read(path)
    return read.in_memory(set(held.ids) & set(read.ids))


def scores_of(choice: Choice, split: Split, vectors: Embeddings, seed: int) -> np.ndarray:
    """Scores of all validation pairs by a trained model, in the order of the table."""
    if choice.whitened_to:
        vectors = whitened(vectors, split.train, choice.whitened_to)
    if choice.ulsif:
        return ratios_of(choice.ulsif, split, vectors)
    model = fit(
        split,
        vectors,
        critic=choice.critic,
        objective=choice.objective,
        trainer=TrainerSettings(**{**TRAINER, **choice.trainer}),
        seed=seed,
    )
    pairs = split.restrict_to(vectors.ids)[0].validation
    return model.score(pairs, vectors, renormalise=choice.renormalise)["log_ratio"].to_numpy()


def ratios_of(ulsif: ULSIF, split: Split, vectors: Embeddings) -> np.ndarray:
    """Scores of all validation pairs by the ratio in closed form."""
    known = split.restrict_to(vectors.ids)[0]
    pairs = known.validation.frame
    task = BaselineTask(
        degrees=degree_table(known.train),
        candidates=IdPairs(pairs[LEFT].to_numpy(), pairs[RIGHT].to_numpy()),
        directed=False,
        vectors=vectors,
        training=known.train,
    )
    return ulsif.score(task)


def whitened(vectors: Embeddings, training: PairTable, dim: int) -> Embeddings:
    """The first ``dim`` principal components of the training proteins, scaled to variance 1."""
    matrix = torch.from_numpy(vectors.matrix())
    rows = vectors.rows(training.joint.ids)
    known = matrix[torch.from_numpy(rows[rows >= 0])]
    mean, scale = known.mean(0), known.std(0)
    _, singular, axes = torch.linalg.svd((known - mean) / scale, full_matrices=False)
    turned = ((matrix - mean) / scale) @ axes[:dim].T / singular[:dim] * len(known) ** 0.5
    return Embeddings.from_arrays(vectors.ids, turned.numpy(), vectors.provenance)


def tabulate(folder: Path, pairs: PairTable) -> pd.DataFrame:
    """One row per choice, with means over seeds; some also for the mean score of all seeds."""
    rows = []
    for name in (*CHOICES, *MEANS):
        parts = [scores_in(folder, each) for each in MEANS.get(name, (name,))]
        scores = [np.mean(each, axis=0) for each in zip(*parts, strict=False)]
        if scores:
            measured = pd.DataFrame([measure(pairs, each) for each in scores])
            row = {"choice": name, "seeds": len(scores), **measured.mean()}
            rows.append(row | {"auroc_sd": measured["auroc"].std()})
        if name in (BASE, WITH_ATTENTION) and len(scores) > 1:
            together = measure(pairs, np.mean(scores, axis=0))
            rows.append({"choice": f"{name}, mean of its seeds", "seeds": len(scores), **together})
    return pd.DataFrame(rows)


def scores_in(folder: Path, name: str) -> list[np.ndarray]:
    """Metrics of every seed of a choice."""
    return [np.load(path) for path in sorted(folder.glob(f"{name.replace(' ', '_')}__*.npy"))]


def measure(pairs: PairTable, scores: np.ndarray) -> dict[str, float]:
    """The metrics of ``METRICS`` that the table shows."""
    frame = pairs.frame
    scored = ScoredPairs(
        frame[LEFT].to_numpy(), frame[RIGHT].to_numpy(), frame[LABEL].to_numpy(), scores
    )
    available = metrics_for(calibrated=True)
    return {name: value(available[name](), scored) for name in SHOWN}


if __name__ == "__main__":
    typer.run(main)
