"""Signals of the scans, sent inside the transaction that records the change; apps.py connects receivers."""

from django.dispatch import Signal

commit_recorded = Signal()
"""A commit was recorded at the tip of the tracked branch, and its files have their new figures.

Commits that arrive with another plan version are announced one by one once that version is active, or once
history has been read down to them; their files already have the newest commit's figures.

`sender` is the Repository; `commit` its Commit; `files` the ids of the File rows whose text it touched or
renamed; `email` the author's address after the repository's .mailmap.
"""

plan_activated = Signal()
"""Another plan version became active: figures and violations of the newest commit are now those of it.

`sender` is the Repository.
"""

history_evaluated = Signal()
"""Recorded history changed as a whole: it reaches further back, was rolled back after a force push, or
belongs to another plan version.

`sender` is the Repository, with its active plan version and newest commit.
"""

figures_changed = Signal()
"""The newest commit's figures changed without a commit: a waiver was given or ended.

`sender` is the Repository.
"""
