"""What happened, told inside the transaction that records it; who wants to know listens (see apps.py)."""

from django.dispatch import Signal

commit_recorded = Signal()
"""A commit was recorded at the tip of the tracked line, and the figures of its files are in force.

Commits that came together with another version of the plan are told of one by one as soon as it rules, or
as soon as history was read down to them where they are many, all with the newest commit's figures.

`sender` is the Repository; `commit` its Commit; `files` the ids of the File rows whose text it touched or
renamed; `email` the author's address as the repository's own .mailmap has it.
"""

plan_activated = Signal()
"""Another version of the plan rules: the newest commit's figures and violations are its own from now on.

`sender` is the Repository.
"""

history_evaluated = Signal()
"""What is recorded of the past changed as a whole: history was read further back, the line was rolled back
after a force push, or another version of the plan is in force.

`sender` is the Repository, with the plan in force and its newest commit.
"""

figures_changed = Signal()
"""The newest commit's figures changed without a commit: a waiver began or ended.

`sender` is the Repository.
"""
