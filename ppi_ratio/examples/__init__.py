"""A small real data set: yeast interactions and their proteins, as D-SCRIPT's benchmark has them.

5,000 physical interactions of STRING (CC BY 4.0) and 50,000 random non-pairs, ids ``4932.Yxxx``;
5,664 sequences of Saccharomyces cerevisiae. From samsledje/D-SCRIPT (MIT).
"""

from importlib.resources import files
from pathlib import Path

_FOLDER = Path(str(files(__name__)))
YEAST_PAIRS = _FOLDER / "yeast_pairs.tsv.gz"
YEAST_FASTA = _FOLDER / "yeast.fasta.gz"
