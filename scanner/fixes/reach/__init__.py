"""Finds values in the surrounding code that can be passed as arguments to a call."""
