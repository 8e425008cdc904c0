"""Shared mutable containers: where they are defined, and who writes to them."""
