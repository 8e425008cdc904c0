"""The rows and filters of each list, shared by pages, CSV and API; one list a module."""
