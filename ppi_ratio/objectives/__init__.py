"""Objectives: scores of a batch -> a loss whose minimiser is the density ratio.

The order of ``OBJECTIVES`` is the order of reports. Where the literature has two names for one
loss, both are keys of one class.
"""

from typing import Annotated

from pydantic import Field

from ppi_ratio.objectives.contrastive import (
    MLCPC,
    NCE,
    AlphaInfoNCE,
    InfoNCE,
    InfoNCESymmetric,
    RankingNCE,
)
from ppi_ratio.objectives.ratio_fitting import BCE, BalancedNCE, LeastSquares, RuLSIF
from ppi_ratio.objectives.scores import (
    ColumnObjective,
    InformationEstimate,
    Needs,
    Objective,
    Optimum,
    PairScores,
    Stateful,
)
from ppi_ratio.objectives.scoring_rule_family import (
    AsymmetricLog,
    AsymmetricPower,
    Brier,
    ChiSquare,
    InfoNCEAnchor,
    Power,
    ReverseLog,
    Spherical,
)
from ppi_ratio.objectives.variational import (
    FLO,
    MINE,
    NWJ,
    SMILE,
    DonskerVaradhan,
    HellingerDime,
)

OBJECTIVES: dict[str, type[Objective]] = {
    "infonce_anchor": InfoNCEAnchor,
    "brier": Brier,
    "power": Power,
    "spherical": Spherical,
    "asymmetric_log": AsymmetricLog,
    "asymmetric_power": AsymmetricPower,
    "chi_square": ChiSquare,
    "reverse_log": ReverseLog,
    "infonce": InfoNCE,
    "infonce_symmetric": InfoNCESymmetric,
    "ranking_nce": RankingNCE,
    "nce": NCE,
    "jensen_shannon": NCE,
    "gan_dime": NCE,
    "alpha_infonce": AlphaInfoNCE,
    "ml_cpc": MLCPC,
    "donsker_varadhan": DonskerVaradhan,
    "kliep": DonskerVaradhan,
    "mine": MINE,
    "nwj": NWJ,
    "kl_dime": NWJ,
    "smile": SMILE,
    "flo": FLO,
    "hellinger_dime": HellingerDime,
    "least_squares": LeastSquares,
    "rulsif": RuLSIF,
    "balanced_nce": BalancedNCE,
    "bce": BCE,
}
ObjectiveSettings = Annotated[
    InfoNCEAnchor
    | Brier
    | Power
    | Spherical
    | AsymmetricLog
    | AsymmetricPower
    | ChiSquare
    | ReverseLog
    | InfoNCE
    | InfoNCESymmetric
    | RankingNCE
    | NCE
    | AlphaInfoNCE
    | MLCPC
    | DonskerVaradhan
    | MINE
    | NWJ
    | SMILE
    | FLO
    | HellingerDime
    | LeastSquares
    | RuLSIF
    | BalancedNCE
    | BCE,
    Field(discriminator="name"),
]

__all__ = [
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
    "ColumnObjective",
    "DonskerVaradhan",
    "HellingerDime",
    "InfoNCE",
    "InfoNCEAnchor",
    "InfoNCESymmetric",
    "InformationEstimate",
    "LeastSquares",
    "Needs",
    "Objective",
    "ObjectiveSettings",
    "Optimum",
    "PairScores",
    "Power",
    "RankingNCE",
    "ReverseLog",
    "RuLSIF",
    "Spherical",
    "Stateful",
]
