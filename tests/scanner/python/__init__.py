"""Tests of scanner/python."""
