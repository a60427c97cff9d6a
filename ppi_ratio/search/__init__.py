"""Projections of two sets of proteins -> the pairs with the highest log ratios."""

from ppi_ratio.search.hits import HIT, Hits, chunks, highest_first, merged
from ppi_ratio.search.score_matrix import ScoreMatrix
from ppi_ratio.search.searching import Query, Searcher, searcher

__all__ = [
    "HIT",
    "Hits",
    "Query",
    "ScoreMatrix",
    "Searcher",
    "chunks",
    "highest_first",
    "merged",
    "searcher",
]
