"""Reads the issues in a plan file: phases with the criteria that close them, and steps."""

from collections.abc import Callable
from typing import Any, cast

from scanner.model import RISKS, Risk
from scanner.plan import Criterion, IssueSpec, PhaseSpec, StepSpec
from scanner.planfile.description import CRITERION, ISSUE, PHASE, STEP, STEP_RISKS
from scanner.planfile.fields import KEY, PRIORITY, ROLE, TITLE, URL, Entry
from scanner.planfile.rules import Known


def issue_keys(entry: Entry) -> tuple[str, ...]:
    """Return the keys of the issues.

    They are read before anything else, because rules may refer to them.
    """
    quiet = Entry(entry.node, entry.key, entry.file, [])
    return tuple(
        key.node.value
        for item in (quiet.items() if quiet.tag == "seq" else ())
        if (key := item.pairs().get("key")) and key.tag == "str"
    )


def read_issues(entry: Entry, known: Known) -> tuple[IssueSpec, ...]:
    """Return all issues in the plan, with unique keys and with phase ids that are unique in the plan."""
    issues = []
    keys: dict[str, int] = {}
    phases: dict[str, int] = {}
    for item in entry.items("a list of issues"):
        found = item.fields(*ISSUE.names())
        key = _key(found["key"]) if "key" in found else ""
        if key:
            _once(found["key"], "key", key, keys)
        issues.append(
            IssueSpec(
                key=key,
                title=found.read("title", _title, ""),
                url=found.read("url", _url, ""),
                priority=found.read("priority", lambda e: e.line(PRIORITY), ""),
                rules=found.read("rules", known.take_rules, ()),
                paths=found.read("paths", Entry.path_globs, ()),
                phases=found.read("phases", lambda e: _phases(e, known, phases), ()),
                steps=found.read("steps", _steps, ()),
            )
        )
    return tuple(issues)


def _key(entry: Entry) -> str:
    """Return an issue's key as the tracker writes it, for example `#12` or `SHOP-12`; empty if it was
    refused.
    """
    if entry.tag == "null":
        entry.refuse(
            'must be the tracker\'s key, but is empty; write it in quotes, as in "#12", '
            "because a bare # begins a comment"
        )
        return ""
    key = entry.line(KEY, "the tracker's key, as text")
    if key != key.strip():
        entry.refuse(f"must not begin or end with a blank; write {key.strip()!r}")
    # Browsers resolve these segments, so no link could lead to the issue's page.
    elif {".", ".."} & set(key.split("/")):
        entry.refuse(f"must not have the path segment `.` or `..`, but is {key!r}")
    return key


def _once(entry: Entry, what: str, word: str, seen: dict[str, int]) -> None:
    if word in seen:
        entry.refuse(f"duplicate {what} `{word}` (first on line {seen[word]})")
    seen.setdefault(word, entry.node.start_mark.line + 1)


def _title(entry: Entry) -> str:
    return entry.bounded(TITLE)


def _url(entry: Entry) -> str:
    url = entry.line(URL, "a web address")
    if url and not url.startswith(("https://", "http://")):
        entry.refuse(f"must begin with https:// or http://, but is {url!r}")
    return url


def _phases(entry: Entry, known: Known, seen: dict[str, int]) -> tuple[PhaseSpec, ...]:
    return tuple(_phase(item, known, seen) for item in entry.items("a list of phases"))


def _phase(entry: Entry, known: Known, seen: dict[str, int]) -> PhaseSpec:
    found = entry.fields(*PHASE.names())
    name = found.read("id", Entry.id, "")
    if name:
        _once(found["id"], "id", name, seen)
    start = found.read("start", Entry.date, None)
    due = found.read("due", Entry.date, None)
    if start and due and due < start:
        found["due"].refuse(f"the due date {due} is before the start {start}")
    risks = found.read("risks", lambda e: e.choices(RISKS, "risk"), ())
    return PhaseSpec(
        id=name,
        title=found.read("title", _title, ""),
        categories=found.read("categories", known.take_categories, ()),
        paths=found.read("paths", Entry.path_globs, ()),
        rules=found.read("rules", known.take_rules, ()),
        roles=found.read("roles", known.take_roles, ()),
        risks=cast("tuple[Risk, ...]", risks),
        start=start,
        due=due,
        criteria=found.read("criteria", lambda e: _criteria(e, known), ()),
    )


def _criteria(entry: Entry, known: Known) -> tuple[Criterion, ...]:
    criteria = (_criterion(item, known) for item in entry.items("a list of criteria"))
    return tuple(criterion for criterion in criteria if criterion)


def _criterion(entry: Entry, known: Known) -> Criterion | None:
    kind_entry = entry.pairs().get("kind") if entry.tag == "map" else None
    kind = kind_entry.choice(CRITERION.variants, "criterion") if kind_entry else ""
    if not kind:
        if not kind_entry:
            entry.refuse("must be a mapping with the key `kind`")
        return None
    readings: dict[str, Callable[[Entry], Any]] = {
        "max": Entry.count if kind == "violations" else Entry.number,
        "min": (lambda e: e.number(0, 100)) if kind == "compliance" else Entry.number,
        "suite": lambda e: e.choice(known.suites, "suite"),
        "expect": lambda e: e.choice(("pass", "fail"), "expectation"),
        "at_least": Entry.count,
        "name": Entry.id,
        "role": lambda e: e.line(ROLE),
        "accept_waivers": Entry.flag,
    }
    found = entry.fields(*CRITERION.names(kind))
    if kind == "measurement" and not found.keys() & {"min", "max"}:
        entry.refuse("a measurement needs `max` or `min`")
    options = {key: readings[key](value) for key, value in found.items() if key != "kind"}
    if kind == "tests":
        options.setdefault("expect", "pass")
    return Criterion(kind, options)


def _steps(entry: Entry) -> tuple[StepSpec, ...]:
    return tuple(map(_step, entry.items("a list of steps")))


def _step(entry: Entry) -> StepSpec:
    found = entry.fields(*STEP.names())
    if entry.tag == "map" and not found.keys() & {"defines", "clean"}:
        entry.refuse("a step needs `defines` or `clean`, which show that it is done")
    return StepSpec(
        title=found.read("title", _title, ""),
        risk=found.read("risk", lambda e: e.choice(STEP_RISKS, "risk"), ""),
        defines=found.read("defines", Entry.dotted, ""),
        clean=found.read("clean", Entry.path_globs, ()),
    )
