"""Finds values in the surrounding code that can be passed to a call."""
