"""The verbs that make and check data: prepare, embed, concatenate, audit, split, non-pairs."""

from pathlib import Path
from typing import Annotated

import typer

from ppi_ratio.cli.errors import with_flags
from ppi_ratio.cli.options import (
    NOT_GIVEN,
    ClusterMethod,
    Columns,
    Device,
    Directed,
    EncoderOf,
    Known,
    Law,
    MatchIds,
    MinScore,
    Pooling,
    Precision,
    ShardOf,
    SkipBad,
    SplitBy,
    StoredAs,
    kinds_of_difference,
    seed_of,
    this_shard,
)
from ppi_ratio.cli.paths import check_not_overwritten, existing, existing_vectors

PANEL = "Prepare data"
verbs = typer.Typer()


@verbs.command(
    rich_help_panel=PANEL,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
def prepare(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE [OPTIONS]", help="See --help.")
    ] = None,
) -> None:
    """Turn data of a public source (STRING, IntAct, UniProt, ...) into files to learn from.

    List the sources: ppi-ratio prepare --help

    List the options of a source: ppi-ratio prepare SOURCE --help
    """
    from data_prep.command import app as sources

    sources(words or [], prog_name="ppi-ratio prepare")


@verbs.command(rich_help_panel=PANEL)
def embed(
    fasta: Annotated[
        Path,
        typer.Argument(
            help="Protein sequences: FASTA, plain or gzip; or a table of pairs that holds "
            "sequences instead of ids.",
            callback=existing,
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="HDF5 file. If it exists, only missing proteins are added.")
    ],
    encoder: Annotated[
        str,
        typer.Option(
            help="Name of a fair-esm model, or path of a fair-esm checkpoint (.pt). esm2_bundled "
            "is small and comes with the package. conjoint_triad and hydropathy_charge are "
            "computed from the sequence."
        ),
    ] = "esm2_t30_150M_UR50D",
    layer: Annotated[
        int | None, typer.Option(help="Layer that gives the vectors; the last one if not given.")
    ] = None,
    pooling: Annotated[
        Pooling,
        typer.Option(
            metavar="NAME",
            help="mean: average over residues. mean_sd: average and standard deviation. "
            "mean_sd_segments: average, standard deviation and the averages of 16 segments, which "
            "the critic attentive needs.",
        ),
    ] = Pooling.mean,
    precision: Annotated[
        Precision, typer.Option(help="Number format of the encoder; bf16 is for GPUs.")
    ] = Precision.fp32,
    device: Annotated[Device, typer.Option(help="Where the encoder runs.")] = Device.auto,
    limit: Annotated[
        int,
        typer.Option(help="Cut longer proteins into overlapping windows of this many residues."),
    ] = 1022,
    batch_tokens: Annotated[
        int,
        typer.Option(
            help="Residues per batch, padding included. If memory runs out, it is halved."
        ),
    ] = 8192,
    dtype: Annotated[StoredAs, typer.Option(help="Number format in the file.")] = StoredAs.float16,
    skip_bad: SkipBad = False,
    columns: Columns = None,
    shard: ShardOf = None,
) -> None:
    """Turn each protein sequence into one vector.

    Interrupt the command and run it again: it resumes.

    Example: ppi-ratio embed proteins.fasta --out vectors.h5

    Writes: one HDF5 file with ids, vectors and a record of how the vectors were made.
    """
    from ppi_ratio.embeddings import EmbedOptions
    from ppi_ratio.embeddings.embedding import read_noted
    from ppi_ratio.pairs import read_pair_sequences
    from ppi_ratio.runs.embedding import embed_file

    options = EmbedOptions(
        layer=layer,
        pooling=pooling.value,
        precision=precision.value,
        device=device.value,
        limit=limit,
        batch_tokens=batch_tokens,
        dtype=dtype.value,
    )
    share = this_shard(shard)
    proteins = read_pair_sequences(fasta, columns=columns)
    proteins = proteins or (read_noted(fasta, skip_bad=True) if skip_bad else fasta)
    vectors = embed_file(proteins, out, encoder=encoder, options=options, shard=share)
    typer.echo(f"{share.path(out)}: {len(vectors):,} proteins, {vectors.provenance.describe()}")


