"""Turns the files in a revision into findings and totals."""
