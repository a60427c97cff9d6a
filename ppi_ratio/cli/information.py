"""A model and held-out pairs -> mutual information, on the terminal and in files."""

from pathlib import Path

import typer

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.information import Information, mutual_information
from ppi_ratio.io.tables import check_table_name, write_table
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.pairs import read_pairs
from ppi_ratio.report.console import print_information
from ppi_ratio.report.figures import check_figure_name, save_figure
from ppi_ratio.report.information_figures import information_figure


def measure_information(
    model: RatioModel,
    pairs_path: Path,
    vectors: Embeddings,
    *,
    training: Path | None,
    columns: str | None,
    out: Path | None,
    figure: Path | None,
    seed: int,
) -> Information:
    """Estimate mutual information; print it with its verdict, write it to ``out`` and draw it."""
    if out is not None:
        check_table_name(out)
    if figure is not None:
        check_figure_name(figure)
    card = model.card
    self_pairs = "keep" if card.noise.self_pairs == "kept" else "drop"
    pairs, learned = (
        read_pairs(path, directed=card.directed, self_pairs=self_pairs, columns=columns).named_as(
            vectors.index
        )
        if path
        else None
        for path in (pairs_path, training)
    )
    assert pairs is not None
    found = mutual_information(model, pairs, vectors, seed=seed, training=learned)
    print_information(found.frame, title=f"{pairs.name}: {card.objective.name}")
    typer.echo(found.verdict)
    if out is not None:
        write_table(found.frame, out)
    if figure is not None:
        save_figure(information_figure(found), figure)
    return found
