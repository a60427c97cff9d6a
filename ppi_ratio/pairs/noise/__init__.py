"""Joint pairs -> non-pairs to judge scores with, drawn by a named law.

Which non-pairs a score meets decides what its AUROC means: against ``uniform`` ones, knowing the
degree of proteins is enough for a high one; against ``degree_matched``, ``degree_weighted`` or
``rewired`` ones it is worth nothing. A log ratio against the product of marginals, log p(x, y) /
(p(x) p(y)), has the degrees divided out and is the right score for the latter; for the former it
lacks log p(x) / u(x) of either side, which ``model.reference_law`` adds. So name the law beside
every number.
"""

from ppi_ratio.pairs.noise.drawing import draw_non_pairs, draw_non_pairs_within_classes
from ppi_ratio.pairs.noise.laws import NOISE_LAWS, TRAINING_NOISE

__all__ = ["NOISE_LAWS", "TRAINING_NOISE", "draw_non_pairs", "draw_non_pairs_within_classes"]
