"""Names of the files in a comparison's folder, and the version of their format."""

FORMAT = 1  # a file that states no version has version 1
CONFIG_FILE, SHEET_FILE = "config.yaml", "comparison.json"
RUNS, TUNED = "runs", "tuning.parquet"
