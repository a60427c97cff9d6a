"""Projections of two sets of proteins -> the pairs with the highest log ratios."""

from ppi_ratio.search.grid import Grid
from ppi_ratio.search.hits import HIT, Hits, chunks, highest_first, merged
from ppi_ratio.search.searching import Searcher, Wanted, searcher

__all__ = [
    "HIT",
    "Grid",
    "Hits",
    "Searcher",
    "Wanted",
    "chunks",
    "highest_first",
    "merged",
    "searcher",
]
