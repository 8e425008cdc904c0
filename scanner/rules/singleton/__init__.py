"""Finds instances that all callers share; each module finds one form of singleton."""
