"""Models with chance weights: enough to write, read and score with, and made in no time."""

import numpy as np
import pandas as pd
import torch

from ppi_ratio.critics import CriticSettings
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model.card import ModelCard, NoiseCard, NormaliserCard
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.scoring import Normaliser, Scorer, Standardisation
from ppi_ratio.model.store import LEFT_DEGREE, PROTEIN, RIGHT_DEGREE, SEQUENCE_HASH
from ppi_ratio.objectives import InfoNCE, InfoNCEAnchor
from ppi_ratio.training.settings import TrainerSettings

N_REFERENCES = 5


@torch.no_grad()
def made_model(
    critic: CriticSettings, vectors: Embeddings, *, seed: int = 0, per_right: bool = False
) -> RatioModel:
    """A model of ``vectors``; with ``per_right`` its objective leaves a term of the right."""
    generator = torch.Generator().manual_seed(seed)
    built = critic.build(vectors.dim).eval()
    for weights in built.parameters():
        weights.copy_(0.5 * torch.randn(weights.shape, generator=generator))
    matrix = torch.from_numpy(vectors.matrix())
    standardise = Standardisation.of(matrix)
    references = built.project_left(standardise(matrix[:N_REFERENCES])) if per_right else None
    kind = "per_right" if per_right else "global"
    constant = 0.0 if per_right else 0.25
    objective = InfoNCE() if per_right else InfoNCEAnchor()
    card = ModelCard(
        critic=critic,
        objective=objective,
        trainer=TrainerSettings(),
        seed=seed,
        dim=vectors.dim,
        directed=not critic.symmetric,
        optimum=objective.optimum.value,
        normaliser=NormaliserCard(kind, constant),
        noise=NoiseCard(),
        vectors=vectors.provenance.to_dict(),
        training_pairs="made",
        split_hash="0" * 64,
        metrics={"epochs": 1.0},
        ppi_ratio="0",
    )
    degrees = pd.DataFrame(
        {LEFT_DEGREE: 1, RIGHT_DEGREE: 1, SEQUENCE_HASH: ""},
        index=pd.Index(vectors.ids[::2], name=PROTEIN),
    )
    history = pd.DataFrame({"epoch": np.arange(2), "train_loss": [0.5, 0.25]})
    return RatioModel(
        card, Scorer(built, standardise, Normaliser(constant, references)), degrees, history
    )
