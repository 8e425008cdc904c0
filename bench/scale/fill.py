"""Fills the records with a long history of many files, by SQL, as the scans would have written it.

Every figure follows from one table of lives: a third of the files has violations, each from one commit to
another or to this day. So snapshots, changes and states agree with each other on any page.
"""

from datetime import timedelta
from hashlib import sha256

from django.db import connection, transaction
from django.utils import timezone

from compliance.models import Issue, Phase, PlanVersion, Repository, Step

SPAN = timedelta(days=730)
_RISKS = ("critical", "high", "medium", "low")

_PLACES = """
CREATE TEMPORARY TABLE kind ON COMMIT DROP AS
SELECT n, rule, risk, category, phase, issue, category = ANY(%(counted)s) AS counted
FROM unnest(%(numbers)s::int[], %(rules)s::text[], %(risks)s::text[], %(categories)s::text[],
    %(phases)s::text[], %(issues)s::text[]) AS k(n, rule, risk, category, phase, issue);

INSERT INTO compliance_commit (repository_id, sha, parents, position, author_name, author_email, authored_at,
    committed_at, subject)
SELECT %(repository)s, substr(md5(%(slug)s || p) || md5(p::text), 1, 40), '[]', p, 'Author ' || p %% 25,
    'author' || p %% 25 || '@example.org', at, at, 'Step ' || p || ' of the migration'
FROM generate_series(1, %(commits)s) AS p,
    LATERAL (SELECT %(newest)s::timestamptz - (%(commits)s - p) * %(step)s::interval AS at) AS t;

CREATE TEMPORARY TABLE place ON COMMIT DROP AS SELECT position AS p, id, committed_at AS at
FROM compliance_commit WHERE repository_id = %(repository)s;
CREATE UNIQUE INDEX ON place (p);

CREATE TEMPORARY TABLE life ON COMMIT DROP AS
SELECT n, (n / 24 + n) %% %(kinds)s AS kind, first, 1 + n / 3 %% 3 AS number,
    CASE WHEN n %% 8 = 0 THEN NULL ELSE least(%(commits)s - 1, first + n * 7919 %% %(commits)s) END AS last
FROM generate_series(0, %(files)s - 1, 3) AS n,
    LATERAL (SELECT CASE WHEN n %% 40 = 0 THEN 2 + n * 31 %% (%(commits)s - 2) ELSE 1 END AS first) AS f;
CREATE UNIQUE INDEX ON life (n);

INSERT INTO compliance_file (repository_id, path, status, category, violations, suppressed, waived,
    worst_risk, changed_at)
SELECT %(repository)s, 'shop/part_' || g %% 97 || '/module_' || lpad(g::text, 6, '0') || '.py',
    CASE WHEN l.n IS NULL THEN 'clean' WHEN l.last IS NOT NULL THEN 'migrated'
        WHEN l.first > 1 THEN 'regressed' ELSE 'open' END,
    k.category, CASE WHEN l.n IS NULL OR l.last IS NOT NULL THEN 0 ELSE l.number END, 0, 0,
    CASE WHEN l.n IS NULL OR l.last IS NOT NULL THEN '' ELSE k.risk END, p.at
FROM generate_series(0, %(files)s - 1) AS g
JOIN kind AS k ON k.n = (g / 24 + g) %% %(kinds)s
LEFT JOIN life AS l ON l.n = g
LEFT JOIN place AS p ON p.p = coalesce(l.last + 1, nullif(l.first, 1));

CREATE TEMPORARY TABLE paper ON COMMIT DROP AS
SELECT substring(path from '(\\d+)\\.py$')::int AS n, id, path FROM compliance_file
WHERE repository_id = %(repository)s;
CREATE UNIQUE INDEX ON paper (n);
"""

