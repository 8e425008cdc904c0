"""One rule kind a file; the file's name with dashes is the kind."""
