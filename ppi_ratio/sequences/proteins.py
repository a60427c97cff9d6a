"""FASTA files -> ``Proteins``: validated residues under unique ids.

What happens to irregular records, each reported with the record's name and line:

| record | decision |
|---|---|
| lower-case residues | read as upper case |
| ``*`` at the end | removed |
| ``U O B Z X`` | kept: every encoder has a place for them |
| ``J`` (leucine or isoleucine) | kept here; encoders without it read ``X`` |
| empty record | left out |
| same id, same sequence again | kept once |
| PIR record (``>P1;ID``, then a line of description) | read, without the description |
| some records read as nucleotides | kept, and named |
| same id, another sequence | refused, or both left out on request |
| any other character (``*`` inside, ``-``, digits, ...) | refused, or left out on request |
| most records read as nucleotides | refused |
"""

import hashlib
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ppi_ratio.errors import InputError
from ppi_ratio.io.text_files import open_text
from ppi_ratio.sequences.ids import IdIndex

STANDARD_RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
RARE_RESIDUES = "UOBZXJ"
RESIDUES = frozenset(STANDARD_RESIDUES + RARE_RESIDUES)
NUCLEOTIDES = frozenset("ACGTUN")
NUCLEOTIDE_MIN_LENGTH = 30  # shorter peptides of A, C, G, N and T alone are plausible
FAULTS_SHOWN = 10
PIR = re.compile(r">(P1|F1|DL|DC|RL|RC|N1|N3|XX);")  # kind of a PIR record, before its id
PIR_PROTEINS = ("P1", "F1", "XX")
DNA, LEFT_OUT = "records read as nucleotides", "records that cannot be read, left out"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RecordNote:
    """What reading changed in one FASTA record, or why it left the record out."""

    protein: str
    line: int
    change: str

    @property
    def place(self) -> str:
        """The record and its line, if the line is known."""
        return f"{self.protein}, line {self.line}" if self.line else self.protein


