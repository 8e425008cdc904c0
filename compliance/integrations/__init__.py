"""Integration with forges and issue trackers: webhook providers that implement one protocol."""
