"""Interactions -> non-pairs to judge scores with, drawn by a named law.

The law of the non-pairs decides what an AUROC means, so name the law beside every number. Against
``uniform`` non-pairs, the degrees of the proteins alone reach a high AUROC. Against
``degree_matched``, ``degree_weighted`` or ``rewired`` non-pairs, degrees tell nothing.

A log ratio against the product of marginals, log p(x, y) / (p(x) p(y)), has the degrees divided
out, so it fits the last three laws. Against ``uniform`` non-pairs it lacks log p(x) / u(x) of each
side, where u is the uniform law. ``model.reference_law`` adds this term.
"""

from ppi_ratio.pairs.noise.drawing import draw_non_pairs, draw_non_pairs_within_classes
from ppi_ratio.pairs.noise.laws import NOISE_LAWS
from ppi_ratio.pairs.noise.shares import shares_of_interactions

__all__ = [
    "NOISE_LAWS",
    "draw_non_pairs",
    "draw_non_pairs_within_classes",
    "shares_of_interactions",
]
