"""A trained ratio and held-out interactions -> their mutual information, with diagnostics."""

from ppi_ratio.information.measuring import PlugIn, mutual_information
from ppi_ratio.information.results import Diagnostics, Information, ShuffleNull

__all__ = ["Diagnostics", "Information", "PlugIn", "ShuffleNull", "mutual_information"]
