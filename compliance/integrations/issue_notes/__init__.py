"""Progress on the issues that a plan references: one note on each, which is updated in place.

`requests` queues the job in `following` after records or issues have changed; the job requests an item of the
outbox for each note that would say something else; `sender` builds the note when it is sent, from `figures`
and `text`. `disagreements` compares the tracker's states with the records, `policy` is the switch, and
`phase_issues` creates issues from phases.
"""
