"""Benchmarks: our commands beside the tools people know, as ratios measured in one run (`make bench`)."""
