"""Functions that return an object which outlives the call, and which of these objects matter."""
