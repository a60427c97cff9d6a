import pytest

import ppi_ratio as pr

INTERACTING_KINDS = [(0, 1), (1, 0), (2, 2)]


@pytest.mark.parametrize("n_proteins", [90, 1500])  # ids of four digits sort before some of three
@pytest.mark.parametrize("directed", [False, True])
def test_every_interaction_of_the_toy_data_follows_the_rule(
    n_proteins: int, directed: bool
) -> None:
    pairs, vectors = pr.toy_data(n_proteins=n_proteins, directed=directed)
    left, right = (pairs.frame[side].str[1:].astype(int) % 3 for side in ("left", "right"))
    assert set(zip(left, right, strict=True)) == set(INTERACTING_KINDS) - (
        {(1, 0)} if directed else set()
    )
    assert len(vectors) == n_proteins
