"""Interactions and vectors -> a trained critic.

Only the settings are imported here, because importing Lightning takes seconds.
"""

from ppi_ratio.training.settings import TrainerSettings

__all__ = ["TrainerSettings"]
