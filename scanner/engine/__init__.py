"""From the files of a revision to findings and figures."""
