"""Long work that survives a kill: one layout of unfinished work for every command."""

from ppi_ratio.jobs.job import UNFINISHED, Identity, Job, check_shards

__all__ = ["UNFINISHED", "Identity", "Job", "check_shards"]
