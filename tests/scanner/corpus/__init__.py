"""Code that was labelled from the specification, to measure precision and recall."""
