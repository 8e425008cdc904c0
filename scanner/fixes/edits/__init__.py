"""Edits of one file's text, and the imports and dead code that follow from them."""
