"""Protein interactions scored by a learned density ratio, in nats.

The names below are imported when they are first used, so that the command line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ppi_ratio.critics import CRITICS, MLP, Bilinear, Separable
    from ppi_ratio.embeddings import ENCODERS, Embeddings, embed
    from ppi_ratio.evaluation import evaluate
    from ppi_ratio.fitting import fit
    from ppi_ratio.model import RatioModel
    from ppi_ratio.objectives import (
        NCE,
        OBJECTIVES,
        InfoNCE,
        InfoNCEAnchor,
        InfoNCESymmetric,
        PairScores,
    )
    from ppi_ratio.pairs import (
        PairTable,
        Split,
        draw_non_pairs,
        read_pairs,
        split_by_pair,
        split_by_protein,
    )
    from ppi_ratio.sequences import Proteins, read_fasta

_HOMES = {
    "critics": ("CRITICS", "MLP", "Bilinear", "Separable"),
    "embeddings": ("ENCODERS", "Embeddings", "embed"),
    "evaluation": ("evaluate",),
    "fitting": ("fit",),
    "model": ("RatioModel",),
    "objectives": (
        "NCE",
        "OBJECTIVES",
        "InfoNCE",
        "InfoNCEAnchor",
        "InfoNCESymmetric",
        "PairScores",
    ),
    "pairs": (
        "PairTable",
        "Split",
        "draw_non_pairs",
        "read_pairs",
        "split_by_pair",
        "split_by_protein",
    ),
    "sequences": ("Proteins", "read_fasta"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "CRITICS",
    "ENCODERS",
    "MLP",
    "NCE",
    "OBJECTIVES",
    "Bilinear",
    "Embeddings",
    "InfoNCE",
    "InfoNCEAnchor",
    "InfoNCESymmetric",
    "PairScores",
    "PairTable",
    "Proteins",
    "RatioModel",
    "Separable",
    "Split",
    "draw_non_pairs",
    "embed",
    "evaluate",
    "fit",
    "read_fasta",
    "read_pairs",
    "split_by_pair",
    "split_by_protein",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
