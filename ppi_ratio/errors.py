"""The errors that a user can cause and mend.

The command line turns each ``UserError`` into one message and an exit code. It takes any other
error, but those of files and memory, for a fault of the program.
"""


class UserError(Exception):
    """The base of all errors whose message tells a user what is wrong and what to do."""


class ConfigError(UserError, ValueError):
    """The command line, the YAML or an argument is wrong: exit code 2."""


class InputError(UserError, ValueError):
    """The content of an input is wrong: exit code 1."""


class ProvenanceError(UserError, ValueError):
    """An input was made by something else than it claims, or than its user needs: exit code 1."""


class InUseError(UserError, ValueError):
    """Another process is writing what was to be written: exit code 1."""


class OutputError(UserError, OSError):
    """What was to be written cannot be, because of the disk or its permissions: exit code 1."""


def is_out_of_memory(error: BaseException) -> bool:
    """Did an allocation fail, in Python, NumPy or PyTorch, on any device?"""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(
        words in str(error).lower() for words in ("out of memory", "can't allocate memory")
    )


def first_line(error: BaseException) -> str:
    """What an error says, without what libraries add below."""
    return str(error).strip().partition("\n")[0]
