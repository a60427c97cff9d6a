"""The errors a user can cause; the command line turns each into one line and an exit code."""


class ConfigError(ValueError):
    """The command line or the YAML is wrong: exit code 2."""


class InputError(ValueError):
    """The content of an input file is wrong: exit code 1."""


class ProvenanceError(ValueError):
    """An input was made by something else than it claims, or than its user needs: exit code 1."""


class InUseError(ValueError):
    """Another process is writing what was to be written: exit code 1."""


class OutputError(OSError):
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
