"""Evaluates ideas with the engine: one scan of the revision under a plan that has all their rules."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scanner.engine.cache import Store
from scanner.engine.walker import Walker
from scanner.git.batch import Missing
from scanner.git.repository import Repository
from scanner.model import Finding, RepoPath, percent
from scanner.planfile import PlanError, read_plan
from scanner.proposals.model import (
    Candidate,
    EarlierUse,
    Idea,
    PastUse,
    Place,
    ProposedRule,
    is_nearly_over,
)
from scanner.proposals.naming import NOTHING, REMOVED, above
from scanner.proposals.rule_lines import rule_line
from scanner.proposals.survey import PRODUCTION, Layout, Survey
from scanner.wording import counted

LONGEST_CODE = 160
_EXAMPLES = 3
_MANY_TESTS = 3
_MANY_EARLIER = 5
MOST_IDEAS = 60
"""Maximum number of ideas whose rules are evaluated."""

_PORTION = 120
"""Number of files that are read between two reports of progress, enough for several processes."""

_LEAST_PLACES = 3
_FAR_MORE = 10
"""How many times as many files with uses as in production there are in tests if these count."""
_AT_DEFINITION = frozenset({"definition"})


@dataclass(frozen=True, slots=True)
class Scanned:
    """The findings of each rule, and the number of readable files in each category."""

    by_rule: Mapping[str, list[Finding]]
    category_files: Mapping[str, int]


def without_repeats(ideas: Iterable[Idea]) -> list[Idea]:
    """Return ideas without those whose names another idea has, too, be it by the module that they are in."""
    every = list(ideas)
    symbols = [_symbols(idea) for idea in every]

    def repeats(number: int, other: int) -> bool:
        mine, theirs = symbols[number], symbols[other]
        return _covers(theirs, mine) and (other < number or not _covers(mine, theirs))

    return [
        idea
        for number, idea in enumerate(every)
        if not any(other != number and repeats(number, other) for other in range(len(every)))
    ]


def _covers(some: Collection[str], others: Collection[str]) -> bool:
    """Return whether all the others are among some names, or in modules that are."""
    return bool(others) and all(any(name in some for name in (each, *above(each))) for each in others)


def _symbols(idea: Idea) -> frozenset[str]:
    """Return the names that an idea's rules look for; empty if they look for anything else."""
    if any(rule.kind != "deprecated-symbol" for rule in idea.rules):
        return frozenset()
    return frozenset(symbol for rule in idea.rules for symbol in rule.options["symbols"])


def promising(ideas: Iterable[Idea], survey: Survey) -> list[Idea]:
    """Return at most `MOST_IDEAS` ideas: those whose names are imported most often, in the given order.

    This bounds the time of a scan, which grows with the number of rules. Ideas that detectors have counted
    themselves, such as idioms, always stay.
    """
    every = list(ideas)
    ordered = sorted(range(len(every)), key=lambda index: (-_imported(every[index], survey), index))
    kept = frozenset(ordered[:MOST_IDEAS])
    return [idea for index, idea in enumerate(every) if index in kept]


def _imported(idea: Idea, survey: Survey) -> float:
    """Return how often the names of an idea are imported, from any module; infinite if its detector knows."""
    if not idea.own_paths:
        return math.inf
    symbols = {symbol for rule in idea.rules for symbol in rule.options.get("symbols", ())}
    names = {name for rule in idea.rules for name in rule.options.get("names", ())}
    names |= {symbol.rpartition(".")[2] for symbol in symbols}
    known = sum(survey.names[name] for name in names)
    past = idea.past.files if idea.past else 0
    return max(known, past, *(survey.past.now.files[symbol] for symbol in symbols))


def with_unique_ids(ideas: Sequence[Idea]) -> list[Idea]:
    """Return ideas whose rules have ids that are unique in a plan with all of them."""
    taken: Counter[str] = Counter()
    made = []
    for idea in ideas:
        rules = []
        for rule in idea.rules:
            taken[rule.id] += 1
            number = taken[rule.id]
            rules.append(replace(rule, id=f"{rule.id}-{number}") if number > 1 else rule)
        made.append(replace(idea, rules=tuple(rules)))
    return made


