"""Vectors -> the same vectors, found by ids in other spellings too."""

import copy
from collections.abc import Collection

from ppi_ratio.embeddings.files import Embeddings
from ppi_ratio.sequences import IdIndex


def matching(vectors: Embeddings, kinds: Collection[str]) -> Embeddings:
    """The same vectors; differences of these ``kinds`` in the spelling of an id do not count.

    Args:
        vectors: the vectors.
        kinds: of ``version``, ``prefix``, ``case`` and ``isoform``.

    Raises:
        ConfigError: if ``kinds`` holds an unknown kind of difference.

    Examples:
        >>> import ppi_ratio as pr
        >>> from ppi_ratio.embeddings import matching
        >>> vectors = pr.Embeddings.from_arrays(["P12345.2", "Q9"], [[0.5, 2.0], [1.0, 3.0]])
        >>> vectors.rows(["P12345"]), matching(vectors, ["version"]).rows(["P12345"])
        (array([-1]), array([0]))
    """
    if not kinds:
        return vectors
    found = copy.copy(vectors)
    found.index = IdIndex(vectors.ids, match=kinds)
    return found
