"""``RatioModel``: what scoring needs, how it is made, and how it is stored."""

from ppi_ratio.model.ratio_model import RatioModel

__all__ = ["RatioModel"]
