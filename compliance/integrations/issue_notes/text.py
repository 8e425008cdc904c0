"""The text of the note on an issue, as a comment in Markdown and as a link with title and summary.

Subjects of commits are shown as code, in which forges look for no references. The title and the summary
contain no text from commits, because trackers may find keys of issues in them.
"""

import hashlib
import json
import re
from dataclasses import asdict

from compliance.integrations.issue_notes.figures import IssueFigures, PhaseFigures
from compliance.integrations.outbound import Note, clipped
from compliance.lib.dates import day_of, written
from compliance.lib.markdown import code, link, plain, prose
from compliance.lib.wording import count_of, format_percent
from compliance.models import Repository
from compliance.progress.issue_status import Move

LONGEST_SUBJECT = 100
MOST_PHASES = 20

_KEY = re.compile(r"(?<=\w-)(?=\d)")
"""Where the number in the key of a tracker's issue begins, such as SHOP-12."""

_REFERENCE = re.compile(rf"{_KEY.pattern}|(?<=[@#!$%&~^])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where the rest of a key, a mention or a URL begins."""

_APART = "\u200b"
"""A zero-width space."""


def write_note(repository: Repository, figures: IssueFigures, url: str) -> Note:
    """Return the note with the figures of an issue, whose page here is at `url`."""
    words = _progress(figures)
    parts = [f"### SSOT compliance of {_name(repository.name)}", f"**{words}**"]
    if figures.warning:
        parts.append(f"⚠️ **This issue is {figures.warning}.** {_advice(figures)}")
    if figures.expected:
        parts.append(f"Forecast for the rest: {prose(figures.expected)}.")
    parts += _phases(figures)
    if figures.moves:
        parts += ["Last commits that changed these figures:", "\n".join(map(_move, figures.moves))]
    end = f"As of {code(figures.head[:12])} of {written(figures.as_of)}."
    parts.append(f"{link('Progress, files and history', url)}. {end}")
    return Note(
        title=f"{_share(figures)} fixed, {count_of(figures.left, 'violation')} left",
        summary=_summary(repository, figures),
        url=url,
        body="\n\n".join(parts),
        is_resolved=figures.left == 0,
    )


def write_silence(repository: Repository, reason: str, url: str) -> Note:
    """Return the last text of a note that is no longer updated, which states no figures. `reason` is a
    sentence.
    """
    body = f"{reason} {link('The current progress', url)} is there."
    return Note(
        title="Progress is no longer written here",
        summary=f"{_plain_name(repository)}: {reason}",
        url=url,
        body=f"### SSOT compliance of {_name(repository.name)}: no longer updated\n\n{body}",
    )


def digest_of_figures(figures: IssueFigures, url: str) -> str:
    """Return what changes if and only if the figures, the page's address or the issue's title here change.

    Forecasts, which change from day to day without a commit, and the newest commit aren't part of it.
    """
    values = asdict(figures) | {"url": url}
    for name in ("expected", "head", "as_of"):
        del values[name]
    for phase in values["phases"]:
        del phase["expected"]
    return _digest(values)


def digest_of(note: Note) -> str:
    """Return the digest of a whole note without its last line, which names the newest commit."""
    body, _, _ = note.body.rpartition("As of ")
    return _digest(asdict(note) | {"body": body or note.body})


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values, default=str, sort_keys=True).encode()).hexdigest()


def _share(figures: IssueFigures) -> str:
    return format_percent(figures.percent)


def _progress(figures: IssueFigures) -> str:
    if not figures.total:
        return "No violations belong to this issue."
    left = f"{figures.left:,} left in {count_of(figures.files, 'file')}" if figures.left else "none left"
    return f"{_share(figures)}: {figures.fixed:,} of {count_of(figures.total, 'violation')} fixed, {left}."


def _summary(repository: Repository, figures: IssueFigures) -> str:
    parts = [f"{figures.fixed:,} of {figures.total:,} fixed"]
    if figures.warning:
        parts.insert(0, f"⚠️ {figures.warning[0].upper()}{figures.warning[1:]}")
    if figures.expected:
        parts.append(f"forecast: {figures.expected}")
    if figures.moves:
        newest = figures.moves[0]
        parts.append(f"last change: {_counts(newest)} by {newest.sha[:10]} on {written(day_of(newest.at))}")
    return f"{_plain_name(repository)}: {'; '.join(parts)}"


def _advice(figures: IssueFigures) -> str:
    return "Reopen it, or take what is left out of the plan." if figures.left else "It can be closed."


def _phases(figures: IssueFigures) -> list[str]:
    if not figures.phases:
        return []
    rows = ["| Phase | Fixed | Left | Due | Forecast |", "| --- | ---: | ---: | --- | --- |"]
    rows += map(_phase, figures.phases[:MOST_PHASES])
    more = max(len(figures.phases) - MOST_PHASES, 0)
    return ["\n".join(rows), *([f"{count_of(more, 'more phase')} on the page."] if more else [])]


def _phase(phase: PhaseFigures) -> str:
    due = written(phase.due) if phase.due else "none"
    expected = "closed" if phase.is_closed else prose(phase.expected) or "none"
    total = phase.fixed + phase.left
    return f"| {_name(phase.title)} | {phase.fixed:,} of {total:,} | {phase.left:,} | {due} | {expected} |"


def _move(move: Move) -> str:
    # Integrations of trackers with forges may look for keys in code, too.
    subject = _REFERENCE.sub(_APART, code(clipped(move.subject, LONGEST_SUBJECT)))
    return f"- {code(move.sha[:12])} of {written(day_of(move.at))}, {_counts(move)}: {subject}"


def _name(title: str) -> str:
    """Return a title or name that people have written, as Markdown without references to issues."""
    return _KEY.sub(_APART, prose(title, 80))


def _plain_name(repository: Repository) -> str:
    return _REFERENCE.sub(_APART, plain(clipped(repository.name, 80)))


def _counts(move: Move) -> str:
    counts = {
        "fixed": move.fixed,
        "introduced": move.introduced,
        "suppressed": move.suppressed,
        "counted again": move.restored,
    }
    return ", ".join(f"{number:,} {words}" for words, number in counts.items() if number)
