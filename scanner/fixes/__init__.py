"""Findings put right: edits of one file at a time, each proven on the whole revision before it is shown.

`values` says what comes out, `draft` is a revision with changes that nobody has committed, `sheet` one
file on the table, `kinds/` has one file per rule kind, `proof` what a result must pass, `series` the order
of a plan.
"""
