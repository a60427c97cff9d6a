"""``ppi-ratio prepare``: one command per source, whose options are the settings of its class."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from data_prep.preparing import Request, prepare
from data_prep.products import (
    PairProduct,
    Product,
    SequenceProduct,
    SplitProduct,
    VectorProduct,
)
from data_prep.source import Source
from data_prep.sources import SOURCES


class _Sources(TyperGroup):
    """Refuses an unknown source with a list of the known ones."""

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 -- a type of click, which typer contains
        args: list[str],
    ) -> tuple[str | None, Any, list[str]]:
        if args[0] not in self.commands:
            known = "; ".join(f"{name} ({each.origin.title})" for name, each in SOURCES.items())
            raise typer.BadParameter(f"no source {args[0]!r}; there are {known}")
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="prepare",
    cls=_Sources,
    help="""Turn data of a public source into tables, sequences or vectors to learn from.

    Example: ppi-ratio prepare biogrid --organism 9606 --out biogrid.tsv

    Writes: the file or folder --out, and beside it NAME.provenance.json with origin and counts.
    """,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

WRITTEN: dict[type[Product], str] = {
    PairProduct: "one table of pairs: .tsv, .csv or .parquet",
    SplitProduct: "a folder with train.tsv, validation.tsv and test.tsv",
    SequenceProduct: "one FASTA file",
    VectorProduct: "one HDF5 file of vectors",
}
EXAMPLES = {
    "string": "--organism 9606 --min-score 700 --out string.tsv",
    "biogrid": "--organism 9606 --out biogrid.tsv",
    "mitab": "--organism 9606 --out intact.tsv",
    "hippie": "--min-score 0.72 --out hippie.tsv",
    "omnipath": "--dataset ligand_receptor --out ligands.tsv",
    "dscript": "--table yeast_test --out yeast.tsv",
    "uniprot": "--proteome UP000005640 --out human.fasta",
    "gold_standard": "--out gold",
    "per_protein": "--proteome UP000005640_9606 --out prott5.h5",
}
COMMON = {
    "out": (
        Annotated[Path, typer.Option(help="File or folder to write.")],
        inspect.Parameter.empty,
    ),
    "input": (
        Annotated[
            Path | None,
            typer.Option(help="Your own copy of the source's file; downloaded if not given."),
        ],
        None,
    ),
    "sha256": (
        Annotated[
            str | None,
            typer.Option(metavar="HEX", help="SHA-256 that the source's file must have."),
        ],
        None,
    ),
    "downloads": (
        Annotated[
            Path | None,
            typer.Option(help="Folder for downloads; 'downloads' beside --out if not given."),
        ],
        None,
    ),
}


def _describe(source: type[Source]) -> str:
    return f"{source.origin.title}: {source.__doc__}"


def _command(name: str, source: type[Source]) -> Callable[..., None]:
    """A function for Typer, with the common options and those of ``source`` as its parameters."""

    def run(**options: Any) -> None:  # noqa: ANN401 -- the types stand in the signature
        request = Request(**{option: options.pop(option) for option in COMMON})
        typer.echo(prepare(name, source(**options), request))

    common = [
        inspect.Parameter(
            option, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
        )
        for option, (annotation, default) in COMMON.items()
    ]
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(source).parameters.values()
    ]
    run.__signature__ = inspect.Signature(common + own)
    run.__annotations__ = {}
    run.__doc__ = (
        f"{_describe(source)}\n\n"
        f"Example: ppi-ratio prepare {name} {EXAMPLES[name]}\n\n"
        f"Writes: {WRITTEN[source.product]}."
    )
    return run


for _name, _source in SOURCES.items():
    # Without its own short help, a source is cut off in the list of sources.
    app.command(_name, short_help=_describe(_source))(_command(_name, _source))
