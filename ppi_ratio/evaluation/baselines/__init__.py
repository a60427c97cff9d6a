"""Baselines: candidate pairs -> scores by simpler methods than a learned ratio.

Every report shows baselines beside the model. Many methods seem to predict interactions, but only
know which proteins are well studied, which roles they have and what relatives bind. Each baseline
declares its ``needs``, and ``applicable`` selects the baselines that a task can be scored with.
Reports list baselines in the order of ``BASELINES``.
"""

from ppi_ratio.evaluation.baselines.classifiers import Logistic, RandomForest
from ppi_ratio.evaluation.baselines.counts import Degree, Identity
from ppi_ratio.evaluation.baselines.latent import LMI
from ppi_ratio.evaluation.baselines.network import BCENetwork
from ppi_ratio.evaluation.baselines.role import Role
from ppi_ratio.evaluation.baselines.similarity import Cosine, Nearest
from ppi_ratio.evaluation.baselines.task import Baseline, BaselineTask, IdPairs, Need
from ppi_ratio.evaluation.baselines.ulsif import ULSIF

BASELINES: dict[str, type[Baseline]] = {
    "degree": Degree,
    "role": Role,
    "identity": Identity,
    "cosine": Cosine,
    "nearest": Nearest,
    "ulsif": ULSIF,
    "logistic": Logistic,
    "random_forest": RandomForest,
    "bce_network": BCENetwork,
    "lmi": LMI,
}
"""Baselines by name, in the order of reports; ``evaluate`` shows those whose needs are met.

Each declares what it ``needs`` (degrees, vectors, training pairs or labels) and scores candidate
pairs. Every class names its source.

Examples:
    >>> import ppi_ratio as pr
    >>> cosine = pr.BASELINES["cosine"]()
    >>> cosine.name, [need.name for need in cosine.needs]
    ('cosine', ['VECTORS'])
"""
LOG_RATIOS = frozenset({"ulsif"})  # baselines whose scores are log ratios, in nats


def applicable(task: BaselineTask) -> dict[str, Baseline]:
    """The baselines whose needs the task meets, by name, with their default settings."""
    return {name: member() for name, member in BASELINES.items() if task.meets(member.needs)}


__all__ = [
    "BASELINES",
    "LMI",
    "LOG_RATIOS",
    "ULSIF",
    "BCENetwork",
    "Baseline",
    "BaselineTask",
    "Cosine",
    "Degree",
    "IdPairs",
    "Identity",
    "Logistic",
    "Nearest",
    "Need",
    "RandomForest",
    "Role",
    "applicable",
]
