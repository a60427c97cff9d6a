"""Files of shards -> one file of vectors or of hits, whichever the files of the shards hold."""

from pathlib import Path

from ppi_ratio.runtime.sharding import shard_paths

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def merge_shards(out: Path | str) -> str:
    """Join the files that the shards of ``out`` wrote, and remove them.

    Returns:
        What ``out`` now holds, such as "90 proteins".

    Raises:
        InputError: if a shard's file is missing or damaged.
        ProvenanceError: if encoder or settings differ between files of vectors.
    """
    with shard_paths(Path(out))[0].open("rb") as file:
        holds_vectors = file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE
    if holds_vectors:
        from ppi_ratio.runs.embedding import merge_vectors

        return f"{len(merge_vectors(out)):,} proteins"
    from ppi_ratio.runs.screening import merge_screens

    return f"{merge_screens(out):,} hits"
