"""Rewrites as unified diffs and as a mailbox for git am."""