@verbs.command(rich_help_panel=PANEL)
def concatenate(
    vectors: Annotated[
        list[Path],
        typer.Argument(help="Two or more files of protein vectors.", callback=existing_vectors),
    ],
    out: Annotated[Path, typer.Option(help="HDF5 file to write.")],
    encoder: EncoderOf = None,
    dtype: Annotated[StoredAs, typer.Option(help="Number format in the file.")] = StoredAs.float16,
) -> None:
    """Join the vectors of several encoders into one longer vector per protein.

    Example: ppi-ratio concatenate esm.h5 triads.h5 --out both.h5

    Writes: one HDF5 file with the proteins that all input files have.
    """
    from ppi_ratio.embeddings.concatenating import concatenate as put_side_by_side
    from ppi_ratio.embeddings.concatenating import read_stated

    check_not_overwritten(out, *vectors)
    side_by_side = put_side_by_side([read_stated(path, encoder) for path in vectors])
    side_by_side.write(out, dtype.value)
    typer.echo(f"{out}: {len(side_by_side):,} proteins, {side_by_side.provenance.describe()}")


@verbs.command(rich_help_panel=PANEL)
def audit(
    pairs: Annotated[
        Path,
        typer.Argument(
            help="Table of pairs to check. If the pairs have labels 1 and 0, more is checked.",
            callback=existing,
        ),
    ],
    directed: Annotated[
        bool,
        typer.Option(
            "--directed/--undirected",
            help="Are (a, b) and (b, a) different pairs, or one pair?",
        ),
    ] = False,
    fasta: Annotated[
        Path | None,
        typer.Option(
            help="Sequences of the proteins, to find missing sequences and related proteins.",
            callback=existing,
        ),
    ] = None,
    skip_bad: SkipBad = False,
    train: Annotated[
        Path | None,
        typer.Option(
            help="Training pairs, to find what PAIRS share with training.", callback=existing
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            help="Scores of PAIRS by a model (two ids and a score per row), to judge the model.",
            callback=existing,
        ),
    ] = None,
    score_column: Annotated[
        str | None,
        typer.Option(help="Column of SCORES with the score: its name or its number from 1."),
    ] = None,
    lower_is_better: Annotated[
        bool,
        typer.Option(
            "--lower-is-better",
            help="Interactions have low scores, as with a distance or an energy.",
        ),
    ] = False,
    match_ids: MatchIds = None,
    columns: Columns = None,
    min_score: MinScore = None,
    seed: Annotated[int, seed_of("the cross-validation folds")] = 0,
    out: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Check a table of pairs for faults, leakage and shortcuts, before you trust results on it.

    Example: ppi-ratio audit test.tsv --train train.tsv --fasta proteins.fasta

    Writes: a report on the terminal; with --out also a .json file.
    """
    typer.echo(f"reading {pairs}", err=True)  # before the imports, which take seconds
    from ppi_ratio.auditing import check_audit_name
    from ppi_ratio.cli.auditing import audit_files
    from ppi_ratio.report.console import print_audit

    if out is not None:
        check_audit_name(out)
    found = audit_files(
        pairs,
        directed=directed,
        columns=columns,
        min_score=min_score,
        fasta=fasta,
        skip_bad=skip_bad,
        train=train,
        scores=scores,
        score_column=score_column,
        lower_is_better=lower_is_better,
        match_ids=kinds_of_difference(match_ids),
        seed=seed,
    )
    if out is not None:
        found.write(out)
    checks = found.frame
    checks["explanation"] = checks["explanation"].map(with_flags)
    print_audit(checks, with_flags(found.verdict), title=found.title)


@verbs.command(rich_help_panel=PANEL)
def split(
    pairs: Annotated[
        Path,
        typer.Argument(
            help="Interactions: two ids per row, TSV, CSV or Parquet.", callback=existing
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    seed: Annotated[int, seed_of("the random division")],
    directed: Directed = NOT_GIVEN,
    by: Annotated[
        SplitBy,
        typer.Option(
            metavar="WHAT",
            help="What is held out for the test: pair, protein, cluster (of related proteins) or "
            "species.",
        ),
    ] = SplitBy.protein,
    test_fraction: Annotated[
        float | None,
        typer.Option(help="Share held out for the test; 0.2 if not given. Not for --by species."),
    ] = None,
    validation_fraction: Annotated[
        float, typer.Option(help="Share held out for validation.")
    ] = 0.1,
    disjoint: Annotated[
        bool,
        typer.Option(
            "--disjoint",
            help="For --by protein: no protein is in two parts. Pairs across parts are dropped.",
        ),
    ] = False,
    fasta: Annotated[
        Path | None,
        typer.Option(
            help="Sequences. --by cluster needs them. Other splits use them to report related "
            "proteins across parts.",
            callback=existing,
        ),
    ] = None,
    min_identity: Annotated[
        float,
        typer.Option(help="Sequences with this share of identical residues or more are related."),
    ] = 0.4,
    method: Annotated[
        ClusterMethod,
        typer.Option(
            metavar="TOOL",
            help="What compares sequences: mmseqs2, words (slower, no installation) or auto "
            "(mmseqs2 if it is installed).",
        ),
    ] = ClusterMethod.auto,
    test_species: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SPECIES",
            help="For --by species: a species to test on. Repeat the option for more species.",
        ),
    ] = None,
    species: Annotated[
        Path | None,
        typer.Option(
            help="For --by species: TSV of id and species. If not given, the species is the first "
            "part of the id, as in 4932.YAL001C.",
            callback=existing,
        ),
    ] = None,
    columns: Columns = None,
    min_score: MinScore = None,
) -> None:
    """Divide interactions into train, validation and test parts, and report leakage.

    Example: ppi-ratio split pairs.tsv --undirected --seed 0 --out parts

    Writes: a folder with train.tsv, validation.tsv, test.tsv and split.json.
    """
    from ppi_ratio.cli.splitting import split_settings, split_table

    settings = split_settings(
        by.value,
        pairs=pairs,
        directed=directed,
        seed=seed,
        test_fraction=test_fraction,
        validation_fraction=validation_fraction,
        disjoint=disjoint,
        fasta=fasta,
        min_identity=min_identity,
        method=method.value,
        test_species=test_species,
        species=species,
        columns=columns,
        min_score=min_score,
    )
    split_table(settings, out, fasta=fasta, min_identity=min_identity, method=method.value)


@verbs.command("non-pairs", rich_help_panel=PANEL)
def non_pairs(
    pairs: Annotated[
        Path,
        typer.Argument(
            help="Interactions; of a labelled table the rows with label 1.", callback=existing
        ),
    ],
    out: Annotated[Path, typer.Option(help="Table to write: .tsv, .csv, .parquet or .json.")],
    law: Annotated[
        Law,
        typer.Option(
            metavar="LAW",
            help="How proteins are drawn: uniform, role_matched, degree_weighted, degree_matched "
            "or rewired. Report the law beside every result.",
        ),
    ],
    seed: Annotated[int, seed_of("the draw")],
    directed: Directed = NOT_GIVEN,
    per_joint: Annotated[int, typer.Option(help="Non-pairs per interaction.", min=1)] = 1,
    known: Known = None,
    columns: Columns = None,
    min_score: MinScore = None,
) -> None:
    """Draw random non-pairs for a table of interactions.

    Example:
    ppi-ratio non-pairs test.tsv --law uniform --undirected --seed 0 --out all.tsv

    Writes: one table with the interactions (label 1) and the non-pairs (label 0).
    """
    from ppi_ratio.io.tables import check_table_name, write_table
    from ppi_ratio.pairs import draw_non_pairs, labelled_table, read_pairs

    check_table_name(out)
    check_not_overwritten(out, pairs, known)
    table = read_pairs(pairs, directed=directed, min_score=min_score, columns=columns)
    joint = table.joint
    others = None if known is None else read_pairs(known, directed=directed, columns=columns)
    drawn = draw_non_pairs(joint, law=law.value, per_joint=per_joint, known=others, seed=seed)
    write_table(labelled_table(joint, drawn).frame, out)
    typer.echo(f"{out}: {len(joint):,} interactions, {len(drawn):,} {law.value} non-pairs")
