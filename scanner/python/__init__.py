"""Analyses the text of a single Python file, independently of any plan or repository."""
