"""Checks of pull requests: verdicts, policies, overrides, and what can't be used to get a better verdict."""
