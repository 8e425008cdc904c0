"""A model of the tree that the proofs use: what a name refers to, and what runs when a module is imported.

It reads with CPython's own parser, because every file that a fix changes must compile. Scans never build it,
and it shares no code with their reader, so an error of the reader is not repeated in the proof.
"""
