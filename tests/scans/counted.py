"""A repository's figures, counted with plain SQL from violations, files and waivers, without any snapshot."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from compliance.models import Repository

_STANDING = """
SELECT f.path, v.line, v.rule, v.suppressed, jsonb_exists(p.counted, v.category), v.phases, v.waiver_id
FROM compliance_violation v JOIN compliance_file f ON f.id = v.file_id
JOIN compliance_planversion p ON p.id = v.plan_id WHERE v.plan_id = %s AND v.last IS NULL"""
_FILES = """
SELECT f.path, s.tainted FROM compliance_filestate s JOIN compliance_file f ON f.id = s.file_id
JOIN compliance_planversion p ON p.id = s.plan_id
WHERE s.plan_id = %s AND s.last IS NULL AND jsonb_exists(p.counted, s.category) AND s.skipped = ''"""
_WAIVERS = """
SELECT w.id, w.glob, w.rule, w.fingerprint FROM compliance_waiver w
JOIN compliance_planversion p ON p.repository_id = w.repository_id
WHERE p.id = %s AND w.state = 'approved' ORDER BY w.decided_at, w.id"""
_FIXED = """
SELECT key, count(*), count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM compliance_filestate s WHERE s.plan_id = v.plan_id AND s.file_id = v.file_id
        AND s.first <= v.last + 1 AND v.last + 1 <= coalesce(s.last, v.last + 1)
))
FROM compliance_violation v JOIN compliance_baseline b ON b.plan_id = v.plan_id
JOIN compliance_commit c ON c.id = b.commit_id CROSS JOIN jsonb_array_elements_text(v.phases) AS key
WHERE v.plan_id = %s AND NOT v.suppressed AND NOT v.silenced AND v.last >= c.position GROUP BY key"""
_PHASES = """
SELECT h.key FROM compliance_phase h JOIN compliance_issue i ON i.id = h.issue_id
JOIN compliance_planversion p ON p.repository_id = i.repository_id
WHERE p.id = %s AND h.in_plan AND i.in_plan"""
_LATELY = "c.position > 1 AND coalesce(c.placed_at, c.committed_at) > now() - interval '7 days'"
_WEEK = f"""
SELECT g.kind, count(*) FROM compliance_change g JOIN compliance_commit c ON c.id = g.commit_id
WHERE g.plan_id = %s AND g.counted AND {_LATELY} GROUP BY g.kind"""
_IN_REMOVED_FILES = f"""
SELECT count(*) FROM compliance_change g JOIN compliance_commit c ON c.id = g.commit_id
WHERE g.plan_id = %s AND g.counted AND g.kind = 'fixed' AND {_LATELY} AND NOT EXISTS (
    SELECT FROM compliance_filestate s JOIN compliance_file f ON f.id = s.file_id
    WHERE s.plan_id = g.plan_id AND f.path = g.path AND s.first <= c.position
        AND c.position <= coalesce(s.last, c.position)
)"""
_COMMITS = f"""
SELECT count(*) FROM compliance_commit c JOIN compliance_planversion p ON p.repository_id = c.repository_id
WHERE p.id = %s AND {_LATELY}"""


@dataclass
class Counted:
    """What every surface must show. `places` has each violation with its state, `by_file` the open and waived
    ones of each file, and `phases` what is fixed and left, in how many files; `removed` is the part of what
    is fixed in each phase that was in removed files. `commits` and `week` are the commits of the last seven
    days and what they did, with the number of `removed` ones again.
    """

    files: int = 0
    clean: int = 0
    clean_with_waivers: int = 0
    violations: int = 0
    violating: int = 0
    waived: int = 0
    suppressed: int = 0
    places: Counter[tuple[str, int, str, str]] = field(default_factory=Counter)
    by_file: dict[str, tuple[int, int]] = field(default_factory=dict)
    by_waiver: dict[int, int] = field(default_factory=dict)
    phases: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    commits: int = 0
    week: dict[str, int] = field(default_factory=dict)

    @property
    def percent(self) -> float | None:
        return _percent(self.clean, self.files)

    @property
    def percent_with_waivers(self) -> float | None:
        return _percent(self.clean_with_waivers, self.files)


def _percent(part: int, whole: int) -> float | None:
    return part * 1000 // whole / 10 if whole else None


def covers(glob: str, path: str) -> bool:
    """Return true if one of the few kinds of globs that these tests use matches a path."""
    if glob.startswith("**/"):
        return path == glob[3:] or path.endswith(glob[2:])
    return path.startswith(glob[:-2]) if glob.endswith("/**") else path == glob


def count(repository: Repository) -> Counted:
    """Count everything at the newest commit under the active plan."""
    told, open_ = Counted(), Counter[str]()
    counted, waived, left = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    waivers = _sql(_WAIVERS, repository)
    told.by_waiver = {row[0]: 0 for row in waivers}
    for path, line, rule, suppressed, counts, phases, marked in _sql(_STANDING, repository):
        if suppressed:
            told.places[path, line, rule, "suppressed"] += 1
            told.suppressed += counts
            continue
        waiver = _first(waivers, path, rule, marked)
        told.places[path, line, rule, "waived" if waiver else "open"] += 1
        open_[path] += 1
        counted[path] += counts
        if waiver:
            told.by_waiver[waiver] += 1
            waived[path] += 1
            told.waived += counts
        for key in _list(phases):
            left[key, path] += 1
    told.by_file = {path: (number, waived[path]) for path, number in open_.items()}
    told.violations, told.violating = counted.total(), sum(number > 0 for number in counted.values())
    for path, tainted in _sql(_FILES, repository):
        told.files += 1
        told.clean += not open_[path] and not tainted
        told.clean_with_waivers += open_[path] == waived[path] and not tainted
    fixed = {key: numbers for key, *numbers in _sql(_FIXED, repository)}
    for (key,) in _sql(_PHASES, repository):
        parts = [number for (phase, _), number in left.items() if phase == key]
        number, told.removed[key] = fixed.get(key, (0, 0))
        told.phases[key] = (number, sum(parts), len(parts))
    told.week, told.commits = dict(_sql(_WEEK, repository)), _sql(_COMMITS, repository)[0][0]
    told.week["removed"] = _sql(_IN_REMOVED_FILES, repository)[0][0]
    return told


def _first(waivers: list[Any], path: str, rule: str, marked: int | None) -> int | None:
    """Return the waiver that was approved first of those that cover a violation. One for a single violation
    has moved with it, so only the violation's row knows it.
    """
    for pk, glob, of, fingerprint in waivers:
        if pk == marked if fingerprint else covers(glob, path) and of in ("", rule):
            return int(pk)
    return None


def _list(value: Any) -> list[str]:
    return list(json.loads(value)) if isinstance(value, str) else list(value)


def _sql(query: str, repository: Repository) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [repository.plan_id])
        return list(cursor.fetchall())