_LIVES = """
INSERT INTO compliance_violation (plan_id, file_id, introduced_id, resolved_id, first, last, rule, role,
    symbol, scope, risk, category, message, snippet, line, "column", end_line, end_column, fingerprint,
    origin_path, origin_fingerprint, issues, phases, counted, suppressed, reason)
SELECT %(plan)s, f.id, b.id, e.id, l.first, l.last, k.rule, 'call', 'shop.core.get_factory', 'run',
    k.risk, k.category, 'One factory shared by all users', 'factory = get_factory()', 10 * v, 5, 10 * v, 30,
    md5(l.n || ' ' || v), f.path, md5(l.n || ' ' || v), jsonb_build_array(k.issue),
    jsonb_build_array(k.phase), k.counted, false, ''
FROM life AS l JOIN kind AS k ON k.n = l.kind JOIN paper AS f ON f.n = l.n
JOIN place AS b ON b.p = l.first LEFT JOIN place AS e ON e.p = l.last + 1, generate_series(1, l.number) AS v;

INSERT INTO compliance_change (commit_id, plan_id, violation_id, kind, rung, rule, role, symbol, risk,
    category, counted, path, line, snippet, old_path, old_snippet, fingerprint, old_fingerprint, regression)
SELECT c.commit, %(plan)s, v.id, c.kind, '', v.rule, v.role, v.symbol, v.risk, v.category, v.counted,
    v.origin_path, v.line, v.snippet, '', '', v.fingerprint, '', c.kind = 'new'
FROM compliance_violation AS v, LATERAL (
    SELECT v.introduced_id, 'new' WHERE v.first > 1
    UNION ALL SELECT v.resolved_id, 'fixed' WHERE v.last IS NOT NULL
) AS c(commit, kind) WHERE v.plan_id = %(plan)s;

INSERT INTO compliance_filestate (plan_id, file_id, first, last, category, violations, suppressed, old_sites,
    new_sites, tainted, unparsed, unparsed_line, skipped)
SELECT %(plan)s, f.id, s.first, s.last, k.category, s.number, 0, s.number, 0, false, '', 0, ''
FROM paper AS f JOIN kind AS k ON k.n = (f.n / 24 + f.n) %% %(kinds)s LEFT JOIN life AS l ON l.n = f.n,
LATERAL (
    SELECT 1, NULL::int, 0 WHERE l.n IS NULL
    UNION ALL SELECT 1, l.first - 1, 0 WHERE l.first > 1
    UNION ALL SELECT l.first, l.last, l.number WHERE l.n IS NOT NULL
    UNION ALL SELECT l.last + 1, NULL, 0 WHERE l.last IS NOT NULL
) AS s(first, last, number);
"""

_FIGURES = """
CREATE TEMPORARY TABLE slice ON COMMIT DROP AS
SELECT k.n AS kind, d.dimension, d.key FROM kind AS k, LATERAL (VALUES ('category', k.category),
    ('phase', k.phase), ('issue', k.issue), ('rule', k.rule), ('risk', k.risk), ('', '')) AS d(dimension, key)
WHERE k.counted OR d.dimension IN ('category', 'phase', 'issue');

CREATE TEMPORARY TABLE moved ON COMMIT DROP AS
WITH step AS (
    SELECT kind, first AS p, number, 1 AS file FROM life
    UNION ALL SELECT kind, last + 1, -number, -1 FROM life WHERE last IS NOT NULL
)
SELECT s.dimension, s.key, m.p, sum(m.number) AS number, sum(m.file) AS files,
    sum(m.number) FILTER (WHERE m.number > 0) AS new, -sum(m.number) FILTER (WHERE m.number < 0) AS fixed
FROM step AS m JOIN slice AS s USING (kind) GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX ON moved (dimension, key, p);
ANALYZE moved;
ANALYZE place;

CREATE TEMPORARY TABLE figure ON COMMIT DROP AS
SELECT k.dimension, k.key, p.p, coalesce(m.new, 0) AS new, coalesce(m.fixed, 0) AS fixed,
    sum(coalesce(m.number, 0)) OVER line AS violations, sum(coalesce(m.files, 0)) OVER line AS files
FROM (SELECT DISTINCT dimension, key FROM slice) AS k CROSS JOIN place AS p
LEFT JOIN moved AS m ON (m.dimension, m.key, m.p) = (k.dimension, k.key, p.p)
WINDOW line AS (PARTITION BY k.dimension, k.key ORDER BY p.p);

CREATE INDEX ON figure (p);
ANALYZE figure;
CREATE TEMPORARY TABLE sized ON COMMIT DROP AS
SELECT jsonb_object_agg(category, n) AS of_each, sum(n) FILTER (WHERE counted) AS files FROM (
    SELECT k.category, k.counted, count(*) AS n
    FROM paper AS f JOIN kind AS k ON k.n = (f.n / 24 + f.n) %% %(kinds)s GROUP BY 1, 2
) AS g;

INSERT INTO compliance_snapshot (commit_id, plan_id, files, clean, violations, files_with_violations,
    old_sites, new_sites, suppressed, unparsed, skipped, new, fixed, moved, files_added, files_gone, by,
    category_files, waived)
SELECT p.id, %(plan)s, t.files, t.files - w.files, w.violations, w.files, w.violations, 0, 0, 0, 0,
    CASE WHEN w.p = 1 THEN 0 ELSE w.new END, w.fixed, 0, 0, 0, b.by, t.of_each, '{}'
FROM figure AS w JOIN place AS p USING (p)
JOIN (
    SELECT p, jsonb_object_agg(dimension, keys) AS by FROM (
        SELECT p, dimension, jsonb_object_agg(key, jsonb_build_array(violations, files)) AS keys
        FROM figure WHERE dimension <> '' GROUP BY 1, 2
    ) AS by_key GROUP BY 1
) AS b USING (p),
sized AS t
WHERE w.dimension = '';

DROP TABLE kind, place, life, paper, slice, moved, figure, sized;
"""


