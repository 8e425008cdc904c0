"""Tests of scanner/commands."""
