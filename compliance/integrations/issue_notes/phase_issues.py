"""Creates an issue at a forge or in a tracker from a phase of the plan.

The plan isn't changed. The product knows which phase the issue is for, so it writes the phase's progress on
it and compares its state with the records.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count
from django.urls import reverse

from compliance.integrations import delivery, publishing
from compliance.integrations.delivery import Message, NotNeededError, Sender, Sent
from compliance.integrations.issue_notes.figures import figures_of
from compliance.integrations.issue_notes.requests import request
from compliance.integrations.issue_notes.subjects import known_issues, subjects_of
from compliance.integrations.outbound import Content, NewIssue
from compliance.lib import markdown
from compliance.lib.addresses import public_address
from compliance.lib.dates import written
from compliance.lib.field_types import one_line
from compliance.lib.wording import count_of
from compliance.models import Attachment, KnownIssue, OutboxItem, Phase, PhaseIssue, Repository, Violation

MOST_FILES = 30
LONGEST_KIND = 60
USUAL_KIND = "Task"

_KEY = "phase issue"


class PhaseIssueError(Exception):
    """Raised if no issue can be created. The message tells the user why, and what to do."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is written: as Markdown, or as plain text."""

    text: Callable[[str], str]
    code: Callable[[str], str]
    strong: Callable[[str], str]


_MARKDOWN = Style(markdown.prose, markdown.code, lambda text: f"**{text}**")
_PLAIN = Style(markdown.plain, markdown.plain, str)


def targets(repository: Repository) -> list[Attachment]:
    """Return the attachments of a repository with which issues can be created."""
    rows = Attachment.objects.filter(repository=repository).select_related("connection")
    return [row for row in rows if publishing.operation_of(row.connection.provider, publishing.ISSUE)]


def prefixes(repository: Repository) -> list[tuple[str, str]]:
    """Return the prefixes of the places in which an issue can be created, empty for a forge, with labels."""
    found = []
    for row in targets(repository):
        names = [""] if row.kind == Attachment.Kind.FORGE else row.connection.prefixes
        found += [(name, f"{row.connection.name}, {name or row.project}") for name in names]
    return found


def request_issue(phase: Phase, person: User, prefix: str = "", kind: str = USUAL_KIND) -> PhaseIssue:
    """Request an issue for a phase, at the forge or, with a prefix, in the project of a tracker.

    Raises:
        PhaseIssueError: if the phase is closed, if there is an issue already or may be, or if none can be
            created there.
    """
    repository, prefix = phase.issue.repository, prefix.strip().upper()
    found = publishing.attachment_for(repository, prefix, publishing.ISSUE)
    if found is None:
        raise PhaseIssueError(_missing(repository, prefix))
    with transaction.atomic():
        Repository.objects.select_for_update(no_key=True).get(pk=repository.pk)
        phase.refresh_from_db(fields=["closed_at", "in_plan"])
        if problem := closed_words(phase):
            raise PhaseIssueError(problem)
        last = phase.created_issues.first()
        if last and (problem := outcomes(repository, [last])[0].obstacle):
            raise PhaseIssueError(problem)
        row = PhaseIssue.objects.create(
            phase=phase,
            connection=found.connection,
            prefix=prefix,
            kind=one_line(kind.strip() or USUAL_KIND, LONGEST_KIND),
            number=last.number + 1 if last else 1,
            title=_title(phase),
            requested_by=person,
        )
        publishing.publish_issue(repository, f"{_KEY} {row.pk}", NewIssue("", "", prefix, row.kind))
    return row


def closed_words(phase: Phase) -> str:
    """Return why no issue is created from a phase in which nothing is left to do, or an empty string."""
    if not phase.in_plan:
        return f"The plan doesn't contain the phase “{phase.title}” any more, so no issue is created from it."
    if phase.closed_at is None:
        return ""
    return f"“{phase.title}” is closed. An issue can be created from it if it is reopened."


def _missing(repository: Repository, prefix: str) -> str:
    choices = prefixes(repository)
    if not choices:
        return (
            "No connection that can create issues is attached to this repository. Attach one in its settings."
        )
    named = ", ".join(name or "none, for the forge" for name, _ in choices)
    return f"No issue can be created with the prefix “{prefix[:50]}”. The prefixes are: {named}."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request for an issue: the item of the outbox that creates it, if it is still kept, and
    what the tracker has reported about the issue.
    """

    row: PhaseIssue
    item: OutboxItem | None
    known: KnownIssue | None

    @property
    def state(self) -> str:
        """Return the state that the tracker has reported, or an empty string."""
        return self.known.state if self.known else ""

    @property
    def url(self) -> str:
        """Return the address of the issue, or an empty string if it isn't known."""
        return self.row.url or (str(self.known.news.get("url", "")) if self.known else "")

    @property
    def obstacle(self) -> str:
        """Return why no other issue may be created after this request, or an empty string."""
        if self.row.key:
            is_gone = self.state == "deleted"
            return "" if is_gone else f"Issue {self.row.key} was already created from this phase."
        if self.item is None:
            return ""
        if self.item.state in delivery.PENDING:
            return "An issue is already being created from this phase."
        if self.item.state == OutboxItem.State.FAILED or self.item.may_have_arrived:
            return "The last request failed, and may have created an issue. Send it again in the outbox."
        return ""


