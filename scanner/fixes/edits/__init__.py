"""Edits of imports and statements, and of the dead code that they leave."""
