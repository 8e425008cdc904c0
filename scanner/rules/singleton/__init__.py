"""Finds instances that all callers share; each module detects one form of singleton."""
