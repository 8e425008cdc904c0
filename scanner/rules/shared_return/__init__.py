"""Finds functions that return an object which outlives the call, and decides which objects matter."""
