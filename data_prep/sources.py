"""The public sources by their names in ``ppi-ratio prepare``."""

from pathlib import Path

from data_prep.biogrid import BioGrid
from data_prep.dscript import DScript
from data_prep.gold_standard import GoldStandard
from data_prep.hippie import Hippie
from data_prep.lines import head, is_hdf5
from data_prep.mitab import Mitab
from data_prep.omnipath import OmniPath
from data_prep.per_protein import PerProtein
from data_prep.source import Source
from data_prep.string import String
from data_prep.uniprot import UniProt
from ppi_ratio.errors import InputError

SOURCES: dict[str, type[Source]] = {
    "string": String,
    "biogrid": BioGrid,
    "mitab": Mitab,
    "hippie": Hippie,
    "omnipath": OmniPath,
    "gold_standard": GoldStandard,
    "dscript": DScript,
    "uniprot": UniProt,
    "per_protein": PerProtein,
}


def recognise(path: Path) -> str | None:
    """Name of the source whose format a file has; None if no source matches."""
    if is_hdf5(path):
        return "per_protein"
    try:
        lines = [line for _, line in head(path)]
    except InputError:
        return None
    return next((name for name, source in SOURCES.items() if lines and source.fits(lines)), None)
