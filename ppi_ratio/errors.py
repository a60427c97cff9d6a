"""The errors a user can cause; the command line turns each into one line and an exit code."""


class ConfigError(ValueError):
    """The command line or the YAML is wrong: exit code 2."""


class InputError(ValueError):
    """The content of an input file is wrong: exit code 1."""


class StageError(ValueError):
    """An input was made by something else than it claims, or than its user needs: exit code 1."""
