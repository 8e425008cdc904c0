"""Sorts import blocks that a fix has changed, as ruff or isort would, if they were sorted before."""