def valid(ideas: Sequence[Idea], head: Sequence[str]) -> list[Idea]:
    """Return the ideas whose rules the plan format accepts; a module may have a name that none can have."""
    if _is_valid([rule for idea in ideas for rule in idea.rules], head):
        return list(ideas)
    return [idea for idea in ideas if _is_valid(idea.rules, head)]


def _is_valid(rules: Sequence[ProposedRule], head: Sequence[str]) -> bool:
    try:
        read_plan("\n".join([*head, "rules:", *(rule_line(rule.entry()) for rule in rules)]), "proposal")
    except PlanError:
        return False
    return True


def scan(
    repository: Repository,
    sha: str,
    head: Sequence[str],
    ideas: Sequence[Idea],
    *,
    store: Store | None,
    processes: int,
    watch: Callable[[int, int], None],
) -> Scanned:
    """Return the findings of all rules of all ideas. `watch` receives how many files were read, and how many
    there are.

    The uses of replacements, which a scan counts as well, don't matter here, but would take long to read.
    """
    rules = (replace(rule, replacement="").entry() for idea in ideas for rule in idea.rules)
    plan = read_plan("\n".join([*head, "rules:", *map(rule_line, rules)]), "proposal")
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    with Walker(repository, plan, store, processes) as walker:
        wanted = walker.wanted(None, sha)
        for begin in range(0, len(wanted), _PORTION):
            watch(begin, len(wanted))
            walker.read(wanted[begin : begin + _PORTION])
        visit = next(walker.walk([sha]))
        for result in visit.files.notable.values():
            for finding in result.violations:
                by_rule[finding.rule].append(finding)
        return Scanned(by_rule, dict(visit.tally.category_files))


def candidate(idea: Idea, scanned: Scanned, survey: Survey) -> Candidate | None:
    """Return an idea with its figures, or None if nothing but the definition of the old name is left."""
    layout = survey.layout
    found = [(rule, finding) for rule in idea.rules for finding in scanned.by_rule.get(rule.id, ())]
    uses = [(rule, each) for rule, each in found if each.role not in _AT_DEFINITION]
    group = _counted_group(idea, [each for _, each in uses])
    groups = _categories_of(group, layout)
    counted_uses = [(rule, each) for rule, each in uses if each.category in groups]
    earlier = idea.past.of(group) if idea.past else None
    if not _is_over(earlier, [each for _, each in counted_uses]) and (
        not uses or not _is_worth_it(idea, [each for _, each in uses])
    ):
        return None
    files = sum(scanned.category_files.get(name, 0) for name in groups)
    dirty = {each.path for _, each in found if each.category in groups}
    fixable = sum(each.role in rule.fixable for rule, each in counted_uses)
    return Candidate(
        key=idea.key,
        title=idea.title,
        why=idea.why_with(len(counted_uses)),
        evidence=idea.evidence.name.lower(),
        rules=tuple(
            rule.entry() for rule in idea.rules if rule.id in scanned.by_rule or idea.past is not None
        ),
        counted=groups,
        places=len(uses),
        files=len({each.path for _, each in uses}),
        production_places=sum(each.category == PRODUCTION for _, each in uses),
        percent=percent(files - len(dirty), files),
        fixable=fixable,
        fix_note=_fix_note(fixable, len(counted_uses)),
        examples=_examples(idea, [each for _, each in uses], groups),
        earlier=earlier,
        counted_places=len(counted_uses),
        counted_files=len({each.path for _, each in counted_uses}),
        definition_files=len(dirty - {each.path for _, each in counted_uses}),
        replaced_in=_replaced_in(idea, survey),
    )


def _counted_group(idea: Idea, uses: Sequence[Finding]) -> str:
    """Return the group of categories whose files make the percentage: production, unless (nearly) all uses
    are, or were, in tests. There, a percentage of production would say nothing.
    """
    if idea.counted:
        return idea.counted
    past = idea.past or PastUse()
    used = {"production": {each.path for each in uses if each.category == PRODUCTION}}
    used["tests"] = {each.path for each in uses if each.category != PRODUCTION}
    most = {}
    for group, paths in used.items():
        earlier = past.of(group)
        most[group] = max(len(paths), earlier.files if earlier else 0)
    return "tests" if _FAR_MORE * most["production"] < most["tests"] else "production"


def _categories_of(group: str, layout: Layout) -> tuple[str, ...]:
    if group == "tests":
        return tuple(name for name in layout.categories if name != PRODUCTION)
    return (PRODUCTION,)


