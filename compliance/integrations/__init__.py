"""Integrates forges and issue trackers through webhook providers, which all implement the same protocol."""
