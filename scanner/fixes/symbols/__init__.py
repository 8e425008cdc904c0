"""Replaces a deprecated name: its calls, references, imports, strings and definitions."""
