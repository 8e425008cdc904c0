"""The percentage of clean files, computed as the engine does."""

from scanner import percent

__all__ = ["percent"]
