"""Public sources of interactions and sequences -> the files that ``ppi_ratio`` reads.

Each source is a module with a frozen dataclass. The fields of the dataclass are the settings of the
source, and the options of ``ppi-ratio prepare SOURCE``. ``sources.SOURCES`` lists the sources:

| source | product | settings and rules |
|---|---|---|
| ``string`` | scored pairs | lowest score, organism; accessions for ENSP ids by STRING's aliases |
| ``biogrid`` | pairs | TAB3; physical, without RNA; ids: accession, symbol or Entrez gene |
| ``mitab`` | scored pairs | organism, lowest miscore, types, expanded complexes, isoforms |
| ``hippie`` | scored pairs | lowest score; accessions for names by a UniProt FASTA |
| ``omnipath`` | directed pairs | kinase-substrate, ligand-receptor; complexes dropped or expanded |
| ``gold_standard`` | a split | Bernett's Intra1, Intra0, Intra2: train, validation, test |
| ``dscript`` | labelled pairs | D-SCRIPT's species tables, with their sequences |
| ``uniprot`` | FASTA | a proteome or an organism, reviewed, canonical or with isoforms |
| ``per_protein`` | vectors | UniProt's ProtT5 vectors, and their coverage of a table of pairs |

All sources take the same steps:

1. Files that the user does not give are downloaded over HTTPS to a folder and kept there. An
   interrupted download resumes.
2. ``parse`` reads the main file line by line (plain, gzip or zip). It counts rows left out by
   reason, with line numbers. A file of another format is refused. If another source has this
   format, the message names that source.
3. ``PairTable`` normalises the pairs, and counts repeated, reversed and self pairs.
4. The table is written with the columns ``left`` and ``right``. If the source has labels, it has
   ``label`` (1 interaction, 0 non-pair). If the source has scores, it has ``source_score``: the
   highest score of a pair's rows, in the source's units. ``read_pairs`` reads the table without
   further options and can filter by score.
5. ``NAME.provenance.json`` is written beside each product: source, release, addresses, SHA-256 of
   every file read, licence, citation, settings, counts and examples.

A new source is a module with such a class and an entry in ``SOURCES``. The common checks in
``tests/data_prep/test_sources.py`` need a sample of it in ``source_samples.py``.
"""
