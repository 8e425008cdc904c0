"""The one line that a forge shows for a check, and the annotations that GitHub shows at lines."""

from collections.abc import Iterator, Sequence

from django.db.models import Case, Q, QuerySet, Value, When

from compliance.integrations.outbound import Annotation, StatusState
from compliance.lib.markdown import plain
from compliance.lib.wording import count_of, noun_for
from compliance.models import COUNT_COLUMNS, CheckFinding, PullRequestCheck, Risk
from compliance.models.risk import risk_rank
from compliance.pull_requests.verdict import Level, Policy, Suppressions, overridden

Kind = CheckFinding.Kind
State = PullRequestCheck.State

MOST_ANNOTATIONS = 200
"""Number of annotations, for which GitHub needs four requests."""

STATES = {
    State.PENDING: StatusState.PENDING,
    State.PASSED: StatusState.SUCCESS,
    State.FAILED: StatusState.FAILURE,
    State.ERROR: StatusState.ERROR,
}

BROUGHT = Q(kind=Kind.NEW) | Q(kind=Kind.RESTORED, ran_out=False)
"""The findings that count as new: new ones, and those whose suppression comment was removed."""


TOGETHER = Q(kind=Kind.TOGETHER, in_other=False)
"""What the target's newer commits cause together with the head."""

ELSEWHERE = Q(kind=Kind.TOGETHER, in_other=True)
"""What a head that has been merged causes together with the heads of other pull requests."""

HIDDEN = (Kind.SUPPRESSED, Kind.MOVED_OUT)
"""What a head takes out of the figures without fixing it."""


def describe(check: PullRequestCheck, policy: Policy) -> str:
    """Return the line, such as `2 new violations, 1 blocks`. Texts of others are in it as they are."""
    if check.state == State.PENDING:
        return "Waiting to be compared with the target branch"
    if check.state == State.ERROR:
        return f"Not judged: {check.reason}"
    if check.state == State.PASSED and check.overridden_at:
        return overridden(check.overridden_by_name, check.override_reason)
    number = brought(check)
    parts = [count_of(number, "new violation") if number else "No new violations"]
    if check.blocking:
        parts.append(f"{check.blocking:,} {noun_for(check.blocking, 'blocks', 'block')}")
    if check.waived:
        parts.append(f"{check.waived:,} waived")
    is_silent = policy.suppressions == Suppressions.ALLOW
    suppressed, moved_out = (0 if is_silent else counted(check, kind) for kind in HIDDEN)
    if suppressed:
        parts.append(f"{suppressed:,} suppressed by comments")
    if moved_out:
        parts.append(f"{moved_out:,} moved to where the plan doesn't count them")
    if together := counted(check, Kind.TOGETHER):
        parts.append(f"{together:,} only together with newer commits")
    if elsewhere := check.findings.filter(heeded(ELSEWHERE, policy)).count():
        parts.append(f"{elsewhere:,} in other pull requests")
    if check.fixed:
        parts.append(f"{check.fixed:,} fixed")
    warned = check.state == State.PASSED and number > check.waived
    return ", ".join(parts) + (f" (policy: {Level.WARN})" if warned else "")


def heeded(kinds: Q, policy: Policy) -> Q:
    """Return the condition for findings of these kinds that the policy doesn't ignore because of their
    risk.
    """
    ignored = [risk for risk in Risk.values if policy.level_of(risk) == Level.OFF]
    return kinds & ~Q(risk__in=ignored) if ignored else kinds


def counted(check: PullRequestCheck, kind: Kind) -> int:
    """Return the number of findings of one kind other than new and restored ones, without those of ignored
    risks.
    """
    number: int = getattr(check, COUNT_COLUMNS[kind])
    return number - int(check.ignored.get(kind, 0))


def brought(check: PullRequestCheck) -> int:
    """Return the number of violations that count as new, without those of ignored risks."""
    return check.new + check.restored - check.uncounted


def annotations(check: PullRequestCheck, policy: Policy) -> tuple[Annotation, ...]:
    """Return what is shown at the lines of a head, what blocks first."""
    kinds = BROUGHT | TOGETHER
    if policy.suppressions != Suppressions.ALLOW:
        kinds |= Q(kind__in=HIDDEN)
    return tuple(map(_annotation, in_order(check, heeded(kinds, policy))[:MOST_ANNOTATIONS]))


def in_order(check: PullRequestCheck, kinds: Q) -> QuerySet[CheckFinding]:
    """Return findings of these kinds: what blocks first, and the highest risk first."""
    first = Case(When(is_blocking=True, then=Value(0)), default=Value(1))
    found = check.findings.filter(kinds).select_related("waiver", "other")
    return found.order_by(first, risk_rank("risk"), "path", "line", "id")


def _annotation(found: CheckFinding) -> Annotation:
    level = "failure" if found.is_blocking else "notice" if found.kind in HIDDEN else "warning"
    title = f"{'Suppressed: ' if found.kind == Kind.SUPPRESSED else ''}{found.rule}"
    return Annotation(
        path=found.path,
        line=found.line,
        level=level,
        title=plain(title) or "SSOT compliance",
        message=plain(". ".join(_sentences(found))) or plain(title),
        details=found.patch,
    )


def _sentences(found: CheckFinding) -> Iterator[str]:
    yield found.message.rstrip(".")
    if found.kind == Kind.TOGETHER:
        yield "Only once this is merged, with the line as it is then"
    yield from map(str.capitalize, remarks(found))


def remarks(found: CheckFinding) -> Sequence[str]:
    """Return what else is to be said about a finding."""
    said = [f"{found.risk} risk"] if found.risk else []
    if found.is_blocking:
        said.append("blocks")
    if found.is_locked:
        said.append("the file was clean before")
    if found.kind == Kind.RESTORED:
        said.append("no longer suppressed")
    if found.waiver:
        said.append("covered by a waiver")
    return said
