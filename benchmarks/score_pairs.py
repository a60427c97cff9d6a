"""Seconds from a loaded program to scores on disk: read model, vectors and pairs, score, write.

python benchmarks/score_pairs.py runs/human/model data/bernett/train.tsv.gz \
    data/vectors/unirep_bernett.h5 --encoder unirep --rows 100000
"""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.io.tables import write_table
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.pairs import read_candidates


def main(
    model: Annotated[Path, typer.Argument(help="Folder of a trained model.")],
    pairs: Annotated[Path, typer.Argument(help="Table whose first rows are scored.")],
    embeddings: Annotated[Path, typer.Argument(help="Vectors.")],
    encoder: Annotated[str | None, typer.Option(help="What made the vectors.")] = None,
    rows: Annotated[int, typer.Option(help="Number of pairs.")] = 100_000,
) -> None:
    """Time each step once."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pairs.tsv"
        write_table(pd.DataFrame(read_candidates(pairs).head(rows)[["left", "right"]]), file)
        clock = [time.perf_counter()]
        loaded = RatioModel.load(model)
        vectors = Embeddings.read(embeddings, encoder=encoder)
        clock.append(time.perf_counter())
        scores = loaded.score(file, vectors)
        clock.append(time.perf_counter())
        write_table(scores, Path(folder) / "scores.tsv")
        clock.append(time.perf_counter())
    steps = ("model and vectors opened", "pairs read and scored", "table written")
    for step, start, end in zip(steps, clock, clock[1:], strict=False):
        typer.echo(f"{step}: {end - start:.2f} s")
    typer.echo(f"{len(scores):,} pairs in {clock[-1] - clock[0]:.2f} s")


if __name__ == "__main__":
    typer.run(main)
