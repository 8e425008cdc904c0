"""Forges and issue trackers: webhook providers behind one protocol."""
