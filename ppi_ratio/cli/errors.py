"""An error that ends a verb -> one message on standard error, and an exit code."""

import os
import sys
from typing import NoReturn

import typer

from ppi_ratio.errors import ConfigError, UserError, first_line, is_out_of_memory

DATA_ERROR, USAGE_ERROR, STOPPED = 1, 2, 130
BUG = 70  # as sysexits.h has it: an internal software error
TRACEBACK = "PPI_RATIO_TRACEBACK"  # set it to see where an error comes from

SMALLER = (
    "take smaller batches (embed --batch-tokens, train --set trainer.batch_size=...), fewer "
    "processes (compare --workers) or shares of the work (embed and screen --shard)"
)
FLAGS = {  # arguments of Python that library messages name, and that have a flag here
    "`min_score`": "--min-score",
    "`column`": "--score-column",
    "`encoder`": "--encoder",
    # of prepare
    "`aliases`": "--aliases",
    "`dataset`": "--dataset",
    "`drop_spoke`": "--drop-spoke",
    "`fasta`": "--fasta",
    "`input`": "--input",
    "`kinds`": "--type",
    "`organism`": "--organism",
    "`out`": "--out",
    "`proteome`": "--proteome",
    "`sha256`": "--sha256",
    "`table`": "--table",
}


def end(error: Exception) -> NoReturn:
    """Say what is wrong and exit: what to mend, or that it is a bug of this program."""
    if os.environ.get(TRACEBACK):
        raise error
    if is_out_of_memory(error):
        _end(f"out of memory ({error}); {SMALLER}", DATA_ERROR)
    if isinstance(error, ConfigError):
        _end(_with_flags(str(error)), USAGE_ERROR)
    # files and their permissions, and a training whose numbers have left all bounds
    if isinstance(error, UserError | OSError | FloatingPointError):
        _end(_with_flags(str(error)), DATA_ERROR)
    _end(
        f"this is a bug: {type(error).__name__}: {first_line(error)}\n"
        f"Please report it with what the same command prints after 'export {TRACEBACK}=1'.",
        BUG,
    )


def visible(text: str) -> str:
    """A message that may hold ids and file names, without what would command the terminal."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else repr(letter)[1:-1]
        for letter in text
    )


def _end(message: str, code: int) -> NoReturn:
    typer.echo(f"ppi-ratio: {visible(message)}", err=True)
    sys.exit(code)


def _with_flags(message: str) -> str:
    for name, flag in FLAGS.items():
        message = message.replace(name, flag)
    return message
