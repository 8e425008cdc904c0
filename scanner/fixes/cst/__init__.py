"""Edits single statements with LibCST, text to text; all other text is left exactly as written."""
