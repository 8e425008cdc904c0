"""Rows by SQL: many small repositories, one with many open violations, and many jobs."""

from datetime import timedelta
from hashlib import sha256

from django.db import connection
from django.utils import timezone

from compliance.models import Commit, Issue, Phase, PlanVersion, Repository, Snapshot

FILES, PER_FILE, PHASES = 25_000, 4, 16
RISKS = ("critical", "high", "medium", "low")
CATEGORIES = ("library", "unit", "tools")

_FILES = """
INSERT INTO compliance_file (repository_id, path, status, category, violations, suppressed, waived,
    worst_risk, changed_at)
SELECT %(repository)s, 'shop/part_' || g %% 97 || '/module_' || lpad(g::text, 6, '0') || '.py',
    CASE WHEN g < %(open)s THEN 'open' ELSE 'clean' END, (%(categories)s::text[])[1 + g %% 3],
    CASE WHEN g < %(open)s THEN %(each)s ELSE 0 END, 0, 0,
    CASE WHEN g < %(open)s THEN (%(risks)s::text[])[1 + g %% 4] ELSE '' END, now()
FROM generate_series(0, %(files)s - 1) AS g
"""
_VIOLATIONS = """
INSERT INTO compliance_violation (plan_id, file_id, introduced_id, first, rule, role, symbol, scope, risk,
    category, message, snippet, line, "column", end_line, end_column, fingerprint, origin_path,
    origin_fingerprint, issues, phases, counted, suppressed, reason)
SELECT %(plan)s, f.id, %(commit)s, 1, 'rule-' || f.id %% 12, 'call', 'shop.core.get_factory', 'run',
    f.worst_risk, f.category, 'One factory shared by all users', 'factory = get_factory()', 10 * v, 5, 10 * v,
    30, md5(f.id || ' ' || v), f.path, md5(f.id || ' ' || v), jsonb_build_array('ISSUE-' || f.id %% 4),
    jsonb_build_array('phase-' || f.id %% %(phases)s), true, false, ''
FROM compliance_file AS f, generate_series(1, %(each)s) AS v
WHERE f.repository_id = %(repository)s AND f.violations > 0
"""
_STATES = """
INSERT INTO compliance_filestate (plan_id, file_id, first, category, violations, suppressed, old_sites,
    new_sites, tainted, unparsed, unparsed_line, skipped)
SELECT %(plan)s, id, 1, category, violations, 0, violations, 0, false, '', 0, ''
FROM compliance_file WHERE repository_id = %(repository)s
"""
_JOBS = """
INSERT INTO compliance_job (repository_id, kind, key, detail, priority, state, attempts, max_attempts, merged,
    due_at, worker, done_steps, total_steps, error, cause, created_at, started_at, finished_at)
SELECT (%(repositories)s::bigint[])[1 + g %% cardinality(%(repositories)s::bigint[])], 'update', '', '{}', 10,
    'done', 1, 5, 0, at, 'worker', 1, 1, '', 'poll', at, at, at
FROM generate_series(1, %(jobs)s) AS g, LATERAL (SELECT now() - g * interval '30 seconds' AS at) AS t
"""


def repository(slug: str, plan_name: str, days: int = 1, counts: tuple[int, int] = (10, 8)) -> Repository:
    """Return a new repository with an active plan, phases, and one recorded commit a day."""
    made = Repository.objects.create(
        slug=slug,
        name=slug,
        url=f"https://example.org/{slug}.git",
        history_done=True,
        line_length=days,
        polled_at=timezone.now(),
    )
    plan = PlanVersion.objects.create(
        repository=made,
        number=1,
        digest=sha256(slug.encode()).hexdigest(),
        name=plan_name,
        text="version: 1",
        counted=["library"],
        target_percent=95,
        source="bench",
    )
    commits = Commit.objects.bulk_create(_commit(made, day, days) for day in range(days))
    issues = [
        Issue.objects.create(repository=made, key=f"ISSUE-{n}", title=f"Issue {n}", order=n) for n in range(4)
    ]
    Phase.objects.bulk_create(
        Phase(issue=issues[n % 4], key=f"phase-{n}", title=f"Phase {n}", due=timezone.now().date(), order=n)
        for n in range(PHASES)
    )
    files, clean = counts
    left = {f"phase-{n}": [(files - clean) * 4 // PHASES, (files - clean) // PHASES] for n in range(PHASES)}
    by = {
        "phase": left,
        "issue": {},
        "rule": {f"rule-{n}": [1, 1] for n in range(12)},
        "risk": {},
        "category": {},
    }
    numbers = dict.fromkeys(
        ("old_sites", "new_sites", "suppressed", "unparsed", "skipped", "new", "fixed", "moved"), 0
    )
    Snapshot.objects.bulk_create(
        Snapshot(
            commit=commit, plan=plan, files=files, clean=clean, violations=(files - clean) * 4,
            files_with_violations=files - clean, files_added=0, files_gone=0, by=by,
            category_files=dict.fromkeys(CATEGORIES, files), **numbers,
        )
        for commit in commits
    )  # fmt: skip
    made.plan, made.head = plan, commits[-1]
    made.save()
    return made


def _commit(repository: Repository, day: int, days: int) -> Commit:
    at = timezone.now() - timedelta(days=days - 1 - day)
    return Commit(
        repository=repository,
        sha=sha256(f"{repository.slug} {day}".encode()).hexdigest()[:40],
        parents=[],
        position=day + 1,
        author_name="Ada",
        author_email="ada@example.org",
        subject="Migrate",
        authored_at=at,
        committed_at=at,
    )


def large(slug: str = "large", files: int = 30_000, open_files: int = FILES) -> Repository:
    """Return a repository with `PER_FILE` open violations in each of `open_files` files."""
    made = repository(slug, "Large plan", 40, (files, files - open_files))
    values = {
        "repository": made.pk,
        "plan": made.plan_id,
        "commit": made.head_id,
        "files": files,
        "open": open_files,
        "each": PER_FILE,
        "phases": PHASES,
        "risks": list(RISKS),
        "categories": list(CATEGORIES),
    }
    with connection.cursor() as cursor:
        for statement in (_FILES, _VIOLATIONS, _STATES):
            cursor.execute(statement, values)
    return made


def jobs(count: int, repositories: list[Repository]) -> None:
    """Add finished jobs to these repositories in turn."""
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, {"jobs": count, "repositories": [row.pk for row in repositories]})


def analyse() -> None:
    """Bring statistics and the visibility map up to date, as autovacuum does."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
