"""A model's folder: ``model.json``, ``critic.safetensors``, ``proteins.tsv``, ``history.csv``.

``critic.safetensors`` holds weights, and the standardisation and references of ``model.scoring``.
``proteins.tsv`` holds the degrees of each training protein, and its sequence hash if known. If
scores are normalised per right protein and a protein is no noise to itself, ``references.tsv``
lists the ids of the references. Loading executes nothing in the folder.
"""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from safetensors.torch import save
from torch import Tensor

from ppi_ratio.critics import CriticFactory
from ppi_ratio.errors import InputError
from ppi_ratio.io.atomic import replacing_folder
from ppi_ratio.model.card import ModelCard, NormaliserCard, card_text, read_card
from ppi_ratio.model.scoring import Normaliser, Scorer, Standardisation
from ppi_ratio.model.weights import CRITIC_PREFIX, MEAN, REFERENCES, SCALE, load_weights
from ppi_ratio.objectives import Objective

WEIGHTS_FILE, CARD_FILE, PROTEINS_FILE = "critic.safetensors", "model.json", "proteins.tsv"
HISTORY_FILE, REFERENCES_FILE = "history.csv", "references.tsv"
PROTEIN, LEFT_DEGREE, RIGHT_DEGREE = "protein", "left_degree", "right_degree"
SEQUENCE_HASH = "sequence_hash"  # a column that models of early releases lack


class StoredModel(NamedTuple):
    """The content of a model's folder; see the attributes of ``RatioModel``."""

    card: ModelCard
    scorer: Scorer
    degrees: pd.DataFrame
    history: pd.DataFrame


def write_model(model: StoredModel, path: Path) -> None:
    """Write the folder; an existing model at ``path`` is replaced.

    Raises:
        InputError: if something other than a model is at ``path``.
    """
    if path.exists() and not (path / CARD_FILE).is_file():
        raise InputError(f"{path}: exists and is no model; choose another name")
    with replacing_folder(path) as folder:
        (folder / WEIGHTS_FILE).write_bytes(save(_tensors(model.scorer)))
        model.degrees.to_csv(folder / PROTEINS_FILE, sep="\t", index_label=PROTEIN)
        model.history.to_csv(folder / HISTORY_FILE, index=False)
        if model.scorer.normaliser.proteins:
            proteins = pd.DataFrame({PROTEIN: model.scorer.normaliser.proteins})
            proteins.to_csv(folder / REFERENCES_FILE, sep="\t", index=False)
        (folder / CARD_FILE).write_text(card_text(model.card), encoding="utf-8")


def read_model(
    path: Path,
    *,
    critic: type[CriticFactory] | None = None,
    objective: type[Objective] | None = None,
) -> StoredModel:
    """Read the folder; see ``RatioModel.load`` for the classes.

    Raises:
        ConfigError: if a class is needed and not given, or a wrong class is given.
        FileNotFoundError: if there is no model at ``path``.
        InputError: if a file of the model is damaged.
        ProvenanceError: if the model's format is newer than this release reads.
    """
    for name in (CARD_FILE, WEIGHTS_FILE, PROTEINS_FILE, HISTORY_FILE):
        _check_own_file(path, name)
    card = read_card(path / CARD_FILE, critic=critic, objective=objective)
    link = card.objective.needs.link
    network, tensors = load_weights(
        path / WEIGHTS_FILE, lambda: card.critic.build(card.dim, link=link), card.dim
    )
    standardise = Standardisation(tensors[MEAN], tensors[SCALE])
    normaliser = Normaliser(
        _constant(card.normaliser),
        _references(card.normaliser, tensors.get(REFERENCES), path / WEIGHTS_FILE),
        _reference_proteins(path, tensors.get(REFERENCES)),
    )
    history = _read_table(path / HISTORY_FILE)
    return StoredModel(
        card,
        Scorer(network.eval(), standardise, normaliser),
        _read_degrees(path / PROTEINS_FILE),
        history,
    )


def hash_model(card: ModelCard, scorer: Scorer) -> str:
    """SHA-256 of the card, weights and references, in hexadecimal.

    The card holds hashes of the training pairs and vectors, so degrees need no hash of their own.
    """
    digest = hashlib.sha256(card_text(card).encode())
    digest.update(save(_tensors(scorer)))
    return digest.hexdigest()


def _tensors(scorer: Scorer) -> dict[str, Tensor]:
    tensors = {
        CRITIC_PREFIX + name: tensor.contiguous()
        for name, tensor in scorer.critic.state_dict().items()
    }
    tensors |= {MEAN: scorer.standardise.mean, SCALE: scorer.standardise.scale}
    if scorer.normaliser.references is not None:
        tensors[REFERENCES] = scorer.normaliser.references
    return tensors


def _constant(card: NormaliserCard) -> float:
    return card.log_normaliser if card.kind == "global" else 0.0


def _references(card: NormaliserCard, references: Tensor | None, path: Path) -> Tensor | None:
    if card.kind == "per_right" and references is None:
        raise InputError(f"{path}: its references are missing; copy the model again")
    return references if card.kind == "per_right" else None


def _reference_proteins(folder: Path, references: Tensor | None) -> tuple[str, ...]:
    """Id of each reference; empty if a protein is noise to itself.

    Models of early releases did not store the ids, and count each protein as noise to itself.
    """
    path = folder / REFERENCES_FILE
    if references is None or not path.exists():
        return ()
    _check_own_file(folder, REFERENCES_FILE)
    table = _read_table(path, sep="\t", usecols=[PROTEIN], dtype=str, keep_default_na=False)
    if len(table) != len(references):
        raise InputError(
            f"{path}: names {len(table):,} proteins for {len(references):,} references; copy the "
            "model again"
        )
    return tuple(table[PROTEIN])


def _check_own_file(folder: Path, name: str) -> None:
    """Refuse a missing file, and a link to a file outside the folder of the model.

    A model of unknown origin must not make us read other files of this machine.
    """
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(f"{folder}: no model there ({name} is missing)")
    if path.resolve().parent != folder.resolve():
        raise InputError(
            f"{path}: is a link to {path.resolve()}, outside the model's folder, and is not "
            "followed; copy that file into the folder (cp -rL copies a folder and follows links)"
        )


def _read_degrees(path: Path) -> pd.DataFrame:
    columns = {PROTEIN: str, LEFT_DEGREE: np.int64, RIGHT_DEGREE: np.int64}
    if SEQUENCE_HASH in _read_table(path, sep="\t", nrows=0):
        columns[SEQUENCE_HASH] = str
    degrees = _read_table(
        path,
        sep="\t",
        index_col=PROTEIN,
        usecols=[*columns],
        dtype=columns,
        keep_default_na=False,
    )
    return degrees if SEQUENCE_HASH in degrees else degrees.assign(**{SEQUENCE_HASH: ""})


def _read_table(path: Path, **options: Any) -> pd.DataFrame:  # noqa: ANN401 -- of read_csv
    try:
        return pd.read_csv(path, **options)
    except (ValueError, KeyError) as error:
        raise InputError(f"{path}: damaged ({error}); copy the model again") from error
