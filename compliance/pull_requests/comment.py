"""The comment on a pull request: what its newest head adds, compared with which commit, and what to do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from compliance.lib.markdown import block, code, link, prose
from compliance.lib.wording import count_of, noun_for
from compliance.models import CheckFinding, PullRequestCheck
from compliance.pull_requests.policy import policy_sentences
from compliance.pull_requests.status_line import (
    BROUGHT,
    ELSEWHERE,
    HIDDEN,
    TOGETHER,
    Kind,
    State,
    brought,
    counted,
    describe,
    heeded,
    in_order,
    remarks,
)
from compliance.pull_requests.verdict import Policy, Suppressions

MOST_PLACES = 20
MOST_NOTES = 5
MOST_PATCHES = 3
_MOST_PATCH_LINES = 60
_LONGEST_PATCH = 3_000
_LONGEST_LISTS = 18_000
"""Number of characters after which no more places are listed. Bitbucket permits 32,768 for all."""

_LONGEST_URL = 500
_RULE = "<rule-id>"


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses: of the check's page, of that of another pull request, and of a line of the head if that is
    known.
    """

    page: str
    page_of: Callable[[int], str]
    line: Callable[[str, int], str] | None


def is_reportable(check: PullRequestCheck, policy: Policy) -> bool:
    """Return true if there is something to report, for which a comment is created."""
    is_silent = policy.suppressions == Suppressions.ALLOW
    if brought(check) or (not is_silent and any(counted(check, kind) for kind in HIDDEN)):
        return True
    together = heeded(Q(kind=Kind.TOGETHER), policy)
    return check.findings.filter(together | Q(is_blocking=True)).exists()


def write_comment(check: PullRequestCheck, policy: Policy, links: Links) -> str:
    """Return the comment's text, in Markdown."""
    if check.state == State.ERROR or is_reportable(check, policy):
        return write_summary(check, policy, links)
    return _joined(f"### {_title(check)}: resolved", [_resolved(check)], check, policy, links)


def write_summary(check: PullRequestCheck, policy: Policy, links: Links) -> str:
    """Return what there is to report about a head, in Markdown."""
    parts = [f"**{prose(describe(check, policy), 300)}**"]
    if check.state == State.FAILED and check.reason:
        parts.append(prose(check.reason, 600))
    parts += _lists(check, policy, links)
    return _joined(f"### {_title(check)}", parts, check, policy, links)


def _joined(heading: str, parts: Sequence[str], check: PullRequestCheck, policy: Policy, links: Links) -> str:
    end = [*_notes(check), *_basis(check, policy), link("All details", links.page)]
    return "\n\n".join([heading, *parts, *end])


def _title(check: PullRequestCheck) -> str:
    return f"SSOT compliance of {prose(check.repository.name, 100)}"


def write_departure(check: PullRequestCheck) -> str:
    """Return the text of the comment on a pull request that targets another branch now."""
    branch = code(check.repository.branch)
    words = f"This pull request no longer targets {branch}, so it isn't checked any more."
    return f"### {_title(check)}: not checked\n\n{words}"


def write_silence(check: PullRequestCheck, policy: Policy, links: Links) -> str:
    """Return the text of a comment that is no longer updated, because the policy was changed."""
    words = (
        "This repository's policy for pull requests is off, so this one isn't checked any more."
        if policy.is_off
        else "This repository's policy doesn't want comments any more. The verdict is in the commit's status."
    )
    heading = f"### {_title(check)}: {'not checked' if policy.is_off else 'no longer updated'}"
    return "\n\n".join([heading, words, link("All details", links.page)])


def _resolved(check: PullRequestCheck) -> str:
    fixed = f" It fixes {count_of(check.fixed, 'violation')}." if check.fixed else ""
    return f"Nothing that was reported here is left at {code(check.head_sha[:12])}.{fixed}"


def _lists(check: PullRequestCheck, policy: Policy, links: Links) -> list[str]:
    def first(kinds: Q, most: int = MOST_NOTES) -> list[CheckFinding]:
        return list(in_order(check, heeded(kinds, policy))[:most])

    together, elsewhere = first(TOGETHER), first(ELSEWHERE)
    is_silent = policy.suppressions == Suppressions.ALLOW
    hidden, gone = ([] if is_silent else first(Q(kind=kind)) for kind in HIDDEN)
    others = len(together) + len(elsewhere) + len(hidden) + len(gone)
    new = first(BROUGHT, MOST_PLACES - others)
    parts = _section("New violations", new, brought(check), links)
    parts += _section("Only together with newer commits", together, counted(check, Kind.TOGETHER), links)
    number = check.findings.filter(heeded(ELSEWHERE, policy)).count()
    parts += _section("In other pull requests, only together with this one", elsewhere, number, links)
    parts += _section("Suppressed by this pull request", hidden, counted(check, Kind.SUPPRESSED), links)
    moved_out = counted(check, Kind.MOVED_OUT)
    parts += _section("Moved to where the plan doesn't count them", gone, moved_out, links)
    doubts = list(in_order(check, Q(kind=Kind.DOUBT))[:MOST_NOTES])
    parts += _section("Could not be judged", doubts, check.doubts, links)
    parts += _patches(new, links)
    return [*parts, *_advice(new, policy)] if new else parts


