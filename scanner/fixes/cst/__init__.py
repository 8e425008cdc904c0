"""Single statements changed by LibCST: text in, text out, everything else as it was written."""
