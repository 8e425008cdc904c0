"""One test file for each rule kind that can be put right, its cases in tables."""
