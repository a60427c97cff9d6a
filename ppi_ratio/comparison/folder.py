"""What a comparison's folder holds: the names of its files, and the version of their format."""

FORMAT = 1  # files that state none are of the first
CONFIG_FILE, SHEET_FILE = "config.yaml", "comparison.json"
RUNS, TUNED = "runs", "tuning.parquet"
