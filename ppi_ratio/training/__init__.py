"""Joint pairs and vectors -> a trained critic.

Nothing heavy is imported here, so that settings can be read without Lightning.
"""

from ppi_ratio.training.settings import TrainerSettings

__all__ = ["TrainerSettings"]
