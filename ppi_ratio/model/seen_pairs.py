"""A model and pairs or ids -> a warning if the model learned from these under any spelling."""

from collections.abc import Iterable

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.model.training_proteins import degree_table
from ppi_ratio.pairs import PairTable
from ppi_ratio.pairs.leakage import shared_pairs
from ppi_ratio.sequences import IdIndex


def learned_from(model: RatioModel, pairs: PairTable, training: PairTable | None) -> str:
    """What a reader must know of pairs that the model learned from, in words; empty if none are.

    A model remembers its training proteins with their degrees, not its pairs. So without
    ``training`` only a table of all training interactions is recognised, by its degrees.
    """
    if training is not None:
        found = shared_pairs(training.joint, pairs.joint, "training", "test")
        return f"{found[0]}; the model learned from these pairs" if found else ""
    columns = [LEFT_DEGREE, RIGHT_DEGREE]
    given = degree_table(pairs.joint)[columns].sort_index()
    learned = model.degrees[columns].sort_index()
    if given.index.equals(learned.index) and (given.to_numpy() == learned.to_numpy()).all():
        return (
            "every protein is in as many interactions as in training, so these are the pairs that "
            "the model learned from; judge the model by other pairs"
        )
    return ""


def spelled_otherwise(model: RatioModel, ids: Iterable[str], vectors: Embeddings) -> str:
    """Which ids count as new, but are training proteins in another spelling; empty if none are."""
    distinct = [*dict.fromkeys(ids)]
    seen = model.training_proteins.seen(distinct, vectors)
    new = [name for name, was_seen in zip(distinct, seen, strict=True) if not was_seen]
    index = IdIndex(model.degrees.index)
    near = [name for name, found in index.near(new).items() if found.matches]
    if not near:
        return ""
    return (
        f"{len(near):,} of {len(distinct):,} proteins count as new, but may be training proteins "
        f"in another spelling: {'; '.join(index.hints(near))}; if so, their pairs are not of "
        "class C3"
    )
