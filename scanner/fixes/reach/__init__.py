"""Values that can be passed to a call from the code around it."""
