"""Fixes for findings: edits of one file at a time, each proven on the whole revision before it is shown.

`requests` has the entry points, `series` the order of a plan, `rounds` the fixes of one file, `proof` the
checks of a result. `kinds/` has one file per rule kind, `symbols/`, `reach/` and `edits/` its parts.
`workspace` is a revision with uncommitted changes, `context` one of its files.
"""
