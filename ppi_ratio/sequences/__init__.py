"""FASTA files -> ``Proteins``, which protein an id names, and clusters of related sequences."""

from ppi_ratio.sequences.ids import IdIndex, accession_of, looked_up, one_spelling
from ppi_ratio.sequences.proteins import (
    RARE_RESIDUES,
    RESIDUES,
    STANDARD_RESIDUES,
    Proteins,
    RecordNote,
    read_fasta,
    sequence_hash,
    write_fasta,
)

__all__ = [
    "RARE_RESIDUES",
    "RESIDUES",
    "STANDARD_RESIDUES",
    "IdIndex",
    "Proteins",
    "RecordNote",
    "accession_of",
    "looked_up",
    "one_spelling",
    "read_fasta",
    "sequence_hash",
    "write_fasta",
]
