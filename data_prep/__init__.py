"""Public sources of interactions and sequences -> the files that ``ppi_ratio`` reads."""
