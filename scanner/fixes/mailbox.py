"""Formats a series as a mailbox for `git am`.

Format: RFC 4155 (mbox), as written by `git format-patch`. A patch that contains carriage returns or is not
valid UTF-8 is encoded as base64, because `git am` would otherwise change it.
"""

from base64 import encodebytes
from collections.abc import Iterable
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

from scanner.fixes.model import Stage
from scanner.wording import counted

_FROM = b"From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
_SUBJECT = 120


def mailbox(stages: Iterable[Stage], author: tuple[str, str], when: datetime) -> bytes:
    """Return one message for each stage that changes files; `author` is a name and an e-mail address."""
    changing = [stage for stage in stages if any(rewrite.changed for rewrite in stage.rewrites)]
    return b"".join(
        _message(stage, number, len(changing), author, when) for number, stage in enumerate(changing, start=1)
    )


def subject(stage: Stage) -> str:
    """Return the subject line of a stage's commit: the issue, then the phase or step."""
    head = f"{stage.issue.key}: " if stage.issue else ""
    return " ".join(f"{head}{stage.title}".split())[:_SUBJECT]


def body(stage: Stage) -> str:
    """Return the rest of the commit message: issue and phase, what was fixed, and what was left alone."""
    changed = [rewrite for rewrite in stage.rewrites if rewrite.changed]
    fixed = {(f.path, f.fingerprint) for rewrite in changed for f in rewrite.fixed}
    left = sum(len(rewrite.refused) for rewrite in stage.rewrites)
    rules = sorted({finding.rule for rewrite in changed for finding in rewrite.fixed})
    lines = [f"{counted(len(fixed), 'finding')} in {counted(len(changed), 'file')}: {', '.join(rules)}"]
    if left:
        lines.append(f"{counted(left, 'finding')} left alone; see `python -m scanner fix`")
    lines.append("")
    if stage.issue:
        lines.append(f"Issue: {stage.issue.key} {stage.issue.title}".rstrip())
    if stage.phase:
        lines.append(f"Phase: {stage.phase.id} {stage.phase.title}".rstrip())
    elif stage.issue and stage.title != stage.issue.title:
        lines.append(f"Step: {stage.title}")
    return "\n".join(lines).rstrip() + "\n"


def _message(stage: Stage, number: int, total: int, author: tuple[str, str], when: datetime) -> bytes:
    patch = b"".join(rewrite.patch for rewrite in stage.rewrites)
    text = body(stage).encode() + b"---\n\n" + patch + b"-- \nssot-scanner\n\n"
    plain = b"\r" not in text and _is_utf8(text)
    name, address = author
    head = [
        f"From: {formataddr((name, address), 'utf-8')}",
        f"Date: {format_datetime(when)}",
        f"Subject: {_header(f'[PATCH {number}/{total}] {subject(stage)}')}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        f"Content-Transfer-Encoding: {'8bit' if plain else 'base64'}",
    ]
    content = text if plain else encodebytes(text) + b"\n"
    return _FROM + "\n".join(head).encode() + b"\n\n" + content


def _header(text: str) -> str:
    """Return a header's text, encoded if it is not plain ASCII (RFC 2047)."""
    return text if text.isascii() else Header(text, "utf-8", header_name="Subject").encode()


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
