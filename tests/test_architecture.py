"""Data flows one way: a module imports only from its own stage or from earlier ones."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ppi_ratio"
STAGES = (
    ("errors",),
    ("io", "runtime"),
    ("sequences", "examples"),
    ("embeddings",),
    ("pairs",),
    ("objectives",),
    ("critics",),
    ("training",),
    ("search",),
    ("model",),
    ("synthetic",),
    ("evaluation",),
    ("auditing",),
    ("information",),
    ("settings",),
    ("comparison",),
    ("report",),
    ("cli",),
)
ORDER = {module: number for number, stage in enumerate(STAGES) for module in stage}
OF_BOTH_FAMILIES = {"ppi_ratio.objectives.link"}  # all that critics know of objectives


def stage_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_modules(path: Path) -> set[str]:
    """Modules of the package that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name for name in names if name.startswith("ppi_ratio.")}
    return found


def imported(path: Path) -> set[str]:
    """Rooms of the package that a file imports from."""
    return {name.split(".")[1] for name in imported_modules(path)}


MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_data(path: Path) -> None:
    own = stage_of(path)
    for other in imported(path):
        assert ORDER[other] <= ORDER[own], f"{own} imports {other}, which comes later"


def test_critics_know_nothing_of_objectives_but_the_link() -> None:
    for path in (PACKAGE / "critics").glob("*.py"):
        known = {name for name in imported_modules(path) if ".objectives" in name}
        assert known <= OF_BOTH_FAMILIES


def test_every_module_has_a_stage() -> None:
    assert {stage_of(path) for path in MODULES} == set(ORDER)


def test_only_the_command_line_imports_data_prep() -> None:
    users = [
        path
        for path in MODULES
        if any(
            isinstance(node, ast.ImportFrom) and (node.module or "").startswith("data_prep")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert all(stage_of(path) == "cli" for path in users)