def _section(title: str, found: Sequence[CheckFinding], number: int, links: Links) -> list[str]:
    """Return a heading and a list of places, or nothing."""
    if not found:
        return []
    lines: list[str] = []
    for one in found:
        lines.append(_place(one, links))
        if sum(map(len, lines)) > _LONGEST_LISTS // (1 if title == "New violations" else 4):
            break
    if (more := number - len(lines)) > 0:
        lines.append(f"- {link(f'and {more:,} more', links.page)}")
    return [f"**{title}**", "\n".join(lines)]


def _place(found: CheckFinding, links: Links) -> str:
    place = f"{found.path}:{found.line}" if found.line else found.path
    # Its line is that of the merged tree, which the forge doesn't have.
    is_shared = found.kind == Kind.TOGETHER
    url = links.line(found.path, found.line) if links.line and found.line and not is_shared else ""
    said = [link(code(place), url if len(url) <= _LONGEST_URL else "")]
    if found.rule:
        said.append(code(found.rule))
    words = " ".join(said)
    if found.message:
        words += f": {prose(found.message, 300)}"
    if found.reason:
        words += f" (reason: {prose(found.reason, 200)})"
    if is_shared:
        words += f" ({_cause(found, links)})"
    more = remarks(found)
    return f"- {words}" + (f" ({', '.join(more)})" if more else "")


def _cause(found: CheckFinding, links: Links) -> str:
    """Say together with what a finding breaks."""
    other = found.other
    pull = link(f"pull request {other.number}", links.page_of(other.number)) if other else ""
    commit = code(found.cause_sha[:12]) if found.cause_sha else ""
    if found.in_other:
        return f"in {pull}" + (f", since {commit}" if commit else "")
    if pull:
        return f"with {pull}" + (f", which is {commit}" if commit else "")
    return f"with {commit}" if commit else "it is not known with which one"


def _patches(found: Iterable[CheckFinding], links: Links) -> list[str]:
    """Return the first patches that are short enough."""
    parts: list[str] = []
    patched: dict[tuple[str, str], list[CheckFinding]] = {}
    for one in found:
        if one.patch:
            patched.setdefault((one.path, one.patch), []).append(one)
    shown = 0
    for (_, patch), fixed in patched.items():
        is_short = len(patch) <= _LONGEST_PATCH and patch.count("\n") <= _MOST_PATCH_LINES
        if is_short and shown < MOST_PATCHES:
            title = f"Patch for {_places(fixed)}, checked to compile and to add no violation:"
            parts += [title, block(patch, "diff")]
            shown += 1
    if more := len(patched) - shown:
        words = f"{'There are more patches' if shown else 'There are patches'} ({more:,})"
        parts.append(f"{words} on {link('the page of this pull request', links.page)}.")
    return parts


def _places(found: Sequence[CheckFinding]) -> str:
    """Return the places that a patch fixes. All are in one file."""
    words = code(f"{found[0].path}:{found[0].line}")
    more = sorted({one.line for one in found} - {found[0].line})
    if not more:
        return words
    return f"{words} and {noun_for(len(more), 'line')} {', '.join(map(str, more))}"


def _advice(found: Sequence[CheckFinding], policy: Policy) -> list[str]:
    """Say how a violation is kept."""
    rule = next((one.rule for one in found if one.rule), _RULE)
    allowed = {
        Suppressions.BLOCK: "The policy of this repository blocks new comments of this kind.",
        Suppressions.WARN: "The comment is listed here, but doesn't block.",
        Suppressions.ALLOW: "",
    }[policy.suppressions]
    words = (
        "To keep a violation, give the reason in a comment at the end of its line, or on the line before the "
        "statement; `until=YYYY-MM-DD` before `because` lets it end. "
        f"{allowed}"
    )
    return [words.rstrip(), block(f"# ssot: ignore[{rule}] because <reason>", "python")]


def _notes(check: PullRequestCheck) -> list[str]:
    return [f"- {prose(str(note), 400)}" for note in check.notes[:MOST_NOTES]]


def _basis(check: PullRequestCheck, policy: Policy) -> list[str]:
    """Say what the head was compared with and why, and which policy applies."""
    parts = []
    if check.base_sha:
        base, head = code(check.base_sha[:12]), code(check.head_sha[:12])
        reason = f": {prose(check.base_reason, 300)}" if check.base_reason else ""
        parts.append(f"{head} was compared with {base}{reason}".rstrip(".") + ".")
    return [*parts, f"Policy: {' '.join(policy_sentences(policy))}"]
