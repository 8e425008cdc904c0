"""Queries and filters for lists, one module per list, shared by pages, CSV files and the API."""
