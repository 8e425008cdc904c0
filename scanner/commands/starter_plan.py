"""Writes a starter plan based on two scans: one finds what to migrate, the other finds where it is used."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from scanner.commands import UsageError
from scanner.commands.deprecation_survey import (
    STANDARD_LIBRARY,
    deprecated_definitions,
    exported_names,
    mentions_deprecation,
)
from scanner.commands.inputs import scan_revision
from scanner.commands.repository_survey import (
    Singleton,
    categories,
    doubles,
    excluded,
    singletons,
    source_roots,
)
from scanner.engine.analyzer import MAX_BYTES
from scanner.formats import printable
from scanner.git.batch import Missing
from scanner.git.repository import Repository
from scanner.globs import path_matches
from scanner.model import Finding, RepoPath, decode_path
from scanner.planfile import read_plan
from scanner.wording import counted

_MOST = 20
_WORD = re.compile(rb"[A-Za-z_]\w+")
_NAME = "plan init"
_SINGLETONS = (
    '  - {id: singletons, kind: singleton, risk: critical, message: "One instance shared by all users"}'
)
_ISSUE = (
    "",
    "issues:",
    '  - key: "#1"  # the key in your tracker, and url: its address',
    '    title: "Migrate"',
    "    phases:",
    '      - {id: worst, title: "Worst first", risks: [critical, high]}',
    '      - {id: rest, title: "The rest"}',
)
_DOUBLES = '  - {id: doubles, kind: duplicate-definition, names: ["*"]}'


def write_starter_plan(repository: Repository, sha: str, title: str) -> list[str]:
    """Return the lines of a plan that passes `plan check`; comments explain what was guessed."""
    paths = [decode_path(path) for path, _ in repository.files(sha) if path.endswith(b".py")]
    if not paths:
        raise UsageError(
            f"{repository.git_dir}: has no Python file at {sha[:10]}, so there is nothing to plan"
        )
    head = _head(title, paths)
    found = _findings(repository, sha, [*_production(paths), "rules:", _SINGLETONS, _DOUBLES])
    public, own = _shared(repository, sha, [finding for finding in found if finding.rule == "singletons"])
    shared = len(public) + len(own)
    likely = _most_named(repository, sha, own)
    deprecated = _deprecated(repository, sha, paths)
    uses = _uses(
        repository,
        sha,
        head,
        [*(symbol for one in likely for symbol in one.symbols), *deprecated, *STANDARD_LIBRARY],
    )
    used = sorted((one for one in likely if _of(one, uses)), key=lambda one: (-len(_of(one, uses)), one.path))
    rules = [line for number, one in enumerate(used, start=1) for line in _rule(number, one, _of(one, uses))]
    return [
        *head,
        "",
        "rules:",
        *_deprecations(deprecated, uses),
        f"  # {counted(shared, 'shared instance')} in production; the most used are listed below",
        *_exported(public),
        _SINGLETONS,
        *rules,
        *_doubles([finding for finding in found if finding.rule == "doubles"]),
        *_ISSUE,
    ]


def _head(title: str, paths: Sequence[str]) -> list[str]:
    kinds = categories(paths)
    lines = [
        f"# Based on {len(paths):,} Python files; every line is a guess, so check it.",
        "version: 1",
        f"name: {json.dumps(title)}",
        "target_percent: 95.0",
        "",
        "scope:",
        '  include: ["**/*.py"]',
        f"  exclude: {json.dumps(excluded(paths))}",
        f"  source_roots: {json.dumps(source_roots(paths))}",
        "",
    ]
    if kinds:
        lines += ["categories:  # the first matching category applies; other files are production"]
        lines += [f"  {name}: {json.dumps(globs)}" for name, globs in kinds.items()]
    return [*lines, "compliance_counts: [production]"]


def _production(paths: Sequence[str]) -> list[str]:
    """Return the start of a plan for production files only, because searching for singletons is slow."""
    scope = (
        f"scope: {{exclude: {json.dumps(_aside(paths))}, source_roots: {json.dumps(source_roots(paths))}}}"
    )
    return ["version: 1", f"name: {_NAME}", scope]


def _aside(paths: Sequence[str]) -> tuple[str, ...]:
    """Return globs for everything that isn't production code."""
    return (*excluded(paths), *(glob for globs in categories(paths).values() for glob in globs))


def _findings(repository: Repository, sha: str, lines: Iterable[str]) -> list[Finding]:
    plan = read_plan("\n".join(lines), _NAME)
    return [finding for finding in scan_revision(repository, plan, sha).findings if not finding.suppressed]


def _shared(
    repository: Repository, sha: str, findings: Sequence[Finding]
) -> tuple[list[Singleton], list[Singleton]]:
    """Return the singletons that `__all__` of their module lists and that no function returns, which makes
    them public API, and the others.
    """
    paths: set[str] = {one.path for one in findings}
    contents = {path: _content(repository, sha, path) for path in paths}
    texts = {path: content.decode("utf-8", "replace") for path, content in contents.items()}
    exported = {path: exported_names(content) for path, content in contents.items()}
    public: list[Singleton] = []
    own: list[Singleton] = []
    for one in singletons(findings, texts):
        is_public = not one.has_accessor and one.name in exported[one.path]
        (public if is_public else own).append(one)
    return public, own