@dataclass(frozen=True)
class Proteins:
    """Protein ids and their sequences, one sequence per id, in the order of the file.

    Attributes:
        sequences: residues by id, upper case, over the 20 standard letters and ``UOBZXJ``.
        notes: what reading changed or left out.

    Examples:
        >>> import ppi_ratio as pr
        >>> proteins = pr.Proteins({"sp|P69905|HBA_HUMAN": "MVLSPADK", "P68871": "MVHLTPEE"})
        >>> len(proteins)
        2
        >>> proteins.sequences["P68871"]
        'MVHLTPEE'
    """

    sequences: Mapping[str, str]
    notes: tuple[RecordNote, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids, in the order of the file."""
        return tuple(self.sequences)

    def select(self, ids: Iterable[str]) -> "Proteins":
        """The proteins that ``ids`` name, each under the id that was asked for.

        Raises:
            InputError: if an id has no sequence.

        Examples:
            An accession finds a record with a UniProt header:

            >>> import ppi_ratio as pr
            >>> proteins = pr.Proteins({"sp|P69905|HBA_HUMAN": "MVLSPADK", "P68871": "MVHLTPEE"})
            >>> dict(proteins.select(["P69905"]).sequences)
            {'P69905': 'MVLSPADK'}
        """
        wanted = list(dict.fromkeys(ids))
        index = IdIndex(self.ids)
        rows = index.rows(wanted)
        missing = [name for name, row in zip(wanted, rows, strict=True) if row < 0]
        if missing:
            raise InputError(
                f"{len(missing)} of {len(wanted)} ids have no sequence, "
                f"e.g. {index.told(missing, 'the sequences')}"
            )
        residues = list(self.sequences.values())
        chosen = {name: residues[row] for name, row in zip(wanted, rows, strict=True)}
        return Proteins(MappingProxyType(chosen))

    def note_summary(self) -> str:
        r"""One line on what reading changed; empty if it changed nothing.

        Examples:
            >>> from pathlib import Path
            >>> import ppi_ratio as pr
            >>> _ = Path("proteins.fasta").write_text(">P1\nmktay*\n")
            >>> print(pr.read_fasta("proteins.fasta").note_summary())
            1 sequences with lower-case residues read as upper case (e.g. P1, line 1);
            1 sequences with '*' at the end, removed (e.g. P1, line 1)
        """
        counts = Counter(note.change for note in self.notes)
        first = {note.change: note for note in reversed(self.notes)}
        return "; ".join(
            f"{count} {change} (e.g. {first[change].place})" for change, count in counts.items()
        )


def sequence_hash(residues: str) -> str:
    """The hash that names a sequence in files: 16 bytes of its SHA-256, in hexadecimal."""
    return hashlib.sha256(residues.encode("ascii")).hexdigest()[:32]


def read_fasta(path: Path | str, *, skip_bad: bool = False) -> Proteins:
    r"""Read protein sequences from a FASTA file, plain or gzip.

    The id of a protein is the first word of its header. Lower-case residues become upper case, a
    ``*`` at the end is removed, empty records are left out, and equal records are kept once.

    Args:
        path: the FASTA file.
        skip_bad: leave out records that cannot be read, and records of nucleotides, instead of
            refusing the file; ``notes`` name them.

    Returns:
        The proteins; ``notes`` and ``note_summary`` say what reading changed.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if the file is not FASTA or holds no protein; if one id has two sequences; if
            a sequence holds a character that is no residue; if most sequences read as
            nucleotides. The message names up to ten records with their lines.

    Examples:
        >>> from pathlib import Path
        >>> import ppi_ratio as pr
        >>> _ = Path("two.fasta").write_text(">P1 first\nMKTAY\nIAKQR\n>P2\nmvlsp*\n")
        >>> dict(pr.read_fasta("two.fasta").sequences)
        {'P1': 'MKTAYIAKQR', 'P2': 'MVLSP'}
    """
    path = Path(path)
    with open_text(path) as text:
        proteins, faults = _parse_records(_records(text, path))
    if faults and not skip_bad:
        more = f"\n... and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        raise InputError(
            f"{path}: "
            + "\n".join(map(_told, faults[:FAULTS_SHOWN]))
            + f"{more}\ncorrect these {len(faults):,} records, or leave them out (`skip_bad`)"
        )
    if faults:
        more = f"; and {len(faults) - FAULTS_SHOWN:,} more" if len(faults) > FAULTS_SHOWN else ""
        shown = "; ".join(map(_told, faults[:FAULTS_SHOWN]))
        logger.warning("%s: %d records left out: %s%s", path, len(faults), shown, more)
    left_out = [RecordNote(each.protein, each.line, LEFT_OUT) for each in faults]
    proteins = Proteins(proteins.sequences, (*proteins.notes, *left_out))
    if not proteins.sequences:
        raise InputError(f"{path}: no protein in it; expected FASTA records ('>id', then residues)")
    nucleotide = [name for name, residues in proteins.sequences.items() if _reads_as_dna(residues)]
    if nucleotide and len(nucleotide) <= len(proteins) / 2:
        return _with_dna(proteins, nucleotide, skip_bad=skip_bad)
    if nucleotide:
        raise InputError(
            f"{path}: {len(nucleotide)} of {len(proteins)} records read as nucleotides, "
            f"e.g. {nucleotide[0]}; translate them to protein first"
        )
    return proteins


def _told(fault: RecordNote) -> str:
    name = fault.protein or "a record without an id"
    return f"{name} (line {fault.line}): {fault.change}"


def _with_dna(proteins: Proteins, nucleotide: list[str], *, skip_bad: bool) -> Proteins:
    """The proteins with a note on records of nucleotides, or without these records."""
    named = ", ".join(nucleotide[:FAULTS_SHOWN])
    change = f"{DNA}, {'left out' if skip_bad else 'kept'}: {named}"
    notes = (*proteins.notes, *(RecordNote(name, 0, change) for name in nucleotide))
    kept = proteins.sequences
    if skip_bad:
        kept = {name: kept[name] for name in kept.keys() - set(nucleotide)}
    order = [name for name in proteins.sequences if name in kept]
    return Proteins(MappingProxyType({name: proteins.sequences[name] for name in order}), notes)


def write_fasta(proteins: Proteins, path: Path | str) -> None:
    """Write one record per protein, each sequence on one line."""
    lines = (f">{name}\n{residues}\n" for name, residues in proteins.sequences.items())
    Path(path).write_text("".join(lines), encoding="utf-8")


def _records(text: Iterable[str], path: Path) -> Iterator[tuple[str, int, str, str]]:
    """Header, line number, residues, and description of a PIR record, of each record."""
    header_lines: list[int] = []
    descriptions: dict[int, str] = {}

    def counted() -> Iterator[str]:
        started = is_description = False
        for number, line in enumerate(text, start=1):
            if is_description and not line.startswith(">"):
                is_description = False
                descriptions[header_lines[-1]] = line.strip()
                continue
            if line.startswith(">"):
                header_lines.append(number)
                started, is_description = True, bool(PIR.match(line))
            elif not started and line.strip():
                raise InputError(
                    f"{path}: line {number} is not FASTA (text before the first '>'): {line[:40]!r}"
                )
            yield line

    from Bio.SeqIO.FastaIO import SimpleFastaParser  # slow to import, and scoring reads no FASTA

    for index, (header, residues) in enumerate(SimpleFastaParser(counted())):
        line = header_lines[index]
        yield header, line, residues, descriptions.get(line, "")


def _parse_records(
    records: Iterable[tuple[str, int, str, str]],
) -> tuple[Proteins, list[RecordNote]]:
    sequences: dict[str, str] = {}
    notes: list[RecordNote] = []
    faults: list[RecordNote] = []
    twice: set[str] = set()
    for header, line, raw, description in records:
        pir = PIR.match(f">{header}")
        header = header.partition(";")[2] if pir else header
        name = header.split(maxsplit=1)[0] if header.strip() else ""
        residues, changes = _tidy(raw)
        alien = sorted(set(residues) - RESIDUES)
        if not name:
            faults.append(RecordNote("", line, "it has no id"))
        elif pir and (fault := _pir_fault(pir.group(1), description, raw)):
            faults.append(RecordNote(name, line, fault))
        elif alien:
            position = next(i for i, letter in enumerate(residues, start=1) if letter in alien)
            said = f"{alien[0]!r} at residue {position} is no residue"
            faults.append(RecordNote(name, line, said))
        elif not residues:
            notes.append(RecordNote(name, line, "empty records left out"))
        elif name not in sequences:
            sequences[name] = residues
            changes += ["PIR records read without their line of description"] * bool(pir)
            notes.extend(RecordNote(name, line, change) for change in changes)
        elif sequences[name] == residues:
            notes.append(RecordNote(name, line, "repeated records kept once"))
        else:
            said = "this id came before with another sequence"
            faults.append(RecordNote(name, line, said))
            twice.add(name)
    kept = {name: residues for name, residues in sequences.items() if name not in twice}
    return Proteins(MappingProxyType(kept), tuple(notes)), faults


def _pir_fault(kind: str, description: str, raw: str) -> str:
    """Why a PIR record cannot be read; empty if it can."""
    if kind not in PIR_PROTEINS:
        return f"a PIR record of the kind {kind} holds nucleotides"
    if not raw.endswith("*"):
        return "a PIR record ends with '*', and this one does not"
    if len(description) >= NUCLEOTIDE_MIN_LENGTH and RESIDUES.issuperset(description):
        return "a PIR record has a line of description before its residues, and this one does not"
    return ""


def _tidy(raw: str) -> tuple[str, list[str]]:
    changes = []
    residues = raw.upper()
    if residues != raw:
        changes.append("sequences with lower-case residues read as upper case")
    if residues.endswith("*"):
        residues = residues.rstrip("*")
        changes.append("sequences with '*' at the end, removed")
    if rare := set(residues) & set(RARE_RESIDUES):
        changes.append(f"sequences with {'/'.join(sorted(rare))}")
    return residues, changes


def _reads_as_dna(residues: str) -> bool:
    return len(residues) >= NUCLEOTIDE_MIN_LENGTH and NUCLEOTIDES.issuperset(residues)
