"""Sizes -> inputs on disk, and the commands that read them: embed, train, compare and screen."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from killing import Job
from quick_fit import fit_with
from small_world import grouped_vectors, pairs_within_groups

from ppi_ratio.critics import Separable
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.pairs import split_by_protein
from ppi_ratio.sequences import STANDARD_RESIDUES

SCREENED_DIM = 16
CRITIC = {"name": "separable", "rank": 16, "hidden": [64], "dropout": 0.2, "symmetric": True}
OBJECTIVES = ({"name": "infonce_anchor"}, {"name": "infonce"})


@dataclass(frozen=True)
class Sizes:
    """How much work each command has.

    Attributes:
        sequences: of 50 to 400 residues to embed.
        epochs: of training.
        compared_epochs: of each of the four trainings of a comparison.
        screened: proteins of a screen, all against all.
    """

    sequences: int
    epochs: int
    compared_epochs: int
    screened: int


def embed_job(folder: Path, sizes: Sizes) -> Job:
    """Random sequences, embedded in small batches."""
    rng = np.random.default_rng(0)
    letters = np.array(list(STANDARD_RESIDUES))
    fasta = folder / "proteins.fasta"
    with fasta.open("w", encoding="utf-8") as file:
        for number, length in enumerate(rng.integers(50, 400, sizes.sequences)):
            file.write(f">P{number}\n{''.join(rng.choice(letters, length))}\n")
    words = ("embed", str(fasta), "--encoder", "esm2_bundled", "--batch-tokens", "1024")
    return Job("embed", words, "vectors.h5", "*.unfinished/steps/batch-*")


def train_job(folder: Path, sizes: Sizes) -> Job:
    """One critic on the pairs of the small world."""
    config = folder / "train.yaml"
    values = _settings(folder, epochs=sizes.epochs) | {
        "critic": CRITIC,
        "objective": OBJECTIVES[0],
        "seed": 0,
    }
    config.write_text(yaml.safe_dump(values), encoding="utf-8")
    return Job("train", ("train", str(config)), "run", "run.unfinished/checkpoints/training")


def compare_job(folder: Path, sizes: Sizes) -> Job:
    """Two objectives with two seeds each on the same pairs, in one process."""
    config = folder / "compare.yaml"
    values = _settings(folder, epochs=sizes.compared_epochs) | {
        "title": "two objectives",
        "critics": [CRITIC],
        "objectives": list(OBJECTIVES),
        "n_seeds": 2,
        "baselines": ["degree", "cosine"],
    }
    config.write_text(yaml.safe_dump(values), encoding="utf-8")
    words = ("compare", str(config), "--workers", "1")
    return Job("compare", words, "run", "run.unfinished/checkpoints/*/training")


def compare_in_two_processes_job(folder: Path, sizes: Sizes) -> Job:
    """The same in two processes beside the first."""
    job = compare_job(folder, sizes)
    return Job("compare, two workers", (*job.words[:-1], "2"), job.out, job.begins)


def screen_job(folder: Path, sizes: Sizes) -> Job:
    """A hardly trained model on random vectors: what it finds does not matter."""
    matrix = np.random.default_rng(0).standard_normal((sizes.screened, SCREENED_DIM))
    vectors = Embeddings.from_arrays([f"P{number:03d}" for number in range(len(matrix))], matrix)
    vectors.write(folder / "screened.h5")
    pairs = pairs_within_groups(False)
    split = split_by_protein(pairs, test_fraction=0.2, validation_fraction=0.1, seed=0)
    critic = Separable(rank=SCREENED_DIM, symmetric=True)
    model = fit_with(split, vectors, critic=critic, seed=0, max_epochs=1, progress=False)
    model.save(folder / "model")
    words = ("screen", str(folder / "model"), "--embeddings", str(folder / "screened.h5"))
    options = ("--top-k", "5", "--threads", "1")
    return Job("screen", (*words, *options), "hits.parquet", "*.unfinished/job.json")


JOBS: dict[str, Callable[[Path, Sizes], Job]] = {
    "embed": embed_job,
    "train": train_job,
    "compare": compare_job,
    "compare, two workers": compare_in_two_processes_job,
    "screen": screen_job,
}


def _settings(folder: Path, *, epochs: int) -> dict[str, Any]:
    """What train and compare have in common: vectors, pairs, and how to learn from them."""
    vectors, pairs = folder / "vectors.h5", folder / "pairs.tsv"
    grouped_vectors().write(vectors)
    pairs_within_groups(False).frame.to_csv(pairs, sep="\t", index=False, header=False)
    return {
        "embeddings": str(vectors),
        "split": {
            "name": "protein",
            "pairs": str(pairs),
            "directed": False,
            "test_fraction": 0.2,
            "validation_fraction": 0.1,
            "seed": 0,
        },
        # the last epoch is reached: patience would end it where the work of a run begins to pay;
        # whatever training can keep is kept
        "trainer": {
            "batch_size": 64,
            "max_epochs": epochs,
            "patience": epochs,
            "averaging": 0.9,
            "monitor": "auroc",
            "temperature_scaling": True,
            "refit": True,
        },
    }
