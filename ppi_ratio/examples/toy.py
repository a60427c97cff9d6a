"""Made-up proteins whose interactions follow a rule, to try things on in seconds."""

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.pairs import PairTable

_KINDS, _DIM = 3, 12


def toy_data(
    *, n_proteins: int = 90, n_pairs: int = 400, directed: bool = False, seed: int = 0
) -> tuple[PairTable, Embeddings]:
    """Made-up interactions and vectors, for examples that run in seconds.

    There are three kinds of proteins. Vectors of one kind are alike. Kind 0 interacts with
    kind 1, and kind 2 with itself. Nothing here is a real protein: use it to try the interface.

    Args:
        n_proteins: proteins; their ids are ``P000``, ``P001`` and so on, and their kinds 0, 1, 2,
            0, 1, 2 and so on.
        n_pairs: interactions drawn; pairs drawn twice are one, so there may be fewer.
        directed: whether left and right have roles: kind 0 on the left, kind 1 on the right.
        seed: of vectors and interactions.

    Returns:
        The interactions, and one vector of 12 numbers for each protein.

    Examples:
        >>> import pandas as pd
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> len(vectors), vectors.dim
        (90, 12)
        >>> few_epochs = pr.TrainerSettings(max_epochs=5)
        >>> model = pr.fit(pairs, vectors, trainer=few_epochs, progress=False)
        >>> candidates = pd.DataFrame({"left": ["P000", "P000"], "right": ["P001", "P003"]})
        >>> interacting, alike = model.score(candidates, vectors)["log_ratio"]
        >>> bool(interacting > 1), bool(alike < -1)  # nats
        (True, True)
    """
    rng = np.random.default_rng(seed)
    kinds = np.arange(n_proteins) % _KINDS
    centres = 2 * rng.standard_normal((_KINDS, _DIM))
    matrix = centres[kinds] + rng.standard_normal((n_proteins, _DIM))
    ids = np.array([f"P{number:03d}" for number in range(n_proteins)])

    partner_kind = np.array([1, 0, 2])
    proteins_of = [np.flatnonzero(kinds == kind) for kind in range(_KINDS)]
    can_be_left = np.flatnonzero(kinds != 1) if directed else np.arange(n_proteins)
    left = rng.choice(can_be_left, n_pairs)
    right = [rng.choice(proteins_of[kind]) for kind in partner_kind[kinds[left]]]
    frame = pd.DataFrame({"left": ids[left], "right": ids[right]})
    pairs = PairTable.from_rows(frame, directed=directed, name="toy data")
    return pairs, Embeddings.from_arrays(list(ids), matrix.astype(np.float32))
