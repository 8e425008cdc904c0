"""Replaces a deprecated name in calls, references, imports, strings and definitions."""
