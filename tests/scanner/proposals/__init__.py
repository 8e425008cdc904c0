"""Tests of the proposals: how they read a repository's layout, its imports and its past."""
