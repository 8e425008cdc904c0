"""The engine's figures for the dashboard: the risk levels, worst first, and the percentage of clean files."""

from scanner import RISKS, percent

__all__ = ["RISKS", "percent"]
