"""Fixes findings one file at a time, and proves each fix on the whole revision before it is shown.

`requests` contains the entry points, `series` orders the fixes as the plan does, `rounds` fixes one file, and
`proof` checks the result. `kinds/` has one file per rule kind, built on `symbols/`, `reach/` and `edits/`.
`workspace` is a revision with uncommitted changes, `context` one of its files.
"""
