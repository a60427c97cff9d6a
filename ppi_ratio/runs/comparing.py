"""A comparison -> its folder of runs, tidy tables and a sheet on the data."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ppi_ratio.comparison.comparing import ComparisonResult, compare_on, read_data
from ppi_ratio.comparison.fold_runs import Fold, RunResult, RunScores
from ppi_ratio.comparison.folder import CONFIG_FILE, RUNS, SHEET_FILE, TUNED
from ppi_ratio.comparison.tables import ComparisonTables
from ppi_ratio.io.atomic import remove
from ppi_ratio.io.tables import write_table
from ppi_ratio.jobs import Identity, Job
from ppi_ratio.jobs.job import JOB_FILE
from ppi_ratio.model.fitting import CheckpointsOf
from ppi_ratio.runs.training import MODEL_FOLDER, StoredCheckpoints
from ppi_ratio.settings.comparison import ADAPTER, Comparison
from ppi_ratio.training.loop import Checkpoints

SUFFIX = ".npz"
# settings that change every run, and that the name of a run does not contain
FIXED_SETTINGS = ("encoder", "split", "seed", "keep_models", "renormalise")


def run_comparison(
    comparison: Comparison,
    folder: Path | str,
    *,
    workers: int | None = None,
    progress: bool = True,
) -> ComparisonTables:
    r"""Train and evaluate the runs that ``folder`` lacks, then write the tables.

    Interrupt the call and repeat it: it resumes. Repeat it with other objectives, critics, seeds or
    baselines on the same data: it computes the missing runs and keeps the others.

    Args:
        comparison: what to run.
        folder: folder of the comparison; all comparisons on the same data may share it.
        workers: processes; one per core if not given.
        progress: show a bar on standard error.

    Raises:
        ProvenanceError: if ``folder`` holds a comparison on other data; names the key that differs.
        ConfigError: if a critic does not fit the vectors.
        InUseError: if another process works on ``folder``.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> vectors.write("toy.h5")
        >>> pairs.frame.to_csv("toy.tsv", index=False, sep="\t")
        >>> split = {"name": "pair", "pairs": "toy.tsv", "directed": False, "seed": 0}
        >>> comparison = pr.Comparison(
        ...     title="Toy data",
        ...     embeddings="toy.h5",
        ...     split=split | {"test_fraction": 0.2, "validation_fraction": 0.2},
        ...     objectives=[pr.InfoNCEAnchor(), pr.NCE()],
        ...     critics=[pr.Separable()],
        ...     trainer=pr.TrainerSettings(max_epochs=5),
        ...     baselines=["cosine"],
        ... )
        >>> tables = pr.run_comparison(comparison, "toy", workers=1, progress=False)
        >>> again = pr.run_comparison(comparison, "toy", workers=1, progress=False)
        >>> again.summary.equals(tables.summary)  # nothing was trained twice
        True
    """
    folder = Path(folder)
    vectors, folds = read_data(comparison)
    job = Job(folder, _identity(comparison, folds))
    known = job.is_finished()
    with job.open():
        store = JobStore(job)
        if known:
            store.adopt(folder)
        found = compare_on(
            comparison,
            vectors,
            folds,
            store,
            workers=workers or os.cpu_count() or 1,
            progress=progress,
        )
        with job.publishing() as result:
            if known:
                shutil.copytree(folder, result, copy_function=_link)
            else:
                result.mkdir()
            store.write_runs(result / RUNS)
            _write_tables(comparison, found, result)
    return found.tables


@dataclass(frozen=True)
class JobStore:
    """The runs of a comparison as the steps of its job."""

    job: Job

    def __contains__(self, key: object) -> bool:
        return f"{key}{SUFFIX}" in self.job

    def read(self, key: str) -> RunScores:
        return RunScores.read(self.job.read(key + SUFFIX))

    def add(self, key: str, result: RunResult) -> None:
        if result.model is not None:
            result.model.save(self.job.folder_of(key) / MODEL_FOLDER)
        with self.job.add(key + SUFFIX) as partial:
            result.scores.write(partial)
        remove(self.job.checkpoint(key))

    def checkpoints(self, key: str) -> CheckpointsOf:
        return _RunCheckpoints(self.job, key)

    def adopt(self, folder: Path) -> None:
        """Take over the runs of an earlier, finished comparison in ``folder``."""
        for path in sorted((folder / RUNS).glob(f"*{SUFFIX}")):
            key = path.stem
            if key in self:
                continue
            if (folder / RUNS / key).is_dir():
                own = self.job.folder_of(key)
                remove(own)
                shutil.copytree(folder / RUNS / key, own, copy_function=_link)
            with self.job.add(path.name) as partial:
                _link(path, partial)

    def write_runs(self, folder: Path) -> None:
        """Put every finished run into the folder to be published."""
        folder.mkdir(exist_ok=True)
        for path in self.job.steps:
            target = folder / path.name
            if path.is_dir():
                shutil.copytree(path, target, copy_function=_link, dirs_exist_ok=True)
            elif not target.exists():
                _link(path, target)


@dataclass(frozen=True)
class _RunCheckpoints:
    """Gives the checkpoints of the training or the retraining of one run.

    It can be pickled, so that a worker process can receive it.
    """

    job: Job
    key: str

    def __call__(self, name: str) -> Checkpoints:
        return StoredCheckpoints(self.job, f"{self.key}/{name}")


def _link(source: str | Path, target: str | Path) -> None:
    """Hard-link a file that is never changed in place; copy it if that is not possible."""
    if Path(target).exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _identity(comparison: Comparison, folds: Sequence[Fold]) -> Identity:
    """The settings and data that every run depends on.

    The objectives, critics, seeds and baselines to compare are not in it: they may change.
    """
    settings = ADAPTER.dump_python(comparison, mode="json")
    vectors = folds[0].vectors  # all proteins of the tables, whatever the number of folds
    return {
        **{name: settings[name] for name in FIXED_SETTINGS},
        "trainer.refit": comparison.trainer.refit,
        "pairs": folds[0].pairs_hash(),
        "vectors": vectors.content_hash(vectors.rows(sorted(vectors.ids))),
    }


def _write_tables(comparison: Comparison, found: ComparisonResult, folder: Path) -> None:
    for name, table in (
        ("results", found.tables.results),
        ("summary", found.tables.summary),
        ("differences", found.tables.differences),
        ("curves", found.curves),
        ("proteins", found.proteins),
        ("history", found.history),
    ):
        write_table(table, folder / f"{name}.parquet")
    remove(folder / TUNED)  # the table of an earlier call
    if found.tuning is not None:
        write_table(found.tuning, folder / TUNED)
    for name in (SHEET_FILE, CONFIG_FILE, JOB_FILE):
        remove(folder / name)  # a hard link to the published file, which must not change
    (folder / SHEET_FILE).write_text(
        json.dumps(found.sheet, indent=2, allow_nan=False), encoding="utf-8"
    )
    resolved = ADAPTER.dump_python(comparison, mode="json")
    (folder / CONFIG_FILE).write_text(yaml.safe_dump(resolved, sort_keys=False), encoding="utf-8")
