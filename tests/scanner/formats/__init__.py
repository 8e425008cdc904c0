"""Tests of scanner/formats."""
