"""Protein interactions scored by a learned density ratio, in nats.

Each public name is listed once below. It is imported when it is first used, so that
``ppi-ratio --help`` starts at once.
"""

import ast
from importlib import import_module
from importlib.metadata import version
from inspect import getsource
from sys import modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ppi_ratio.auditing import Audit as Audit
    from ppi_ratio.auditing import audit as audit
    from ppi_ratio.comparison.comparing import compare as compare
    from ppi_ratio.critics import CRITICS as CRITICS
    from ppi_ratio.critics import MLP as MLP
    from ppi_ratio.critics import Attentive as Attentive
    from ppi_ratio.critics import Bilinear as Bilinear
    from ppi_ratio.critics import Separable as Separable
    from ppi_ratio.embeddings import Embeddings as Embeddings
    from ppi_ratio.embeddings import EmbedOptions as EmbedOptions
    from ppi_ratio.embeddings import concatenate as concatenate
    from ppi_ratio.embeddings import embed as embed
    from ppi_ratio.embeddings.encoders import ENCODERS as ENCODERS
    from ppi_ratio.errors import ConfigError as ConfigError
    from ppi_ratio.errors import InputError as InputError
    from ppi_ratio.errors import InUseError as InUseError
    from ppi_ratio.errors import OutputError as OutputError
    from ppi_ratio.errors import ProvenanceError as ProvenanceError
    from ppi_ratio.errors import UserError as UserError
    from ppi_ratio.evaluation import evaluate as evaluate
    from ppi_ratio.evaluation.baselines import BASELINES as BASELINES
    from ppi_ratio.evaluation.metrics import METRICS as METRICS
    from ppi_ratio.examples.toy import toy_data as toy_data
    from ppi_ratio.information import Information as Information
    from ppi_ratio.information import mutual_information as mutual_information
    from ppi_ratio.model.fitting import Recipe as Recipe
    from ppi_ratio.model.fitting import fit as fit
    from ppi_ratio.model.ratio_model import RatioModel as RatioModel
    from ppi_ratio.model.screening import ScreenOptions as ScreenOptions
    from ppi_ratio.objectives import BCE as BCE
    from ppi_ratio.objectives import FLO as FLO
    from ppi_ratio.objectives import MINE as MINE
    from ppi_ratio.objectives import MLCPC as MLCPC
    from ppi_ratio.objectives import NCE as NCE
    from ppi_ratio.objectives import NWJ as NWJ
    from ppi_ratio.objectives import OBJECTIVES as OBJECTIVES
    from ppi_ratio.objectives import SMILE as SMILE
    from ppi_ratio.objectives import AlphaInfoNCE as AlphaInfoNCE
    from ppi_ratio.objectives import AsymmetricLog as AsymmetricLog
    from ppi_ratio.objectives import AsymmetricPower as AsymmetricPower
    from ppi_ratio.objectives import BalancedNCE as BalancedNCE
    from ppi_ratio.objectives import Brier as Brier
    from ppi_ratio.objectives import ChiSquare as ChiSquare
    from ppi_ratio.objectives import DonskerVaradhan as DonskerVaradhan
    from ppi_ratio.objectives import HellingerDime as HellingerDime
    from ppi_ratio.objectives import InfoNCE as InfoNCE
    from ppi_ratio.objectives import InfoNCEAnchor as InfoNCEAnchor
    from ppi_ratio.objectives import InfoNCESymmetric as InfoNCESymmetric
    from ppi_ratio.objectives import LeastSquares as LeastSquares
    from ppi_ratio.objectives import PairScores as PairScores
    from ppi_ratio.objectives import Power as Power
    from ppi_ratio.objectives import RankingNCE as RankingNCE
    from ppi_ratio.objectives import ReverseLog as ReverseLog
    from ppi_ratio.objectives import RuLSIF as RuLSIF
    from ppi_ratio.objectives import Spherical as Spherical
    from ppi_ratio.pairs import PairColumns as PairColumns
    from ppi_ratio.pairs import PairTable as PairTable
    from ppi_ratio.pairs import Split as Split
    from ppi_ratio.pairs import draw_non_pairs as draw_non_pairs
    from ppi_ratio.pairs import labelled_table as labelled_table
    from ppi_ratio.pairs import read_pairs as read_pairs
    from ppi_ratio.pairs import read_split as read_split
    from ppi_ratio.pairs import split_by_cluster as split_by_cluster
    from ppi_ratio.pairs import split_by_pair as split_by_pair
    from ppi_ratio.pairs import split_by_protein as split_by_protein
    from ppi_ratio.pairs import split_by_species as split_by_species
    from ppi_ratio.pairs import write_split as write_split
    from ppi_ratio.pairs.noise.laws import NOISE_LAWS as NOISE_LAWS
    from ppi_ratio.runs.comparing import run_comparison as run_comparison
    from ppi_ratio.runs.embedding import embed_file as embed_file
    from ppi_ratio.runs.embedding import merge_vectors as merge_vectors
    from ppi_ratio.runs.screening import screen_file as screen_file
    from ppi_ratio.runs.training import train_run as train_run
    from ppi_ratio.runtime.sharding import Shard as Shard
    from ppi_ratio.sequences import Proteins as Proteins
    from ppi_ratio.sequences import read_fasta as read_fasta
    from ppi_ratio.sequences.clusters import homologs_between as homologs_between
    from ppi_ratio.sequences.clusters import sequence_clusters as sequence_clusters
    from ppi_ratio.settings.comparison import Comparison as Comparison
    from ppi_ratio.settings.comparison import read_comparison as read_comparison
    from ppi_ratio.training.settings import TrainerSettings as TrainerSettings

__version__ = version("ppi-ratio")


def _module_of_each_name() -> dict[str, str]:
    """The module of each public name, read from the block of imports above.

    Type checkers read the same block, so that each name is written only once.
    """
    tree = ast.parse(getsource(modules[__name__]))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        name.name: statement.module
        for statement in block.body
        if isinstance(statement, ast.ImportFrom) and statement.module
        for name in statement.names
    }


_MODULE_OF = _module_of_each_name()
globals()["__all__"] = ["__version__", *sorted(_MODULE_OF)]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE_OF})
