"""Objectives: scores of a batch -> a loss whose minimiser is the density ratio.

The order of ``OBJECTIVES`` is the order of reports. Where the literature has two names for one
loss, both are keys of one class.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ppi_ratio.objectives.contrastive import MLCPC as MLCPC
from ppi_ratio.objectives.contrastive import NCE as NCE
from ppi_ratio.objectives.contrastive import AlphaInfoNCE as AlphaInfoNCE
from ppi_ratio.objectives.contrastive import InfoNCE as InfoNCE
from ppi_ratio.objectives.contrastive import InfoNCESymmetric as InfoNCESymmetric
from ppi_ratio.objectives.contrastive import RankingNCE as RankingNCE
from ppi_ratio.objectives.ratio_fitting import BCE as BCE
from ppi_ratio.objectives.ratio_fitting import BalancedNCE as BalancedNCE
from ppi_ratio.objectives.ratio_fitting import LeastSquares as LeastSquares
from ppi_ratio.objectives.ratio_fitting import RuLSIF as RuLSIF
from ppi_ratio.objectives.scores import ColumnObjective as ColumnObjective
from ppi_ratio.objectives.scores import InformationEstimate as InformationEstimate
from ppi_ratio.objectives.scores import Needs as Needs
from ppi_ratio.objectives.scores import Objective as Objective
from ppi_ratio.objectives.scores import Optimum as Optimum
from ppi_ratio.objectives.scores import PairScores as PairScores
from ppi_ratio.objectives.scores import Stateful as Stateful
from ppi_ratio.objectives.scoring_rule_family import AsymmetricLog as AsymmetricLog
from ppi_ratio.objectives.scoring_rule_family import AsymmetricPower as AsymmetricPower
from ppi_ratio.objectives.scoring_rule_family import Brier as Brier
from ppi_ratio.objectives.scoring_rule_family import ChiSquare as ChiSquare
from ppi_ratio.objectives.scoring_rule_family import InfoNCEAnchor as InfoNCEAnchor
from ppi_ratio.objectives.scoring_rule_family import Power as Power
from ppi_ratio.objectives.scoring_rule_family import ReverseLog as ReverseLog
from ppi_ratio.objectives.scoring_rule_family import Spherical as Spherical
from ppi_ratio.objectives.variational import FLO as FLO
from ppi_ratio.objectives.variational import MINE as MINE
from ppi_ratio.objectives.variational import NWJ as NWJ
from ppi_ratio.objectives.variational import SMILE as SMILE
from ppi_ratio.objectives.variational import DonskerVaradhan as DonskerVaradhan
from ppi_ratio.objectives.variational import HellingerDime as HellingerDime

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
"""The objectives by the key that YAML uses; some losses have two keys, for two names in papers.

An objective is a frozen dataclass of its settings. ``loss(scores)`` takes ``PairScores`` and
returns nats. ``optimum`` is what the scores of an optimal critic equal.

Examples:
    >>> import ppi_ratio as pr
    >>> pr.OBJECTIVES["jensen_shannon"] is pr.OBJECTIVES["nce"]
    True
    >>> pr.OBJECTIVES["infonce"]().optimum.value  # y is the right protein
    'log r + c(y)'
    >>> [key for key, objective in pr.OBJECTIVES.items() if objective.optimum.leaves_right_term]
    ['infonce', 'ranking_nce', 'alpha_infonce', 'flo']
"""
if TYPE_CHECKING:
    ObjectiveSettings = Objective
else:
    # YAML is read as the class whose field ``name`` allows the given value
    ObjectiveSettings = Annotated[reduce(or_, OBJECTIVES.values()), Field(discriminator="name")]
