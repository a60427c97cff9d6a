"""FASTA files -> ``Proteins``, and clusters of related sequences."""

from ppi_ratio.sequences.proteins import (
    RARE_RESIDUES,
    RESIDUES,
    STANDARD_RESIDUES,
    IdIndex,
    Proteins,
    RecordNote,
    read_fasta,
    sequence_hash,
    uniprot_accession,
    write_fasta,
)

__all__ = [
    "RARE_RESIDUES",
    "RESIDUES",
    "STANDARD_RESIDUES",
    "IdIndex",
    "Proteins",
    "RecordNote",
    "read_fasta",
    "sequence_hash",
    "uniprot_accession",
    "write_fasta",
]
