"""A newer CPython than the one that runs the tests."""
