"""Projections of two sets of proteins -> the pairs with the highest log ratios."""

from ppi_ratio.search.hits import HIT_DTYPE, Hits, chunks, highest_first, merged
from ppi_ratio.search.score_matrix import ScoreMatrix
from ppi_ratio.search.searching import Query, Searcher, searcher

__all__ = [
    "HIT_DTYPE",
    "Hits",
    "Query",
    "ScoreMatrix",
    "Searcher",
    "chunks",
    "highest_first",
    "merged",
    "searcher",
]
