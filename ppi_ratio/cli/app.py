"""The command line ``ppi-ratio``: every verb, and errors as one message and an exit code.

Exit codes:

- 0: done
- 1: the data or the model is wrong, or memory or disk space is too small
- 2: the command line or the configuration is wrong
- 70: a bug in this program
- 130: stopped by the user (the code that Typer uses)

Progress and warnings go to standard error.
"""

import logging
from typing import Annotated

import typer

from ppi_ratio import __version__
from ppi_ratio.cli import data, judge, model, scale, start
from ppi_ratio.cli.errors import STOPPED, end, with_flags
from ppi_ratio.runtime.interrupts import ctrl_c_always_stops

app = typer.Typer(
    name="ppi-ratio",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for group in (start, data, model, judge, scale):
    app.add_typer(group.verbs)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ppi-ratio {__version__}")
        raise typer.Exit


class _InFlags(logging.Formatter):
    """Writes log messages with flags instead of the names of Python arguments."""

    def format(self, record: logging.LogRecord) -> str:
        return with_flags(super().format(record))


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Learn from known protein interactions, and score any pair of proteins.

    The score of a pair is a log density ratio in nats: 0 is chance, higher is more likely.

    To begin: ppi-ratio demo

    Usual steps: prepare, embed, split, train, evaluate, then score or screen
    """


def main() -> None:
    """Run the command line; the entry point of ``ppi-ratio``."""
    handler = logging.StreamHandler()
    handler.setFormatter(_InFlags("%(levelname)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("ppi_ratio.pairs.reading").setLevel(logging.INFO)  # how a table was read
    try:
        with ctrl_c_always_stops():
            app(standalone_mode=True)
    except SystemExit as stop:
        if stop.code == STOPPED:
            advice = "embed, train, compare and screen resume when they are run again"
            typer.echo(f"ppi-ratio: stopped; {advice}", err=True)
        raise
    # ``end`` prints one message for every error, and says so if the error is a bug.
    except Exception as error:
        end(error)
