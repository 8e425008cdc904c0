"""The percentage of clean files, computed in the same way as in the engine."""

from scanner import percent

__all__ = ["percent"]
