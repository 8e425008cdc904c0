"""Finds shared mutable containers: their definitions, and the functions that write to them."""
