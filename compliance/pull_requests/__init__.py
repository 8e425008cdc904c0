"""Checks of pull requests: each head is judged against its merge base with the target branch, and the
repository's policy decides on the verdict that the forge receives.
"""
