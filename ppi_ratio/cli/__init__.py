"""The command line ``ppi-ratio``."""

from ppi_ratio.cli.app import main

__all__ = ["main"]
