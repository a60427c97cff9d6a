"""Files: atomic writes, text, tables, HDF5, NPZ, checksums, HTTPS, and limits on foreign files."""
