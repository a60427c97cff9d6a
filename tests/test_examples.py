"""Every public name has an example in its documentation, and every example runs as it says."""

import ast
import doctest
import inspect
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

import ppi_ratio as pr

MODULE_OF: dict[str, str] = vars(pr)["_MODULE_OF"]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def documentation(name: str) -> list[str]:
    """The docstring of a public name; of a class, also the docstrings of its public methods."""
    value = getattr(pr, name)
    if inspect.isclass(value):
        methods = [member for member in vars(value) if not member.startswith("_")]
        return [
            inspect.getdoc(each) or "" for each in (value, *(getattr(value, m) for m in methods))
        ]
    if inspect.isroutine(value):
        return [inspect.getdoc(value) or ""]
    return [attribute_docstring(name)]


def attribute_docstring(name: str) -> str:
    """The string below an assignment, which is where documentation tools look for it."""
    body = ast.parse(inspect.getsource(import_module(MODULE_OF[name]))).body
    for statement, below in pairwise(body):
        assigned = isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == name
        if assigned and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            return inspect.cleandoc(str(below.value.value))
    return ""


@pytest.mark.parametrize("name", MODULE_OF)
def test_the_examples_of_a_public_name_run_as_they_say(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # examples may write files
    parser, said = doctest.DocTestParser(), []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    for text in documentation(name):
        runner.run(parser.get_doctest(text, {}, name, None, 0), out=said.append)
    assert runner.tries, f"the documentation of {name} has no example"
    assert not runner.failures, "".join(said)
