"""Analyses how code uses listed symbols: the roles of uses, the flow of values, and re-exports."""
