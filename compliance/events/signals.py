"""Signals that scans send within the transaction that records a change. apps.py connects the receivers."""

from django.dispatch import Signal

commit_recorded = Signal()
"""Sent after a commit at the tip of the tracked branch was recorded and the figures of its files were
updated.

Commits that arrive together with another plan version are announced one at a time, once that version is
active or the backfill has reached them. By then, their files already have the newest commit's figures.

`sender` is the Repository, `commit` is its Commit, and `files` are the ids of the File rows that it changed
or renamed. `email` is the author's address, mapped by the repository's .mailmap.
"""

plan_activated = Signal()
"""Sent after another plan version became active. The newest commit's figures and violations now belong to it.

`sender` is the Repository.
"""

history_evaluated = Signal()
"""Sent after a large part of the recorded history changed.

A backfill extended it, a force push rolled it back, or another plan version replaced it. `sender` is the
Repository, with its active plan version and newest commit.
"""

check_requested = Signal()
"""Sent after a forge reported a head that is to be judged: of a pull request, or of a group in a merge queue.

`sender` is the Repository, and `check` is the PullRequestCheck, which is pending if the head is new.
"""

pull_request_left = Signal()
"""Sent after a forge reported that an open pull request targets another branch than the tracked one.

`sender` is the Repository, and `pull` is its PullRequest.
"""

figures_changed = Signal()
"""Sent after the newest commit's figures changed without a new commit, because a waiver started or ended.

`sender` is the Repository.
"""

phases_changed = Signal()
"""Sent after phases closed or reopened, with a new commit or without one, because of evidence for example.

`sender` is the Repository.
"""

issue_heard = Signal()
"""Sent after a tracker or forge reported the state of an issue that the plan references, if that is news.

`sender` is the Repository, and `key` is the issue's key.
"""
