"""Rows and filters of each list, shared by pages, CSV and API; one module per list."""
