"""Errors of users and bugs of the program: the message and the exit code of each."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from command_line import Run

from ppi_ratio import errors
from ppi_ratio.cli.app import app
from ppi_ratio.errors import (
    ConfigError,
    InputError,
    InUseError,
    OutputError,
    ProvenanceError,
    UserError,
)

BROKEN = "break-down"  # a verb that only these tests have


@pytest.fixture
def broken(run: Run) -> Iterator[Callable[[BaseException], tuple[int, str]]]:
    """A function: an error that a verb raises -> exit code and standard error."""
    before = list(app.registered_commands)

    def answer(error: BaseException) -> tuple[int, str]:
        app.registered_commands = list(before)

        @app.command(BROKEN)
        def break_down() -> None:
            raise error

        outcome = run(BROKEN)
        assert outcome.out == ""
        return outcome.code, outcome.err

    yield answer
    app.registered_commands = before


@pytest.mark.parametrize(
    "error",
    [
        ValueError("operands could not be broadcast"),
        KeyError("degree"),
        TypeError("'NoneType' object is not iterable"),
        IndexError("list index out of range"),
        RuntimeError("mat1 and mat2 shapes cannot be multiplied\nand more"),
        AssertionError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_no_user_can_mend_is_called_a_bug(
    error: Exception, broken: Callable[[BaseException], tuple[int, str]]
) -> None:
    code, said = broken(error)
    assert code == 70
    first, second = said.splitlines()
    assert first.startswith(f"ppi-ratio: this is a bug: {type(error).__name__}: ")
    assert str(error).partition("\n")[0] in first
    assert "PPI_RATIO_TRACEBACK=1" in second
    assert "report" in second


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("prior: 2 is no share"), 2),
        (InputError("pairs.tsv: line 3 has one id"), 1),
        (ProvenanceError("vectors.h5: of another encoder"), 1),
        (InUseError("run: process 7 is writing it"), 1),
        (OutputError("run: the disk is full"), 1),
        (FileNotFoundError("pairs.tsv: no such file"), 1),
        (PermissionError(13, "Permission denied", "pairs.tsv"), 1),
        (IsADirectoryError(21, "Is a directory", "pairs.tsv"), 1),
        (FloatingPointError("the loss is no number"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_that_a_user_can_mend_is_one_line(
    error: Exception, code: int, broken: Callable[[BaseException], tuple[int, str]]
) -> None:
    assert broken(error) == (code, f"ppi-ratio: {error}\n")


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")]
)
def test_too_little_memory_is_not_called_a_bug(
    error: Exception, broken: Callable[[BaseException], tuple[int, str]]
) -> None:
    code, said = broken(error)
    assert code == 1
    assert said.startswith("ppi-ratio: out of memory (")
    assert "--batch-tokens" in said


@pytest.mark.parametrize("error", [ValueError("wrong"), InputError("wrong")])
def test_a_variable_shows_where_an_error_comes_from(
    error: Exception,
    broken: Callable[[BaseException], tuple[int, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PPI_RATIO_TRACEBACK", "1")
    with pytest.raises(type(error), match="wrong"):
        broken(error)


def test_an_argument_that_a_library_message_names_is_given_as_a_flag(
    broken: Callable[[BaseException], tuple[int, str]],
) -> None:
    assert "(--min-score)" in broken(InputError("say from which on (`min_score`)"))[1]


def test_every_error_of_the_package_is_a_users_error_and_a_builtin_error() -> None:
    defined = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and value.__module__ == errors.__name__
    ]
    assert UserError in defined
    for error in defined:
        assert issubclass(error, UserError)
    for error in (ConfigError, InputError, ProvenanceError, InUseError):
        assert issubclass(error, ValueError)
    assert issubclass(OutputError, OSError)


def test_a_stopped_command_says_which_verbs_resume(
    broken: Callable[[BaseException], tuple[int, str]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    code, said = broken(KeyboardInterrupt())
    assert code == 130
    assert "embed, train, compare and screen resume" in said


SLOW = ("torch", "lightning", "pandas", "scipy", "matplotlib", "plotly", "numba")
GIVE = "--out out.tsv --embeddings"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("embed none.fasta --out out.h5", "none.fasta: no such file"),
        ("concatenate none.h5 other.h5 --out out.h5", "none.h5: no such file; make it with"),
        ("audit none.tsv", "none.tsv: no such file"),
        ("audit here.tsv --train none.tsv", "none.tsv: no such file"),
        ("split none.tsv --undirected --seed 0 --out out", "none.tsv: no such file"),
        ("split here.tsv --seed 0 --out out", "give --directed or --undirected"),
        ("non-pairs none.tsv --undirected --seed 0 --law rewired --out o.tsv", "none.tsv: no such"),
        ("train none.yaml --out out", "none.yaml: no such configuration file"),
        ("train here.yaml --out out", "none.h5: no such file; make it with"),
        ("train here.yaml --set embeddings=here.tsv --out out", "none.tsv: no such file"),
        ("train here.yaml --set seed --out out", "override 'seed': expected key.path=value"),
        ("compare none.yaml --out out", "none.yaml: no such configuration file"),
        ("compare here.yaml --out out", "none.h5: no such file; make it with"),
        (f"score none here.tsv {GIVE} here.tsv", "none: no model there (model.json is missing)"),
        (f"score model none.tsv {GIVE} here.tsv", "none.tsv: no such file"),
        (f"score model here.tsv {GIVE} none.h5", "none.h5: no such file; make it with"),
        ("score model here.tsv --fasta none.fasta --out out.tsv", "none.fasta: no such file"),
        ("score model here.tsv --out out.tsv", "give one of --embeddings or --fasta"),
        (f"screen none {GIVE} here.tsv", "none: no model there"),
        ("screen model --embeddings here.tsv --left none.txt --out o.tsv", "none.txt: no such"),
        ("evaluate none here.tsv --embeddings here.tsv", "none: no model there"),
        ("evaluate model here.tsv --embeddings here.tsv --known none.tsv", "none.tsv: no such"),
        ("evaluate model here.tsv --embeddings here.tsv --validation here.tsv", "give --train too"),
        ("mi none here.tsv --embeddings here.tsv", "none: no model there"),
        ("report none", "comparison.json: no such file"),
        ("merge none.tsv", "none.tsv: no shards beside it"),
    ],
)
def test_a_mistyped_path_is_answered_before_anything_slow_is_imported(
    command: str, said: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("here")
    (folder / "here.tsv").write_text("A\tB\n")
    (folder / "here.yaml").write_text("embeddings: none.h5\nsplit: {name: pair, pairs: none.tsv}\n")
    (folder / "model").mkdir()
    (folder / "model" / "model.json").write_text("{}")
    before = sorted(folder.rglob("*"))
    answer = subprocess.run(
        [sys.executable, "-c", PROBE, *command.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode in (1, 2), answer.stderr
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    imported = answer.stdout.split()
    assert [name for name in SLOW if name in imported] == []
    assert sorted(folder.rglob("*")) == before


PROBE = """
import sys
from ppi_ratio.cli.app import main
try:
    main()
finally:
    print(*sys.modules)
"""
