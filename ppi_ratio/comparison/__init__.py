"""Objectives x critics x seeds x splits -> every score, and tidy tables of how they differ."""

from ppi_ratio.comparison.cells import BaselineCell, Cell, ModelCell, Trial
from ppi_ratio.comparison.plan import (
    ENSEMBLE,
    JOINED,
    Plan,
    Tuning,
    plan_cells,
    tuning_cells,
)
from ppi_ratio.comparison.running import run_cells
from ppi_ratio.comparison.tables import ComparisonTables, tabulate

__all__ = [
    "ENSEMBLE",
    "JOINED",
    "BaselineCell",
    "Cell",
    "ComparisonTables",
    "ModelCell",
    "Plan",
    "Trial",
    "Tuning",
    "plan_cells",
    "run_cells",
    "tabulate",
    "tuning_cells",
]
