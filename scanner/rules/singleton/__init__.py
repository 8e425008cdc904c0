"""Finds instances that all callers share; one shape of singleton a module."""
