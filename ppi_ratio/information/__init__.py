"""Mutual information of a trained ratio on held-out pairs."""

from ppi_ratio.information.measuring import PlugIn, mutual_information
from ppi_ratio.information.results import Diagnostics, Information, ShuffleNull

__all__ = ["Diagnostics", "Information", "PlugIn", "ShuffleNull", "mutual_information"]
