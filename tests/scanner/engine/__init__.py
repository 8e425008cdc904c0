"""Tests of scanner/engine."""
