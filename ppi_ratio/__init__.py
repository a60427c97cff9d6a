"""Protein interactions scored by a learned density ratio, in nats.

The names below are imported when they are first used, so that the command line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ppi_ratio.auditing import Audit, audit
    from ppi_ratio.clusters import homologs_between, sequence_clusters
    from ppi_ratio.critics import CRITICS, MLP, Attentive, Bilinear, Separable
    from ppi_ratio.embeddings import ENCODERS, Embeddings, concatenate, embed
    from ppi_ratio.evaluation import evaluate
    from ppi_ratio.fitting import fit
    from ppi_ratio.information import Information, mutual_information
    from ppi_ratio.model import RatioModel
    from ppi_ratio.noise_shift import against
    from ppi_ratio.objectives import (
        BCE,
        FLO,
        MINE,
        MLCPC,
        NCE,
        NWJ,
        OBJECTIVES,
        SMILE,
        AlphaInfoNCE,
        AsymmetricLog,
        AsymmetricPower,
        BalancedNCE,
        Brier,
        ChiSquare,
        DonskerVaradhan,
        HellingerDime,
        InfoNCE,
        InfoNCEAnchor,
        InfoNCESymmetric,
        LeastSquares,
        PairScores,
        Power,
        RankingNCE,
        ReverseLog,
        RuLSIF,
        Spherical,
    )
    from ppi_ratio.pairs import (
        NOISE_LAWS,
        PairTable,
        Split,
        draw_non_pairs,
        read_pairs,
        split_by_cluster,
        split_by_pair,
        split_by_protein,
        split_by_species,
    )
    from ppi_ratio.screening import ScreenOptions, run_screen
    from ppi_ratio.sequences import Proteins, read_fasta

_HOMES = {
    "auditing": ("Audit", "audit"),
    "clusters": ("homologs_between", "sequence_clusters"),
    "critics": ("CRITICS", "MLP", "Attentive", "Bilinear", "Separable"),
    "embeddings": ("ENCODERS", "Embeddings", "concatenate", "embed"),
    "evaluation": ("evaluate",),
    "fitting": ("fit",),
    "information": ("Information", "mutual_information"),
    "model": ("RatioModel",),
    "noise_shift": ("against",),
    "objectives": (
        "BCE",
        "FLO",
        "MINE",
        "MLCPC",
        "NCE",
        "NWJ",
        "OBJECTIVES",
        "SMILE",
        "AlphaInfoNCE",
        "AsymmetricLog",
        "AsymmetricPower",
        "BalancedNCE",
        "Brier",
        "ChiSquare",
        "DonskerVaradhan",
        "HellingerDime",
        "InfoNCE",
        "InfoNCEAnchor",
        "InfoNCESymmetric",
        "LeastSquares",
        "PairScores",
        "Power",
        "RankingNCE",
        "ReverseLog",
        "RuLSIF",
        "Spherical",
    ),
    "pairs": (
        "NOISE_LAWS",
        "PairTable",
        "Split",
        "draw_non_pairs",
        "read_pairs",
        "split_by_cluster",
        "split_by_pair",
        "split_by_protein",
        "split_by_species",
    ),
    "screening": ("ScreenOptions", "run_screen"),
    "sequences": ("Proteins", "read_fasta"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "BCE",
    "CRITICS",
    "ENCODERS",
    "FLO",
    "MINE",
    "MLCPC",
    "MLP",
    "NCE",
    "NOISE_LAWS",
    "NWJ",
    "OBJECTIVES",
    "SMILE",
    "AlphaInfoNCE",
    "AsymmetricLog",
    "AsymmetricPower",
    "Attentive",
    "Audit",
    "BalancedNCE",
    "Bilinear",
    "Brier",
    "ChiSquare",
    "DonskerVaradhan",
    "Embeddings",
    "HellingerDime",
    "InfoNCE",
    "InfoNCEAnchor",
    "InfoNCESymmetric",
    "Information",
    "LeastSquares",
    "PairScores",
    "PairTable",
    "Power",
    "Proteins",
    "RankingNCE",
    "RatioModel",
    "ReverseLog",
    "RuLSIF",
    "ScreenOptions",
    "Separable",
    "Spherical",
    "Split",
    "against",
    "audit",
    "concatenate",
    "draw_non_pairs",
    "embed",
    "evaluate",
    "fit",
    "homologs_between",
    "mutual_information",
    "read_fasta",
    "read_pairs",
    "run_screen",
    "sequence_clusters",
    "split_by_cluster",
    "split_by_pair",
    "split_by_protein",
    "split_by_species",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
