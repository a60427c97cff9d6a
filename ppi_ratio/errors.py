"""The errors that a user can cause and correct.

The command line prints each ``UserError`` as one message and sets an exit code. It does the same
for errors of files and memory, and for losses that are not finite. Any other error is a bug.
"""


class UserError(Exception):
    """The base of all errors whose message tells a user what is wrong and what to do.

    The command line prints the message and no traceback.

    Examples:
        >>> import ppi_ratio as pr
        >>> try:
        ...     pr.read_fasta("nosuch.fasta")
        ... except (pr.UserError, FileNotFoundError) as error:
        ...     print(error)
        nosuch.fasta: ...
    """


class ConfigError(UserError, ValueError):
    """The command line, the YAML or an argument is wrong: exit code 2.

    Examples:
        >>> import ppi_ratio as pr
        >>> pr.EmbedOptions(limit=0)
        Traceback (most recent call last):
        ppi_ratio.errors.ConfigError: limit must be at least 1, got 0
    """


class InputError(UserError, ValueError):
    """The content of an input is wrong: exit code 1.

    Examples:
        >>> import ppi_ratio as pr
        >>> pr.Embeddings.from_arrays(["P1", "P1"], [[1.0], [2.0]])
        Traceback (most recent call last):
        ppi_ratio.errors.InputError: the vectors: the id P1 stands twice; one id, one vector
    """


class ProvenanceError(UserError, ValueError):
    """An input was made by another encoder, model or job than its use needs: exit code 1.

    Examples:
        >>> import ppi_ratio as pr
        >>> _, vectors = pr.toy_data()
        >>> vectors.write("toy.h5")
        >>> pr.embed_file(pr.Proteins({"P000": "MKV"}), "toy.h5", encoder="hydropathy_charge")
        Traceback (most recent call last):
        ppi_ratio.errors.ProvenanceError: toy.h5: has no sequence hashes, ...
    """


class InUseError(UserError, ValueError):
    """Another process is writing the same output: exit code 1.

    Examples:
        >>> import ppi_ratio as pr
        >>> from filelock import FileLock
        >>> _, vectors = pr.toy_data()
        >>> with FileLock(".vectors.h5.lock"):  # as another process would hold it
        ...     vectors.write("vectors.h5")
        Traceback (most recent call last):
        ppi_ratio.errors.InUseError: ...vectors.h5: another process is writing it; ...
    """


class OutputError(UserError, OSError):
    """The output cannot be written, because of the disk or its permissions: exit code 1.

    Examples:
        >>> import ppi_ratio as pr
        >>> _, vectors = pr.toy_data()
        >>> try:
        ...     vectors.write("/proc/vectors.h5")  # a folder that takes no files
        ... except pr.OutputError as error:
        ...     print(error)
        /proc/vectors.h5: cannot be written (...)
    """


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation of memory failed in Python, NumPy or PyTorch, on any device."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(
        words in str(error).lower() for words in ("out of memory", "can't allocate memory")
    )


def first_line(error: BaseException) -> str:
    """The first line of an error's message; libraries add details in further lines."""
    return str(error).strip().partition("\n")[0]