def outcomes(repository: Repository, rows: Collection[PhaseIssue]) -> list[Outcome]:
    """Return what became of requests for issues in a repository, in two queries for all of them."""
    items = OutboxItem.objects.filter(
        repository=repository, kind=publishing.ISSUE, key__in=[_item_key(row) for row in rows]
    )
    by_key = {item.key: item for item in items.defer("log")}
    known = known_issues(repository, rows)
    return [Outcome(row, by_key.get(_item_key(row)), known.get(row.pk)) for row in rows]


def _item_key(row: PhaseIssue) -> str:
    return f"{publishing.ISSUE} {_KEY} {row.pk}"


class IssueSender:
    """Creates issues. What they say is built from the current records."""

    def build(self, item: OutboxItem) -> Message:
        """Return how an issue is created.

        Raises:
            NotNeededError: if the phase doesn't exist any more or was closed meanwhile, or if the repository
                isn't connected any more.
        """
        row = _row(item)
        if row is None:
            return publishing.Publisher().build(item)
        # What may have been created must be found, so that its key is known.
        if not item.may_have_arrived and (words := closed_words(row.phase)):
            raise NotNeededError(words)
        sender: Sender = publishing.Publisher(partial(_new_issue, row))
        return Message(partial(_create, sender.build(item), row))


def _row(item: OutboxItem) -> PhaseIssue | None:
    """Return the request that an item is for, or None if it is for none."""
    start = f"{publishing.ISSUE} {_KEY} "
    if not item.key.startswith(start):
        return None
    rows = PhaseIssue.objects.select_related(
        "phase__issue__repository__plan", "phase__issue__repository__head"
    )
    row = rows.filter(pk=item.key.removeprefix(start)).first()
    if row is None:
        raise NotNeededError("The phase does not exist any more.")
    return row


def _create(message: Message, row: PhaseIssue) -> Sent:
    sent = message.send()
    repository = row.phase.issue.repository
    found = publishing.attachment_for(repository, row.prefix, publishing.ISSUE)
    key = sent.remote_id if row.prefix else f"#{sent.remote_id}"
    url = publishing.issue_url(found, repository, sent.remote_id) if found else ""
    PhaseIssue.objects.filter(pk=row.pk).update(key=key[:200], url=url[:1000])
    request(repository, f"{key} was created from a phase")
    return sent


def _new_issue(row: PhaseIssue, _: OutboxItem) -> Content:
    return write_issue(row.phase, row.prefix, row.kind)


def write_issue(phase: Phase, prefix: str = "", kind: str = USUAL_KIND) -> NewIssue:
    """Return the issue for a phase, with its current figures and the files that have most of what is left."""
    repository = phase.issue.repository
    url = public_address(reverse("phase", args=[repository.slug, phase.key]))
    link = markdown.link("Progress, files and history of this phase", url)
    parts = _parts(phase, _MARKDOWN)
    return NewIssue(
        title=_title(phase),
        body="\n\n".join([*parts, link]),
        prefix=prefix,
        kind=kind,
        plain="\n\n".join(_parts(phase, _PLAIN)),
        url=url,
    )


def _title(phase: Phase) -> str:
    return f"{markdown.plain(phase.title)} ({markdown.plain(phase.issue.repository.name)})"


def _parts(phase: Phase, style: Style) -> list[str]:
    issue, repository = phase.issue, phase.issue.repository
    about = (
        f"Phase {style.strong(style.text(phase.title))} of {style.code(issue.key)} {style.text(issue.title)}"
    )
    parts = [f"{about}, in the migration plan of {style.text(repository.name)}."]
    figures = figures_of(repository, subjects_of(repository, [issue.key])).get(issue.key)
    own = next((one for one in figures.phases if one.key == phase.key), None) if figures else None
    if own:
        left = f"{count_of(own.left, 'violation')} left in {count_of(own.files, 'file')}"
        parts.append(style.strong(f"{left}, {own.fixed:,} fixed since the baseline."))
    if phase.due:
        expected = f" Forecast: {style.text(own.expected)}." if own and own.expected else ""
        parts.append(f"Due on {written(phase.due)}.{expected}")
    if own and own.left:
        lines = [f"- {style.code(path)}: {number:,}" for path, number in _files(phase)]
        if (more := own.files - len(lines)) > 0:
            lines.append(f"- and {count_of(more, 'more file')} on the page of the phase")
        parts += ["Files with the most violations:", "\n".join(lines)]
    return parts


def _files(phase: Phase) -> list[tuple[str, int]]:
    """Return the files with most of the violations that are left in a phase, and their numbers."""
    open_ones = Violation.objects.filter(last__isnull=True, suppressed=False, phases__contains=[phase.key])
    counted = open_ones.filter(plan=phase.issue.repository.plan_id).values_list("file__path")
    return list(counted.annotate(number=Count("pk")).order_by("-number", "file__path")[:MOST_FILES])
