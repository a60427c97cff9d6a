"""A comparison's settings -> its data: splits, their labelled test sets and their vectors."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ppi_ratio.comparison.fold_runs import Fold
from ppi_ratio.comparison.held_out import HeldOutProteins
from ppi_ratio.embeddings import Embeddings, usable
from ppi_ratio.evaluation.groups import (
    DEGREE_MATCHED,
    OWN_NON_PAIRS,
    ROLE_MATCHED,
    LabelledPairs,
    NoiseDraws,
    labelled_groups,
)
from ppi_ratio.model.training_proteins import TrainingProteins, degree_table
from ppi_ratio.pairs import PairTable, Split, draw_non_pairs, labelled_table, read_pairs
from ppi_ratio.settings.comparison import Comparison, HeldOutSplits
from ppi_ratio.settings.splits import SplitSettings


def read_vectors(comparison: Comparison) -> Embeddings:
    """The vectors of all files; raises as ``Embeddings.read`` and ``Embeddings.join`` do."""
    paths = comparison.embeddings
    paths = [paths] if isinstance(paths, Path) else paths
    return Embeddings.join([Embeddings.read(path, encoder=comparison.encoder) for path in paths])


def read_folds(comparison: Comparison, vectors: Embeddings) -> list[Fold]:
    """Read every split, its labelled test sets, and the vectors of its proteins into memory."""
    settings, seed = comparison.split, comparison.seed
    folds: list[Fold] = []
    if isinstance(settings, HeldOutSplits):
        pairs = read_pairs(
            settings.pairs,
            directed=settings.directed,
            min_score=settings.min_score,
            columns=settings.columns,
            self_pairs="keep" if settings.published else "drop",
        )
        vectors = usable(vectors, pairs.ids)
        pairs, _ = pairs.restrict_to(vectors.index)
        protocol = HeldOutProteins(n_held_out=settings.n_held_out, published=settings.published)
        in_memory = vectors.in_memory(pairs.ids)
        for number in range(comparison.n_splits):
            split = protocol.split(pairs, seed=settings.seed + number)
            groups = tuple(protocol.groups(split, pairs, seed=seed))
            scaled = protocol.scaled_vectors(split, pairs, in_memory)
            learned, noise = _learned(comparison, split), _noise(comparison, groups)
            validation = _validation(split, seed)
            folds.append(Fold(number, split, groups, validation, scaled, learned, noise))
        return folds
    splits, ids = _splits(settings, comparison.n_splits)
    names = sorted(ids)
    vectors = usable(vectors, names)
    in_memory = vectors.in_memory(
        [name for name, row in zip(names, vectors.rows(names), strict=True) if row >= 0]
    )
    splits = [split.restrict_to(vectors.index)[0] for split in splits]
    for number, split in enumerate(splits):
        learned = _learned(comparison, split)
        groups = _groups(split, learned, in_memory, seed)
        noise, validation = _noise(comparison, groups), _validation(split, seed)
        folds.append(Fold(number, split, groups, validation, in_memory, learned, noise))
    return folds


def _splits(settings: SplitSettings, n_splits: int) -> tuple[list[Split], set[str]]:
    """The splits of one table, which is read once, and every id of the table."""
    if settings.name == "given":
        split = settings.read()
        return [split], _ids(split)
    table = settings.table()
    seeds = range(settings.seed, settings.seed + n_splits)
    return [replace(settings, seed=seed).divide(table) for seed in seeds], set(table.ids)


def _learned(comparison: Comparison, split: Split) -> PairTable:
    """The pairs that every scorer learns from."""
    return split.train_and_validation if comparison.trainer.refit else split.train


def _groups(
    split: Split, learned: PairTable, vectors: Embeddings, seed: int
) -> tuple[LabelledPairs, ...]:
    training = TrainingProteins(degree_table(learned, vectors))
    seen, laws = training.among(split.test.ids, vectors), [DEGREE_MATCHED]
    if split.directed:
        laws.append(ROLE_MATCHED)
    return tuple(
        labelled_groups(
            split.test,
            seen=seen,
            known=split.joint,
            seed=seed,
            laws=laws,
            two_kinds=learned.kinds is not None,
        )
    )


def _noise(comparison: Comparison, groups: Sequence[LabelledPairs]) -> tuple[NoiseDraws, ...]:
    return tuple(group.noise(comparison.seed) for group in groups if comparison.renormalise)


def _validation(split: Split, seed: int) -> LabelledPairs:
    """Validation pairs with their own non-pairs, or else with degree-matched non-pairs."""
    table = split.validation
    if len(table.non_pairs):
        return LabelledPairs.of("validation", OWN_NON_PAIRS, table, known=split.joint)
    drawn_pairs = draw_non_pairs(
        table.joint, law="degree_matched", per_joint=1, known=split.joint, seed=seed
    )
    matched = labelled_table(table.joint, drawn_pairs)
    return LabelledPairs.of("validation", DEGREE_MATCHED, matched, known=split.joint)


def _ids(split: Split) -> set[str]:
    return {name for part in split.parts.values() for name in part.ids}