def fill(like: Repository, slug: str, commits: int, files: int) -> Repository:
    """A repository with the plan, phases and issues of `like`, so many commits and so many files.

    Raises AssertionError when `like` has no plan in force.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        made, plan = _copy(like, slug)
        values = {
            **_kinds(plan),
            "repository": made.pk,
            "slug": slug,
            "plan": plan.pk,
            "commits": commits,
            "files": files,
            "counted": plan.counted,
            "newest": timezone.now(),
            "step": SPAN / commits,
        }
        for block in (_PLACES, _LIVES, _FIGURES):
            for statement in block.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, values)
        made.head = made.commits.get(position=commits)
        made.history_done, made.line_length = True, commits
        made.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return made


def _copy(like: Repository, slug: str) -> tuple[Repository, PlanVersion]:
    assert like.plan, "the repository to be like has no plan in force"
    made = Repository.objects.create(slug=slug, name=f"{slug} of {like.name}", url=f"{like.url}-{slug}")
    plan = PlanVersion.objects.get(pk=like.plan.pk)
    plan.pk, plan.repository, plan.digest = None, made, sha256(slug.encode()).hexdigest()
    plan.save(force_insert=True)
    made.plan = plan
    made.save()
    for issue in Issue.objects.filter(repository=like, in_plan=True):
        phases, steps = list(issue.phases.filter(in_plan=True)), list(issue.steps.all())
        issue.pk, issue.repository = None, made
        issue.save(force_insert=True)
        rows: list[Phase | Step] = [*phases, *steps]
        for row in rows:
            row.pk, row.issue = None, issue
            if isinstance(row, Step):
                row.done_by = None
            else:
                row.closed_by = row.closed_at = None
            row.save(force_insert=True)
    return made, plan


def _kinds(plan: PlanVersion) -> dict[str, object]:
    """What the files may have, in turn: each phase with its issue, and a rule, a risk and a category."""
    phases = list(
        Phase.objects.filter(issue__repository=plan.repository, in_plan=True).values_list("key", "issue__key")
    )
    counted = plan.counted[0]
    numbers = range(5 * max(1, len(phases)))
    return {
        "kinds": len(numbers),
        "numbers": list(numbers),
        "rules": [f"rule-{n % 12}" for n in numbers],
        "risks": [_RISKS[n % 4] for n in numbers],
        "categories": [counted if n // 5 % 5 else "unit" for n in numbers],
        "phases": [phases[n % len(phases)][0] for n in numbers],
        "issues": [phases[n % len(phases)][1] for n in numbers],
    }
