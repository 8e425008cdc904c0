"""`python -m bench.kills`: kill processes of a running installation at random, and count what is lost."""