def _most_named(repository: Repository, sha: str, shared: Sequence[Singleton]) -> list[Singleton]:
    """Return the singletons that are named in the most files, functions first, without generic names.

    Only these are resolved, because following the names of hundreds of singletons takes minutes.
    """
    spelt: Counter[Singleton] = Counter()
    blobs = [blob for path, blob in repository.files(sha) if path.endswith(b".py")]
    for _, content in repository.blobs(blobs, MAX_BYTES):
        words = frozenset() if isinstance(content, Missing) else frozenset(_WORD.findall(content))
        spelt.update(one for one in shared if any(pair <= words for pair in one.words))
    return sorted(shared, key=lambda one: (not one.has_accessor, -spelt[one], one.path))[:_MOST]


def _uses(repository: Repository, sha: str, head: Sequence[str], symbols: Iterable[str]) -> list[Finding]:
    """Return every use of the symbols, excluding their definitions."""
    rule = f"  - {{id: uses, kind: deprecated-symbol, symbols: {json.dumps(sorted(set(symbols)))}}}"
    return [
        finding
        for finding in _findings(repository, sha, [*head, "rules:", rule])
        if finding.role != "definition"
    ]


def _exported(public: Sequence[Singleton]) -> list[str]:
    if not public:
        return []
    names = ", ".join(sorted(one.symbols[-1] for one in public)[:_MOST])
    more = f" and {len(public) - _MOST} more" if len(public) > _MOST else ""
    return [f"  # without a rule, because __all__ of their module lists them (public API): {names}{more}"]


def _deprecated(repository: Repository, sha: str, paths: Sequence[str]) -> list[str]:
    """Return the functions and classes that the code itself declares deprecated."""
    aside, roots = _aside(paths), source_roots(paths)
    files = [
        (path, blob)
        for raw, blob in repository.files(sha)
        if raw.endswith(b".py") and not path_matches(aside, path := decode_path(raw))
    ]
    contents = repository.blobs([blob for _, blob in files], MAX_BYTES)
    return [
        symbol
        for (path, _), (_, content) in zip(files, contents, strict=True)
        if not isinstance(content, Missing) and mentions_deprecation(content)
        for symbol in deprecated_definitions(path, content, roots)
    ]


def _deprecations(deprecated: Sequence[str], uses: Sequence[Finding]) -> list[str]:
    """Return a rule for the repository's own deprecated definitions, and one for the standard library's."""
    counts = Counter(finding.symbol for finding in uses)
    own = sorted({symbol for symbol in deprecated if counts[symbol]}, key=lambda each: (-counts[each], each))
    library = sorted(
        (each for each in STANDARD_LIBRARY if counts[each]), key=lambda each: (-counts[each], each)
    )
    lines: list[str] = []
    if unused := sorted({*deprecated} - {*own}):
        lines += [f"  # deprecated by the code itself and not used: {', '.join(unused)}"]
    if own:
        lines += ["  # deprecated by the code itself, and still used", "  - id: deprecated"]
        lines += ["    kind: deprecated-symbol", "    symbols:"]
        lines += [f"      - {each}  # {counted(counts[each], 'use')}" for each in own]
    if library:
        lines += ["  # deprecated in Python's standard library", "  - id: standard-library"]
        lines += ["    kind: deprecated-symbol", "    symbols:"]
        lines += [
            f"      - {each}  # {counted(counts[each], 'use')}; use {STANDARD_LIBRARY[each]}"
            for each in library
        ]
    return lines


def _content(repository: Repository, sha: str, path: str) -> bytes:
    content = repository.content(sha, RepoPath(path))
    return b"" if isinstance(content, Missing) else content


def _of(one: Singleton, uses: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in uses if finding.symbol in one.symbols]


def _rule(number: int, one: Singleton, uses: Sequence[Finding]) -> list[str]:
    files = Counter(finding.category for finding in {finding.path: finding for finding in uses}.values())
    consumers = ", ".join(f"{count} {category}" for category, count in files.most_common()) or "none"
    name = re.sub(r"[^a-z0-9]+", "-", one.symbols[0].rpartition(".")[2].lower()).strip("-")
    return [
        f"  # {printable(one.path)}: {counted(len(uses), 'use')} (files: {consumers})",
        f"  - id: {name or 'shared'}-{number}",
        "    kind: deprecated-symbol",
        "    symbols:",
        *(f"      - {symbol}" for symbol in one.symbols),
        "    risk: {definition: critical, stored-call: critical, call: high, reference: high,",
        "           string: low, re-export: medium, import: medium, unused-import: low}",
    ]


def _doubles(found: Iterable[Finding]) -> list[str]:
    names = doubles(found, _MOST)
    if not names:
        return []
    listed = ", ".join(f"{name} ({counted(count, 'time')})" for name, count in names)
    return [
        f"  # defined more than once: {listed}",
        "  - id: one-definition",
        "    kind: duplicate-definition",
        f"    names: {json.dumps([name for name, _ in names])}",
        "    risk: medium",
    ]
