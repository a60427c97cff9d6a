"""Long work that survives a kill: one layout of unfinished work for every command."""

from ppi_ratio.jobs.job import UNFINISHED, Identity, Job

__all__ = ["UNFINISHED", "Identity", "Job"]
