"""Tests of scanner/planfile."""
