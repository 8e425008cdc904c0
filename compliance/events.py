"""Signals of the scans, sent inside the transaction that records the change; apps.py connects receivers."""

from django.dispatch import Signal

commit_recorded = Signal()
"""A commit at the tip of the tracked branch was recorded, and its files have their new figures.

Commits that arrive with another plan version are announced one at a time, once that version is active or the
backfill has reached them; their files already have the newest commit's figures.

`sender` is the Repository; `commit` its Commit; `files` the ids of the File rows whose text it changed or
renamed; `email` the author's address after applying the repository's .mailmap.
"""

plan_activated = Signal()
"""Another plan version became active; the newest commit's figures and violations now belong to it.

`sender` is the Repository.
"""

history_evaluated = Signal()
"""A large part of the recorded history changed: a backfill extended it, a force push rolled it back, or
another plan version replaced it.

`sender` is the Repository, with its active plan version and newest commit.
"""

figures_changed = Signal()
"""The newest commit's figures changed without a new commit: a waiver started or ended.

`sender` is the Repository.
"""
