"""Files: atomic writes, text and tables, HDF5 and NPZ, and limits on what others made."""
