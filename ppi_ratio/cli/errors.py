"""An error that ends a verb -> one message on standard error, and an exit code."""

import os
import sys
from typing import NoReturn

import typer

from ppi_ratio.errors import ConfigError, UserError, first_line, is_out_of_memory

DATA_ERROR, USAGE_ERROR, STOPPED = 1, 2, 130
BUG = 70  # EX_SOFTWARE of sysexits.h: an internal software error
TRACEBACK = "PPI_RATIO_TRACEBACK"  # environment variable; set it to see tracebacks

SMALLER = (
    "use smaller batches (embed --batch-tokens, train --set trainer.batch_size=...), fewer "
    "processes (compare --workers) or shards (embed and screen --shard)"
)
FLAGS = {  # Python arguments that library messages name -> the flags of these arguments
    "`min_score`": "--min-score",
    "`column`": "--score-column",
    "`match_ids`": "--match-ids",
    "`lower_is_better`": "--lower-is-better",
    "`columns`": "--columns",
    "`skip_bad`": "--skip-bad",
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
    """Print one message and exit: how to mend a user's error, or that the error is a bug."""
    if os.environ.get(TRACEBACK):
        raise error
    if is_out_of_memory(error):
        _end(f"out of memory ({error}); {SMALLER}", DATA_ERROR)
    if isinstance(error, ConfigError):
        _end(with_flags(str(error)), USAGE_ERROR)
    # OSError: a missing file or permission. FloatingPointError: training with a non-finite loss.
    if isinstance(error, UserError | OSError | FloatingPointError):
        _end(with_flags(str(error)), DATA_ERROR)
    _end(
        f"this is a bug: {type(error).__name__}: {first_line(error)}\n"
        f"Please report it with what the same command prints after 'export {TRACEBACK}=1'.",
        BUG,
    )


def visible(text: str) -> str:
    """Escape control characters, so that ids and file names in a text cannot control a terminal."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else repr(letter)[1:-1]
        for letter in text
    )


def _end(message: str, code: int) -> NoReturn:
    typer.echo(f"ppi-ratio: {visible(message)}", err=True)
    sys.exit(code)


def with_flags(message: str) -> str:
    """A message of the library, with flags instead of the names of Python arguments."""
    for name, flag in FLAGS.items():
        message = message.replace(name, flag)
    return message
