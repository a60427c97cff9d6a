"""Data flows one way, and in three layers: science, durability, composition."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ppi_ratio"
SCIENCE = (
    ("errors",),
    ("io", "runtime"),
    ("sequences",),
    ("embeddings",),
    ("pairs",),
    ("examples",),
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
)
DURABILITY, COMPOSITION = (("jobs",),), (("runs",), ("cli",))
STAGES = (*SCIENCE, *DURABILITY, *COMPOSITION)
ORDER = {module: number for number, stage in enumerate(STAGES) for module in stage}
ROOMS_OF_SCIENCE = {module for stage in SCIENCE for module in stage}
# the modules of science that write a file, each by one rename
WRITERS = {
    "auditing.results",
    "embeddings.checkpoints",
    "embeddings.writing",
    "model.store",
    "pairs.split_files",
    "report.figures",
    "report.page",
}
# of what machine and launcher say, one module each reads the environment
READ_THE_ENVIRONMENT = {"runtime.sharding", "runtime.kernels.switch", "cli.errors"}
OF_BOTH_FAMILIES = {"ppi_ratio.objectives.link"}  # all that critics know of objectives


def stage_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported_modules(path: Path) -> set[str]:
    """Modules of the package that a file imports, anywhere in it, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            # of ``from package import module`` the module, of other names where they stand
            found |= {name if name in PATHS else node.module for name in full}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("ppi_ratio.")}


def executed_modules(name: str) -> set[str]:
    """Modules that Python runs before ``name``: its imports, and the ``__init__`` above each.

    Those above ``name`` itself do not count: Python has begun them already.
    """
    found = imported_modules(PATHS[name])
    for other in list(found):
        above = other.split(".")[:-1]
        packages = {".".join(above[:depth]) for depth in range(2, len(above) + 1)}
        found |= {package for package in packages if not name.startswith(f"{package}.")}
    return found - {name}


def imported(path: Path) -> set[str]:
    """Rooms of the package that a file imports from."""
    return {name.split(".")[1] for name in imported_modules(path)}


MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_data(path: Path) -> None:
    own = stage_of(path)
    for other in imported(path):
        assert ORDER[other] <= ORDER[own], f"{own} imports {other}, which comes later"


def test_the_package_holds_rooms_and_nothing_else() -> None:
    files = {path.name for path in PACKAGE.iterdir() if path.is_file()}
    assert files == {"__init__.py", "errors.py", "py.typed"}


def test_a_reader_of_science_meets_no_job_and_no_lock() -> None:
    for name, path in PATHS.items():
        own = name.removeprefix("ppi_ratio.")
        room = own.split(".")[0]
        if room not in ROOMS_OF_SCIENCE or room == "io":
            continue
        known = imported_modules(path)
        assert not {other for other in known if other.split(".")[1] in ("jobs", "runs", "cli")}
        assert "ppi_ratio.io.lock" not in known, own
        writes = "ppi_ratio.io.atomic" in known
        assert writes == (own in WRITERS), own


def test_a_reader_of_jobs_needs_no_protein() -> None:
    for path in (PACKAGE / "jobs").glob("*.py"):
        assert imported(path) <= {"errors", "io", "jobs"}


def test_the_environment_is_read_where_it_is_said() -> None:
    readers = {
        name.removeprefix("ppi_ratio.")
        for name, path in PATHS.items()
        if "os.environ" in path.read_text(encoding="utf-8")
    }
    assert readers == READ_THE_ENVIRONMENT


def test_no_module_has_two_subjects() -> None:
    """Past 400 lines a module has two."""
    for path in MODULES:
        n_lines = len(path.read_text(encoding="utf-8").splitlines())
        assert n_lines <= 400, f"{path.relative_to(PACKAGE)}: {n_lines} lines"


def test_critics_know_nothing_of_objectives_but_the_link() -> None:
    for path in (PACKAGE / "critics").glob("*.py"):
        known = {name for name in imported_modules(path) if ".objectives" in name}
        assert known <= OF_BOTH_FAMILIES


def test_no_module_imports_itself_through_others() -> None:
    graph = {name: executed_modules(name) for name in PATHS if name != "ppi_ratio"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"an import cycle: {' -> '.join(reversed(error.args[1]))}")


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
