"""Turns the files of a revision into findings and totals."""
