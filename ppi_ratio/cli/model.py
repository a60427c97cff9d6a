"""The verbs that make and use a model: train, score, mi."""

from pathlib import Path
from typing import Annotated

import typer

from ppi_ratio.cli.options import (
    Columns,
    EncoderOf,
    MatchIds,
    ModelFolder,
    Overrides,
    Prevalence,
    Prior,
    Renormalise,
    VectorFiles,
    kinds_of_difference,
    seed_of,
)
from ppi_ratio.cli.paths import check_configured, check_not_overwritten, existing, existing_vectors
from ppi_ratio.errors import ConfigError

PANEL = "Train and use a model"
verbs = typer.Typer()


@verbs.command(rich_help_panel=PANEL)
def train(
    config: Annotated[Path, typer.Argument(help="YAML file of one experiment; see configs/.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    overrides: Overrides = None,
) -> None:
    """Train a model as a YAML file describes.

    Interrupt the command and run it again: it resumes.

    Example: ppi-ratio train experiment.yaml --out run

    Writes: a folder with model/, config.yaml, metrics.csv and training.png.
    """
    check_configured(config, overrides or [])
    from ppi_ratio.cli.training import run_experiment
    from ppi_ratio.settings.experiment import read_experiment

    model = run_experiment(read_experiment(config, overrides or []), out)
    retrained = "refit_epochs" in model.card.metrics
    typer.echo(
        f"{out / 'model'}: {model.card.objective.name}, {model.card.critic.name} critic, best "
        f"epoch {model.card.metrics['best_epoch']:.0f} of {model.card.metrics['epochs']:.0f}"
        + ("; retrained on training and validation pairs" if retrained else "")
    )


@verbs.command(rich_help_panel=PANEL)
def score(
    model: ModelFolder,
    pairs: Annotated[
        Path, typer.Argument(help="Pairs to score: two ids per row.", callback=existing)
    ],
    out: Annotated[Path, typer.Option(help="Table to write: .tsv, .csv or .parquet.")],
    embeddings: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Protein vectors from the model's encoder. Repeat the option for several files.",
            callback=existing_vectors,
        ),
    ] = None,
    fasta: Annotated[
        Path | None,
        typer.Option(
            help="Sequences instead of vectors. The model's encoder turns them into vectors.",
            callback=existing,
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            help="Name of the encoder that made the vectors, if the file does not name it. With "
            "--fasta: path of the encoder's checkpoint, if fair-esm does not publish it."
        ),
    ] = None,
    match_ids: MatchIds = None,
    columns: Columns = None,
    prior: Prior = 0.01,
    prevalence: Prevalence = None,
    renormalise: Renormalise = False,
) -> None:
    """Score pairs of proteins: log ratio in nats, and probability at a prior.

    Example:
    ppi-ratio score run/model pairs.tsv --embeddings vectors.h5 --out scores.tsv

    Writes: a table with one row per input row: a score, or a note why there is no score.
    """
    if bool(embeddings) == (fasta is not None):
        raise ConfigError("give one of --embeddings or --fasta")
    from ppi_ratio.cli.scoring import print_score_summary
    from ppi_ratio.io.tables import check_table_name, write_table
    from ppi_ratio.model.probability import Rule
    from ppi_ratio.model.ratio_model import RatioModel
    from ppi_ratio.model.vectors import vectors_for

    check_table_name(out)
    check_not_overwritten(out, pairs, fasta)
    loaded = RatioModel.load(model)
    vectors = vectors_for(
        loaded,
        embeddings=embeddings or (),
        fasta=fasta,
        encoder=encoder,
        match_ids=kinds_of_difference(match_ids),
    )
    scores = loaded.score(
        pairs,
        vectors,
        prior=prior,
        prevalence=prevalence,
        renormalise=renormalise,
        columns=columns,
    )
    write_table(scores, out)
    rule = Rule(prior, prevalence, noise_is_all_pairs=loaded.card.noise.is_all_pairs)
    print_score_summary(scores, out, loaded, vectors, rule=rule, renormalised=renormalise)


@verbs.command(rich_help_panel=PANEL)
def mi(
    model: ModelFolder,
    pairs: Annotated[
        Path,
        typer.Argument(
            help="Pairs that the model was not trained on. Only the interactions are used.",
            callback=existing,
        ),
    ],
    embeddings: VectorFiles,
    encoder: EncoderOf = None,
    train: Annotated[
        Path | None,
        typer.Option(help="Training pairs, to detect overfitting.", callback=existing),
    ] = None,
    match_ids: MatchIds = None,
    columns: Columns = None,
    seed: Annotated[int, seed_of("random pairs, shuffles and the bootstrap")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Table to write: .tsv, .csv, .parquet or .json.")
    ] = None,
    figure: Annotated[Path | None, typer.Option(help="Figure to write: .png or .svg.")] = None,
) -> None:
    """Estimate how much two interacting proteins tell about each other (mutual information).

    Example: ppi-ratio mi run/model parts/test.tsv --embeddings vectors.h5

    Writes: a report with interval and verdict; with --out a table, with --figure a figure.
    """
    from ppi_ratio.cli.information import measure_information
    from ppi_ratio.model.ratio_model import RatioModel
    from ppi_ratio.model.vectors import vectors_for

    check_not_overwritten(out, pairs, train)
    loaded = RatioModel.load(model)
    kinds = kinds_of_difference(match_ids)
    vectors = vectors_for(
        loaded, embeddings=embeddings, fasta=None, encoder=encoder, match_ids=kinds
    )
    measure_information(
        loaded,
        pairs,
        vectors,
        training=train,
        columns=columns,
        out=out,
        figure=figure,
        seed=seed,
    )
