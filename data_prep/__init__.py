"""Public sources of interactions and sequences -> the files that ``ppi_ratio`` reads.

One module per source; its frozen dataclass is its settings, and they are the options of
``ppi-ratio prepare SOURCE``. ``sources.SOURCES`` lists them:

| source | what it becomes | rules of its own |
|---|---|---|
| ``string`` | scored pairs | score cut, organism; ENSP ids to accessions by STRING's aliases |
| ``biogrid`` | pairs | TAB3; physical, without RNA; by accession, symbol or Entrez gene |
| ``mitab`` | scored pairs | organism, miscore, types, expanded complexes, isoforms |
| ``hippie`` | scored pairs | score cut; names to accessions by a UniProt FASTA |
| ``omnipath`` | directed pairs | kinase-substrate, ligand-receptor; complexes out or expanded |
| ``gold_standard`` | a split | Bernett's Intra1, Intra0, Intra2: train, validation, test |
| ``dscript`` | labelled pairs | D-SCRIPT's species tables, with their sequences |
| ``uniprot`` | FASTA | a proteome or an organism, reviewed, canonical or with isoforms |
| ``per_protein`` | vectors | UniProt's ProtT5 vectors, and how much of a table they cover |

Every source goes the same way. Files that are not given (``--input``, ``--aliases``, ``--fasta``)
are fetched over HTTPS to a folder of downloads, where they stay; a broken download goes on. The
source's ``parse`` reads the main file line by line, plain, gzip or zip, and counts what it leaves
out by reason, with lines; a file of another format is refused, and named if it is known. Pairs are
normalised by ``PairTable``: repeated, reversed and self pairs are counted there. The table has the
columns ``left``, ``right`` and perhaps ``label`` (1 joint, 0 non-pair) or ``source_score`` (the
highest of a pair's rows, in the source's units); ``read_pairs`` reads it without further options,
and ``min_score`` cuts it once more. Beside each product stands ``NAME.provenance.json``: source,
release, addresses, SHA-256 of every file read, licence, citation, settings, counts and examples.

A new source is a module with such a class and a line in ``SOURCES``; the common checks in
``tests/data_prep/test_sources.py`` ask for a sample in ``source_samples.py``.
"""
