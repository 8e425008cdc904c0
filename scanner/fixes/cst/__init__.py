"""Edits of single statements with LibCST, text to text; everything else keeps its spelling."""
