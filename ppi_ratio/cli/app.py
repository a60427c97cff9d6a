"""The command line: one thin function per verb, and errors as one message and an exit code.

0 done; 1 the data or the model is wrong, or memory or disk too small; 2 the command line or the
configuration is wrong; 130 stopped by the user, as Typer has it. Progress and warnings go to
standard error.
"""

import logging
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ppi_ratio.errors import ConfigError, InputError, ProvenanceError, is_out_of_memory
from ppi_ratio.runtime.interrupts import no_stop_lost
from ppi_ratio.runtime.seeds import LARGEST_SEED

DATA_ERROR, USAGE_ERROR, STOPPED = 1, 2, 130

SMALLER = (
    "take smaller batches (embed --batch-tokens, train --set trainer.batch_size=...), fewer "
    "processes (compare --workers) or shares of the work (embed and screen --shard)"
)

app = typer.Typer(
    name="ppi-ratio",
    help="Protein interactions scored by a learned density ratio, in nats.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

Directed = Annotated[
    bool,
    typer.Option(
        "--directed/--undirected",
        help="Whether (a, b) and (b, a) are different pairs, as kinase and substrate are.",
    ),
]
VectorFiles = Annotated[
    list[Path],
    typer.Option(
        "--embeddings",
        metavar="<path>",
        help="Vectors: a file of [bold]ppi-ratio embed[/], UniProt per-protein.h5, bio_embeddings "
        "HDF5, a folder of esm-extract files, or .npz. Given twice, both are read.",
    ),
]
EncoderOf = Annotated[
    str | None,
    typer.Option(help="What made the vectors, if their file does not say."),
]
Renormalise = Annotated[
    bool,
    typer.Option(
        "--renormalise",
        help="Make the mean ratio one over random pairs of these proteins: for many pairs of "
        "proteins that training did not know, as they come, not picked by hand.",
    ),
]


ShareOf = Annotated[
    str | None,
    typer.Option(
        metavar="I/N", help="Do share I of N, from 0; under torchrun or srun that of the own rank."
    ),
]


class Pooling(StrEnum):
    """How residues become one vector."""

    mean = "mean"
    mean_sd = "mean_sd"
    mean_sd_segments = "mean_sd_segments"


class Precision(StrEnum):
    """Arithmetic of the forward pass."""

    fp32 = "fp32"
    bf16 = "bf16"


class ProductPrecision(StrEnum):
    """Arithmetic of a screen's products; tf32 is for GPUs."""

    fp32 = "fp32"
    tf32 = "tf32"
    bf16 = "bf16"


class Device(StrEnum):
    """Where the encoder runs."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class StoredAs(StrEnum):
    """Type of the numbers on disk."""

    float16 = "float16"
    float32 = "float32"


class SplitBy(StrEnum):
    """What is held out."""

    pair = "pair"
    protein = "protein"
    cluster = "cluster"
    species = "species"


class ClusterMethod(StrEnum):
    """What compares sequences."""

    auto = "auto"
    mmseqs2 = "mmseqs2"
    words = "words"


class Law(StrEnum):
    """How non-pairs are drawn; the keys of ``NOISE_LAWS``."""

    uniform = "uniform"
    role_matched = "role_matched"
    degree_weighted = "degree_weighted"
    degree_matched = "degree_matched"
    rewired = "rewired"


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for model, results and figures.")] = Path(
        "ppi_ratio_demo"
    ),
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of split, weights and batches.")
    ] = 0,
) -> None:
    """Learn, score and evaluate real yeast interactions, with no network. About 3 minutes."""
    from ppi_ratio.cli.demo import run_demo

    run_demo(out, seed=seed)


@app.command()
def embed(
    fasta: Annotated[Path, typer.Argument(help="Protein sequences, plain or gzip.")],
    out: Annotated[Path, typer.Option(help="HDF5 file to write, or to add missing proteins to.")],
    encoder: Annotated[
        str,
        typer.Option(
            help="An official fair-esm name, the path of such a checkpoint (.pt), "
            "esm2_bundled (small, ships with the package), conjoint_triad or hydropathy_charge (no "
            "model)."
        ),
    ] = "esm2_t30_150M_UR50D",
    layer: Annotated[int | None, typer.Option(help="Layer to pool; the last if not given.")] = None,
    pooling: Annotated[
        Pooling,
        typer.Option(
            help="Mean over residues; that and their standard deviation; or behind both the means "
            "of 16 segments, for the critic attentive."
        ),
    ] = Pooling.mean,
    precision: Annotated[Precision, typer.Option(help="Arithmetic.")] = Precision.fp32,
    device: Annotated[Device, typer.Option(help="Where to run.")] = Device.auto,
    limit: Annotated[
        int, typer.Option(help="Longer proteins are embedded in overlapping windows of this size.")
    ] = 1022,
    batch_tokens: Annotated[
        int, typer.Option(help="Residues per batch, padding counted; halved when memory runs out.")
    ] = 8192,
    dtype: Annotated[StoredAs, typer.Option(help="Numbers on disk.")] = StoredAs.float16,
    shard: ShareOf = None,
) -> None:
    """Turn protein sequences into one vector each. Stop it and start it again at will."""
    from ppi_ratio.embeddings import EmbedOptions
    from ppi_ratio.runs.embedding import embed_file
    from ppi_ratio.runtime.sharding import Shard

    options = EmbedOptions(
        layer=layer,
        pooling=pooling.value,
        precision=precision.value,
        device=device.value,
        limit=limit,
        batch_tokens=batch_tokens,
        dtype=dtype.value,
    )
    share = Shard.parse(shard) if shard else Shard.from_environment()
    vectors = embed_file(fasta, out, encoder=encoder, options=options, shard=share)
    typer.echo(f"{share.path(out)}: {len(vectors):,} proteins, {vectors.provenance.describe()}")


@app.command()
def concatenate(
    vectors: Annotated[
        list[Path], typer.Argument(help="Two or more files of vectors, in any form that is read.")
    ],
    out: Annotated[Path, typer.Option(help="HDF5 file to write.")],
    encoder: EncoderOf = None,
    dtype: Annotated[StoredAs, typer.Option(help="Numbers on disk.")] = StoredAs.float16,
) -> None:
    """Put the vectors of several encoders side by side, for each protein that all files hold."""
    from ppi_ratio.embeddings.concatenating import concatenate as put_side_by_side
    from ppi_ratio.embeddings.concatenating import read_stated

    _check_spares(out, *vectors)
    side_by_side = put_side_by_side([read_stated(path, encoder) for path in vectors])
    side_by_side.write(out, dtype.value)
    typer.echo(f"{out}: {len(side_by_side):,} proteins, {side_by_side.provenance.describe()}")


@app.command()
def audit(
    pairs: Annotated[Path, typer.Argument(help="Pairs to judge by, best labelled 1 and 0.")],
    directed: Directed = False,
    fasta: Annotated[
        Path | None, typer.Option(help="Sequences: which are missing, which have relatives.")
    ] = None,
    train: Annotated[
        Path | None, typer.Option(help="The training pairs: what the table shares with them.")
    ] = None,
    scores: Annotated[
        Path | None, typer.Option(help="A model's scores of the pairs: two ids and a score.")
    ] = None,
    score_column: Annotated[
        str | None, typer.Option(help="Name of their column, or its number from 1.")
    ] = None,
    min_score: Annotated[
        float | None, typer.Option(help="Keep PAIRS whose third column is at least this.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the folds.")] = 0,
    out: Annotated[Path | None, typer.Option(help="File to write: .json.")] = None,
) -> None:
    """Say what is wrong or leaking in a table of pairs, and what scores of it are worth."""
    typer.echo(f"reading {pairs}", err=True)  # first: the imports take seconds
    from ppi_ratio.auditing import audit as audit_pairs
    from ppi_ratio.auditing import check_audit_name, read_scores
    from ppi_ratio.pairs import read_pairs
    from ppi_ratio.report.console import print_audit
    from ppi_ratio.sequences import read_fasta

    if out is not None:
        check_audit_name(out)
    table = read_pairs(pairs, directed=directed, min_score=min_score)
    proteins = None if fasta is None else read_fasta(fasta)
    training = None if train is None else read_pairs(train, directed=directed)
    number = score_column is not None and score_column.isdecimal()
    column = int(score_column) - 1 if score_column and number else score_column
    scored = None if scores is None else read_scores(scores, column=column)
    typer.echo(f"auditing {len(table):,} pairs", err=True)
    found = audit_pairs(table, proteins=proteins, training=training, scores=scored, seed=seed)
    if out is not None:
        found.write(out)
    print_audit(found.frame, found.verdict, title=found.title)


@app.command()
def non_pairs(
    pairs: Annotated[
        Path, typer.Argument(help="Interactions; of a labelled table the joint ones.")
    ],
    out: Annotated[
        Path, typer.Option(help="Labelled table to write: .tsv, .csv, .parquet or .json.")
    ],
    law: Annotated[Law, typer.Option(help="How to draw; say it beside every number.")],
    directed: Directed,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the draw.")],
    per_joint: Annotated[int, typer.Option(help="Non-pairs for each joint pair.", min=1)] = 1,
    known: Annotated[
        Path | None, typer.Option(help="Further interactions, not to be drawn.")
    ] = None,
    min_score: Annotated[
        float | None, typer.Option(help="Keep PAIRS whose third column is at least this.")
    ] = None,
) -> None:
    """Draw non-pairs by a named law, and write them with the interactions as one table."""
    from ppi_ratio.io.tables import check_table_name, write_table
    from ppi_ratio.pairs import draw_non_pairs, labelled_table, read_pairs

    check_table_name(out)
    _check_spares(out, pairs, known)
    joint = read_pairs(pairs, directed=directed, min_score=min_score).joint
    others = None if known is None else read_pairs(known, directed=directed)
    drawn = draw_non_pairs(joint, law=law.value, per_joint=per_joint, known=others, seed=seed)
    write_table(labelled_table(joint, drawn).frame, out)
    typer.echo(f"{out}: {len(joint):,} joint pairs, {len(drawn):,} {law.value} non-pairs")


@app.command()
def split(
    pairs: Annotated[Path, typer.Argument(help="TSV, CSV or Parquet of two ids per row.")],
    out: Annotated[Path, typer.Option(help="Folder for train, validation and test tables.")],
    directed: Directed,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of the draw.")],
    by: Annotated[SplitBy, typer.Option(help="What is held out.")] = SplitBy.protein,
    test_fraction: Annotated[
        float | None, typer.Option(help="Share of it in the test; 0.2 if not given.")
    ] = None,
    validation_fraction: Annotated[float, typer.Option(help="Share in the validation.")] = 0.1,
    disjoint: Annotated[
        bool, typer.Option("--disjoint", help="By protein: no protein is in two parts.")
    ] = False,
    fasta: Annotated[
        Path | None,
        typer.Option(
            help="Sequences: what --by cluster needs; else relatives are counted as leaks."
        ),
    ] = None,
    min_identity: Annotated[
        float, typer.Option(help="Identity from which two sequences share a cluster.")
    ] = 0.4,
    method: Annotated[
        ClusterMethod, typer.Option(help="What compares sequences; auto is MMseqs2 if it is there.")
    ] = ClusterMethod.auto,
    test_species: Annotated[
        list[str] | None, typer.Option(help="By species: one to test on; may be repeated.")
    ] = None,
    species: Annotated[
        Path | None,
        typer.Option(help="TSV of id and species; if not given, read off ids like 4932.YAL001C."),
    ] = None,
    min_score: Annotated[
        float | None, typer.Option(help="Keep rows whose third column is at least this.")
    ] = None,
) -> None:
    """Divide interactions into train, validation and test, and say what leaks."""
    from ppi_ratio.pairs import write_split
    from ppi_ratio.settings.splits import parse_split_settings, split_clusters

    by_cluster, by_species = by is SplitBy.cluster, by is SplitBy.species
    settings = parse_split_settings(
        {
            "name": by.value,
            "pairs": pairs,
            "directed": directed,
            "seed": seed,
            "test_fraction": 0.2 if test_fraction is None and not by_species else test_fraction,
            "validation_fraction": validation_fraction,
            "disjoint": disjoint or None,
            "fasta": fasta if by_cluster else None,
            "min_identity": min_identity if by_cluster else None,
            "method": method.value if by_cluster else None,
            "test_species": test_species,
            "species": species,
            "min_score": min_score,
        }
    )
    table = settings.table()
    parts = settings.divide(table)
    clusters = None
    if fasta is not None and not by_cluster:
        clusters = split_clusters(parts, fasta, min_identity=min_identity, method=method.value)
    write_split(parts, out, clusters=clusters)
    typer.echo(table.summary())
    typer.echo(f"split {parts.kind}, seed {seed}")
    typer.echo(parts.summary().to_string())
    for reason, count in parts.dropped.items():
        typer.echo(f"dropped: {count:,} pairs {reason}")
    for leak in parts.leaks(clusters):
        typer.echo(f"leak: {leak}")


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="YAML of one experiment; see configs/.")],
    out: Annotated[Path, typer.Option(help="Run folder.")],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key, e.g. objective.beta=10."),
    ] = None,
) -> None:
    """Train a model. Stop it and give the same command again: it goes on where it was."""
    from ppi_ratio.cli.runs import run_experiment
    from ppi_ratio.settings.experiment import read_experiment

    model = run_experiment(read_experiment(config, overrides or []), out)
    refitted = "refit_epochs" in model.card.metrics
    typer.echo(
        f"{out / 'model'}: {model.card.objective.name}, {model.card.critic.name} critic, best "
        f"epoch {model.card.metrics['best_epoch']:.0f} of {model.card.metrics['epochs']:.0f}"
        + ("; learned anew from training and validation pairs" if refitted else "")
    )


@app.command()
def score(
    model: Annotated[Path, typer.Argument(help="Folder of a trained model.")],
    pairs: Annotated[Path, typer.Argument(help="Pairs to score: two ids per row.")],
    out: Annotated[Path, typer.Option(help="Table to write: .tsv, .csv or .parquet.")],
    embeddings: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="<path>",
            help="Vectors from the model's encoder. Given twice, both are read.",
        ),
    ] = None,
    fasta: Annotated[
        Path | None, typer.Option(help="Or sequences, to be embedded with the model's encoder.")
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            help="What made the vectors, if their file does not say; with --fasta the path of the "
            "model's checkpoint, if it is no official one."
        ),
    ] = None,
    prior: Annotated[
        float, typer.Option(help="Share of interactions among such pairs, for 'probability'.")
    ] = 0.01,
    renormalise: Renormalise = False,
) -> None:
    """Score pairs: log ratio in nats, probability at the prior, and why a row has none."""
    from ppi_ratio.io.tables import check_table_name, write_table
    from ppi_ratio.model.ratio_model import RatioModel
    from ppi_ratio.model.vectors import vectors_for

    check_table_name(out)
    _check_spares(out, pairs, fasta)
    loaded = RatioModel.load(model)
    vectors = vectors_for(loaded, embeddings=embeddings or (), fasta=fasta, encoder=encoder)
    scores = loaded.score(pairs, vectors, prior=prior, renormalise=renormalise)
    write_table(scores, out)
    n_scored = int((scores["note"] == "").to_numpy().sum())
    typer.echo(
        f"{out}: {n_scored:,} of {len(scores):,} pairs scored with "
        f"{vectors.provenance.describe()}; probability at prior {prior:g}"
        + ("; mean ratio made one over their own proteins" if renormalise else "")
    )
    if n_scored < len(scores):
        first = scores.loc[scores["note"] != "", "note"].iloc[0]
        typer.echo(f"without a score: {len(scores) - n_scored:,}, e.g. {_visible(first)}", err=True)


@app.command()
def screen(
    model: Annotated[Path, typer.Argument(help="Folder of a trained model.")],
    embeddings: VectorFiles,
    out: Annotated[Path, typer.Option(help="Table to write: .parquet, .tsv or .csv.")],
    left: Annotated[
        Path | None,
        typer.Option(help="Ids to find partners for, one a line; every protein if not given."),
    ] = None,
    right: Annotated[
        Path | None, typer.Option(help="Ids to look among; every protein if not given.")
    ] = None,
    top_k: Annotated[
        int | None,
        typer.Option(
            help="Partners of each left, at most; 100 if --min-log-ratio is not given either.",
            min=1,
        ),
    ] = None,
    min_log_ratio: Annotated[
        float | None, typer.Option(help="Only pairs of at least this log ratio, in nats.")
    ] = None,
    known: Annotated[
        Path | None, typer.Option(help="Interactions to leave out, e.g. the training pairs.")
    ] = None,
    encoder: EncoderOf = None,
    prior: Annotated[
        float, typer.Option(help="Share of interactions among such pairs, for 'probability'.")
    ] = 0.01,
    precision: Annotated[
        ProductPrecision,
        typer.Option(help="Of the products that find hits; bf16 ones are scored again in fp32."),
    ] = ProductPrecision.fp32,
    device: Annotated[Device, typer.Option(help="Where to multiply.")] = Device.auto,
    threads: Annotated[
        int | None, typer.Option(help="On a CPU; one per core if not given.", min=1)
    ] = None,
    shard: ShareOf = None,
) -> None:
    """Find the highest-scoring pairs among all. Stop it and give it again: it goes on."""
    from ppi_ratio.io.tables import check_appendable
    from ppi_ratio.io.text_files import read_ids
    from ppi_ratio.model.ratio_model import RatioModel
    from ppi_ratio.model.screening import ScreenOptions
    from ppi_ratio.model.vectors import vectors_for
    from ppi_ratio.pairs import read_pairs
    from ppi_ratio.runs.screening import screen_file
    from ppi_ratio.runtime.sharding import Shard

    check_appendable(out)
    _check_spares(out, left, right, known)
    loaded = RatioModel.load(model)
    vectors = vectors_for(loaded, embeddings=embeddings, fasta=None, encoder=encoder)
    found = screen_file(
        loaded,
        vectors,
        out,
        left=read_ids(left) if left else None,
        right=read_ids(right) if right else None,
        known=read_pairs(known, directed=loaded.card.directed) if known else None,
        options=ScreenOptions(
            top_k=100 if top_k is None and min_log_ratio is None else top_k,
            min_log_ratio=min_log_ratio,
            prior=prior,
            precision=precision.value,
            device=device.value,
            threads=threads,
        ),
        shard=Shard.parse(shard) if shard else Shard.from_environment(),
    )
    rate = f" ({found.n_pairs / found.seconds / 1e6:,.1f} million/s)" if found.n_pairs else ""
    typer.echo(
        f"{found.path}: {found.n_hits:,} hits among {found.n_pairs:,} pairs{rate}; "
        f"probability at prior {prior:g}"
    )
    if precision is ProductPrecision.bf16:
        typer.echo(f"bf16 was off by up to {found.largest_error:.3f} nats before scoring again")


@app.command()
def merge(
    out: Annotated[
        Path, typer.Argument(help="What the whole is called, as given to each shard as --out.")
    ],
) -> None:
    """Make one file of those that the shards of embed or screen wrote, and remove theirs."""
    from ppi_ratio.runs.merging import merge_shards

    typer.echo(f"{out}: {merge_shards(out)}")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of a trained model.")],
    pairs: Annotated[Path, typer.Argument(help="Test pairs, labelled 1 and 0 or only joint.")],
    embeddings: VectorFiles,
    encoder: EncoderOf = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for results.parquet and figures.")
    ] = None,
    known: Annotated[
        Path | None, typer.Option(help="Further interactions, not to be drawn as non-pairs.")
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option(
            help="The training pairs: not drawn as non-pairs, and shows what baselines learn from "
            "them (slower)."
        ),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(help="With --train: the validation pairs, if trainer.refit was on."),
    ] = None,
    renormalise: Renormalise = False,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of drawn non-pairs.")
    ] = 0,
) -> None:
    """Judge a model on test pairs, with baselines and intervals over proteins beside it."""
    from ppi_ratio.cli.runs import evaluate_model
    from ppi_ratio.model.ratio_model import RatioModel
    from ppi_ratio.model.vectors import vectors_for

    if out is not None and out.is_file():
        raise ConfigError(f"{out}: is a file; give the name of a folder")
    loaded = RatioModel.load(model)
    vectors = vectors_for(loaded, embeddings=embeddings, fasta=None, encoder=encoder)
    evaluate_model(
        loaded,
        pairs,
        vectors,
        known=known,
        training=train,
        validation=validation,
        renormalise=renormalise,
        out=out,
        seed=seed,
    )


@app.command()
def compare(
    config: Annotated[Path, typer.Argument(help="YAML of one comparison; see configs/compare.")],
    out: Annotated[Path, typer.Option(help="Run folder.")],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key, e.g. n_seeds=2."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes; one per core if not given.", min=1)
    ] = None,
) -> None:
    """Compare objectives, critics, seeds and splits. Stop it and give it again: it goes on."""
    from ppi_ratio.report.console import print_summary
    from ppi_ratio.runs.comparing import run_comparison
    from ppi_ratio.settings.comparison import read_comparison

    tables = run_comparison(read_comparison(config, overrides or []), out, workers=workers)
    print_summary(tables.summary)
    typer.echo(f"{out}: results.parquet, summary.parquet and differences.parquet")


@app.command()
def mi(
    model: Annotated[Path, typer.Argument(help="Folder of a trained model.")],
    pairs: Annotated[Path, typer.Argument(help="Held-out pairs; the joint ones are used.")],
    embeddings: VectorFiles,
    encoder: EncoderOf = None,
    train: Annotated[
        Path | None, typer.Option(help="The training pairs, to warn where the model overfits.")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(min=0, max=LARGEST_SEED, help="Seed of noise pairs, shuffles and bootstrap."),
    ] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Table to write: .tsv, .csv, .parquet or .json.")
    ] = None,
    figure: Annotated[Path | None, typer.Option(help="Figure to write: .png or .svg.")] = None,
) -> None:
    """Mutual information of held-out pairs, with an interval, a shuffle null and a verdict."""
    from ppi_ratio.cli.runs import measure_information
    from ppi_ratio.model.ratio_model import RatioModel
    from ppi_ratio.model.vectors import vectors_for

    _check_spares(out, pairs, train)
    loaded = RatioModel.load(model)
    vectors = vectors_for(loaded, embeddings=embeddings, fasta=None, encoder=encoder)
    measure_information(loaded, pairs, vectors, training=train, out=out, figure=figure, seed=seed)


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="Run folder of ppi-ratio compare.")],
    out: Annotated[
        Path | None, typer.Option(help="Page to write; report.html in the run folder.")
    ] = None,
) -> None:
    """Turn a comparison into one HTML page, which opens anywhere and needs no network."""
    from ppi_ratio.report.page import write_report

    page = write_report(run, out)
    typer.echo(f"{page}: {page.stat().st_size / 1e6:.1f} MB")


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
def prepare(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE [OPTIONS]", help="See --help.")
    ] = None,
) -> None:
    """Turn a public source (STRING, IntAct, UniProt, ...) into files to learn from."""
    from data_prep.command import app as sources

    sources(words or [], prog_name="ppi-ratio prepare")


def main() -> None:
    """Run the command line; the entry point of ``ppi-ratio``."""
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    try:
        with no_stop_lost():
            app(standalone_mode=True)
    except SystemExit as end:
        if end.code == STOPPED:
            advice = "embed, train, compare and screen go on when given again"
            typer.echo(f"ppi-ratio: stopped; {advice}", err=True)
        raise
    except ConfigError as error:
        _fail(error, USAGE_ERROR)
    except (
        InputError,
        ProvenanceError,
        FloatingPointError,
        OSError,
        ValueError,
        KeyError,
    ) as error:
        if os.environ.get("PPI_RATIO_TRACEBACK"):
            raise
        _fail(error, DATA_ERROR)
    except (MemoryError, RuntimeError) as error:
        if os.environ.get("PPI_RATIO_TRACEBACK") or not is_out_of_memory(error):
            raise
        _fail(MemoryError(f"out of memory ({error}); {SMALLER}"), DATA_ERROR)


def _check_spares(out: Path | None, *inputs: Path | None) -> None:
    """Refuse to write over what is read.

    Raises:
        ConfigError: if ``out`` is one of ``inputs``, under whatever name.
    """
    if out is not None and out.exists():
        for path in inputs:
            if path is not None and path.exists() and out.samefile(path):
                raise ConfigError(f"{out}: is an input, and would be overwritten; rename --out")


def _fail(error: Exception, code: int) -> None:
    message = error.args[0] if isinstance(error, KeyError) and error.args else error
    typer.echo(f"ppi-ratio: {_visible(str(message))}", err=True)
    sys.exit(code)


def _visible(text: str) -> str:
    """A message that may hold ids and file names, without what would command the terminal."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else repr(letter)[1:-1]
        for letter in text
    )
