"""Edits of imports and statements, and removal of the dead code that they leave behind."""
