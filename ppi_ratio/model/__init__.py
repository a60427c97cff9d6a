"""``RatioModel``: how a model is made, how it scores pairs, and how it is stored."""

from ppi_ratio.model.ratio_model import RatioModel

__all__ = ["RatioModel"]