def _replaced_in(idea: Idea, survey: Survey) -> str:
    if idea.new and (idea.new in survey.modules or survey.defines(idea.new)):
        return "repository"
    return "" if idea.title.endswith((f"→ {REMOVED}", f"→ {NOTHING}")) else "elsewhere"


def without_same_places(ideas: Iterable[Idea], scanned: Scanned) -> list[Idea]:
    """Return ideas without those that report exactly the places of one before them: aliases of one name."""
    seen: set[frozenset[tuple[str, int, int]]] = set()
    kept = []
    for idea in ideas:
        places = frozenset(
            (each.path, each.line, each.column)
            for rule in idea.rules
            for each in scanned.by_rule.get(rule.id, ())
            if each.role not in _AT_DEFINITION
        )
        if not places or places not in seen:
            kept.append(idea)
        seen.add(places)
    return kept


def _is_over(earlier: EarlierUse | None, uses: Sequence[Finding]) -> bool:
    """Return whether an idea is a migration that has (nearly) ended, and was large enough to look back at."""
    files = len({each.path for each in uses})
    return earlier is not None and earlier.files >= _MANY_EARLIER and is_nearly_over(earlier, files)


def _is_worth_it(idea: Idea, uses: Sequence[Finding]) -> bool:
    """Return whether an old name is used in production, outside its own module, or in several tests.

    What only its own tests use, or packages hand on, can simply be deleted, so there is nothing to migrate. A
    single use of a name that Python has replaced is usually the branch for its older versions.
    """
    if not idea.own_paths:
        return len(uses) >= _LEAST_PLACES
    if not any(each.path in idea.own_paths or _is_bound(each) for each in uses):
        return False
    outside = [each for each in uses if not _hands_on(each)]
    in_production = any(each.category == PRODUCTION and each.path not in idea.own_paths for each in outside)
    return in_production or len({each.path for each in outside}) >= _MANY_TESTS


def _is_bound(use: Finding) -> bool:
    """Return whether a finding is an import, or reaches the name through a module or an object.

    A bare name that its file doesn't bind, such as one in a quoted annotation, may mean any definition.
    """
    last = use.symbol.rpartition(".")[2]
    return (
        use.role in {"import", "unused-import", "re-export", "string", "match"} or f".{last}" in use.snippet
    )


def _hands_on(use: Finding) -> bool:
    """Return whether a finding only makes a name part of a package's interface."""
    is_import = use.role in {"import", "unused-import"} and use.path.endswith("__init__.py")
    return use.role == "re-export" or is_import


def _fix_note(fixable: int, places: int) -> str:
    if not places:
        return "No place is left."
    if not fixable:
        return "No place can be rewritten automatically; each gets a guide."
    return (
        f"Up to {counted(fixable, 'place')} of {places:,} can be rewritten; how many exactly is known "
        "once the patches are made: each is checked to compile, to fix its findings and to add none."
    )


def _examples(idea: Idea, uses: Sequence[Finding], groups: Collection[str]) -> tuple[Place, ...]:
    """Return up to three places in different files: those that count first, and where something is done
    rather than imported.
    """
    dull = {"import": 1, "unused-import": 1, "re-export": 2, "string": 2}
    ordered = sorted(
        uses,
        key=lambda each: (
            each.path in idea.own_paths,
            each.category not in groups,
            dull.get(each.role, 0),
            each.path,
            each.line,
        ),
    )
    chosen: dict[str, Finding] = {}
    for each in ordered:
        chosen.setdefault(each.path, each)
    rest = [each for each in ordered if chosen[each.path] is not each]
    picked = [*chosen.values(), *rest][:_EXAMPLES]
    return tuple(Place(each.path, each.line, each.snippet[:LONGEST_CODE]) for each in picked)


def with_source_lines(found: Candidate, repository: Repository, sha: str) -> Candidate:
    """Return a candidate whose examples have the whole source line."""
    examples = []
    for place in found.examples:
        content = repository.content(sha, RepoPath(place.path))
        lines = [] if isinstance(content, Missing) else content.decode("utf-8", "replace").splitlines()
        code = lines[place.line - 1].strip() if place.line <= len(lines) else place.code
        examples.append(replace(place, code=code[:LONGEST_CODE]))
    return replace(found, examples=tuple(examples))
