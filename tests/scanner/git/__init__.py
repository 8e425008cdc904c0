"""Tests of scanner/git."""
