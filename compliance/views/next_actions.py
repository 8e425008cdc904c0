"""Who must act in a repository, and what they must do: the most urgent actions of the overview."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.http import urlencode

from compliance.accounts.roles import Role, may
from compliance.lib.wording import count_of, join_names, noun_for
from compliance.models import Job, Repository
from compliance.progress.regressions import ACTIVE_WEEKS
from compliance.queries.unclaimed import MOST_FILES, PhaseFiles, unclaimed_files
from compliance.scans.owners import owners_of

MOST_PHASES = 3
"""The number of phases at most that are named, most urgent first."""
MOST_OWNERS = 3
MOST_SUBJECT = 60
_BEHIND = ("late", "at risk")


class NextAction(NamedTuple):
    """An action: who must act, what to do, and the URL of the place to do it. `note` tells more."""

    who: str
    text: str
    url: str
    note: str = ""


def next_actions(
    repository: Repository,
    phases: Sequence[Mapping[str, Any]],
    broken: Sequence[Mapping[str, Any]],
    jobs: Sequence[Job],
    reader: User | AnonymousUser,
) -> list[NextAction]:
    """Return the actions, most urgent first, in one query if a phase is behind.

    `phases` are the rows of the phase chart, and `broken` the newest regressions with the people who must
    act. The repository needs the annotations `offers`, `expiring`, `requested` and `failed_pulls`.
    """
    return [
        *_own(repository),
        *_regressions(repository, broken),
        *_phases_behind(repository, phases),
        *_decisions(repository, phases, reader),
        *_blocked(repository, jobs, reader),
    ]


def _own(repository: Repository) -> Iterator[NextAction]:
    """Yield what only the reader can do."""
    offers, expiring = getattr(repository, "offers", 0), getattr(repository, "expiring", 0)
    work = reverse("my-work", args=[repository.slug])
    if offers:
        yield NextAction("You", f"Answer {count_of(offers, 'offered claim')}", f"{work}#offers")
    if expiring:
        claims = count_of(expiring, "claim")
        verb = "ends" if expiring == 1 else "end"
        yield NextAction("You", f"{claims} of yours {verb} within 3 days", f"{work}#mine")


def _regressions(repository: Repository, broken: Sequence[Mapping[str, Any]]) -> Iterator[NextAction]:
    for row in broken:
        if not row["standing"]:
            continue
        subject = row["subject"] or "(no subject)"
        short = subject if len(subject) <= MOST_SUBJECT else f"{subject[: MOST_SUBJECT - 1]}…"
        url = f"{reverse('violations', args=[repository.slug])}?{urlencode({'commit': row['sha']})}"
        number, note = count_of(row["standing"], "open violation"), f"Regression: {short}"
        if row["precedes_plan"]:
            note = f"From before the plan was activated: {short}"
        if row["responsible"]:
            yield NextAction(_named(row["responsible"]), f"Fix or revert {number}", url, note)
        else:
            left = f"{row['author']} hasn't committed for {ACTIVE_WEEKS} weeks, and "
            note += f"; {'' if row['precedes_plan'] else left}the files have no owner"
            yield NextAction("Nobody yet", f"Assign {number} to somebody", url, note)


def _phases_behind(repository: Repository, phases: Sequence[Mapping[str, Any]]) -> Iterator[NextAction]:
    behind = sorted(
        (row for row in phases if row["state"] in _BEHIND and row["left"]),
        key=lambda row: (_BEHIND.index(row["state"]), row["due"]),
    )
    found = unclaimed_files(repository, [row["key"] for row in behind[:MOST_PHASES]])
    for row in behind[:MOST_PHASES]:
        if files := found.get(row["key"]):
            yield _phase_action(repository, row, files)
    if len(behind) > MOST_PHASES:
        url = reverse("phases", args=[repository.slug])
        more = count_of(len(behind) - MOST_PHASES, "more phase")
        yield NextAction("Engineers", f"{more} late or at risk", url)


def _phase_action(repository: Repository, row: Mapping[str, Any], files: PhaseFiles) -> NextAction:
    query = {"phase": row["key"], **({"who": "nobody"} if files.unclaimed else {})}
    url = f"{reverse('files', args=[repository.slug])}?{urlencode(query)}"
    state = f"{row['title']}: {row['state']}"
    if not files.unclaimed:
        verb = "is" if files.files == 1 else "are"
        return NextAction("Claimants", f"{count_of(files.files, 'file')} left {verb} claimed", url, state)
    owners = owners_of(repository, files.paths)
    who = _named(owners) or "Engineers"
    if owners and files.unclaimed > MOST_FILES:
        state += f"; owners of the {MOST_FILES} files with the most violations"
    left = noun_for(files.files, "file")
    of = "" if files.unclaimed == files.files else f" of {files.files:,}"
    return NextAction(who, f"Claim {files.unclaimed:,}{of} {left} left", url, state)


def _decisions(
    repository: Repository, phases: Sequence[Mapping[str, Any]], reader: User | AnonymousUser
) -> Iterator[NextAction]:
    managers = _role("Managers", Role.MANAGER, reader)
    if requested := getattr(repository, "requested", 0):
        url = f"{reverse('waivers', args=[repository.slug])}#waiting"
        yield NextAction(managers, f"Approve or reject {count_of(requested, 'requested waiver')}", url)
    done = [row for row in phases if row["state"] == "nothing left"]
    for row in done[:MOST_PHASES]:
        url = f"{reverse('phase', args=[repository.slug, row['key']])}#criteria"
        note = f"{row['title']}: nothing left"
        yield NextAction(managers, "Check the criteria that are not met", url, note)
    if len(done) > MOST_PHASES:
        more = count_of(len(done) - MOST_PHASES, "more phase")
        url = reverse("phases", args=[repository.slug])
        yield NextAction(managers, f"{more} with criteria that are not met", url)


def _blocked(
    repository: Repository, jobs: Sequence[Job], reader: User | AnonymousUser
) -> Iterator[NextAction]:
    blocked = getattr(repository, "failed_pulls", 0)
    if blocked and reader.is_authenticated:
        url = f"{reverse('pull-requests', args=[repository.slug])}?verdict=failed"
        text = f"Fix {count_of(blocked, 'blocked pull request')}"
        yield NextAction("Authors", text, url)
    failed = sum(job.state == Job.State.BURIED for job in jobs)
    if failed:
        administrators = _role("Administrators", Role.ADMINISTRATOR, reader)
        url = f"{reverse('scans', args=[repository.slug])}#buried"
        yield NextAction(administrators, f"Run {count_of(failed, 'failed job')} again", url)


def _named(owners: Sequence[str]) -> str:
    """Return the first owners, and how many more there are."""
    if len(owners) > MOST_OWNERS:
        return f"{', '.join(owners[:MOST_OWNERS])} and {len(owners) - MOST_OWNERS} more"
    return join_names(owners)


def _role(plural: str, role: Role, reader: User | AnonymousUser) -> str:
    return f"{plural} (you are one)" if may(reader, role) else plural
